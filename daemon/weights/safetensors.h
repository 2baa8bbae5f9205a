#pragma once

#include <cstdint>

#include "daemon/core/result.h"
#include "daemon/weights/byte_source.h"
#include "daemon/weights/inventory.h"

namespace owrd::weights {

/// The most bytes of a safetensors header (safetensors, README.md: MAX_HEADER_SIZE).
constexpr std::uint64_t kSafetensorsHeaderLimitBytes = 100'000'000;

/// Reads the header alone, by the text of the format (safetensors, README.md, "Format", and
/// docs/safetensors.schema.json), also where the reference reader is lax: each name and each field
/// once, no control characters in names, no hole, no overlap, no byte left over, sizes that follow
/// from dtype and shape.
///
/// Warns of a header over 25 MB, which the Hugging Face client refuses, of unknown fields and of
/// other padding than spaces.
Result<Inventory> read_safetensors(ByteSource& source);

}  // namespace owrd::weights
