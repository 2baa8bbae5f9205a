#pragma once

#include <vector>

#include "daemon/core/bytes.h"
#include "daemon/core/result.h"
#include "daemon/trust/attestation.h"

namespace owrd::release {

/// The attestations that a publisher hands on beside its feed: a file of envelopes. Each is its
/// mirror's own word; one that does not verify is left out. Corrupt when the file has not its form.
Result<std::vector<trust::Attestation>> parse_attestations(ByteView file);
/// As many, from the first on, as the file may hold; empty bytes for none.
Bytes encode_attestations(const std::vector<trust::Attestation>& attestations);

}  // namespace owrd::release
