#pragma once

#include "daemon/weights/finding.h"
#include "daemon/weights/pickle_scan.h"

namespace owrd::weights {

/// pickle.weights-only (pass), pickle.unknown or pickle.dangerous (fail), with the globals named
/// and the reasons in the detail.
Finding finding_of(const PickleScan& scan);

}  // namespace owrd::weights
