#pragma once

#include <string>

#include "daemon/exports/exported.h"
#include "daemon/trust/envelope.h"

namespace owrd::exports {

/// An envelope in DSSE's JSON form (secure-systems-lab/dsse 1.0, envelope.md): the same payload and
/// the same signatures, which any DSSE verifier can check; a key id is the hex of owrd's. `name` is
/// the file's name before ".dsse.json".
Exported dsse(const trust::Envelope& envelope, const std::string& name);

}  // namespace owrd::exports
