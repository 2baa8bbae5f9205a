#pragma once

#include <string_view>

#include "daemon/core/result.h"
#include "daemon/weights/byte_source.h"
#include "daemon/weights/inventory.h"

namespace owrd::weights {

/// Reads what a weight file says of itself, whatever its format, from its headers: see the readers
/// for what each refuses. A bare pickle that is not PyTorch's has no tensors. `name` is the file's
/// name or path. InvalidInput for what is not a weight file, and for Git LFS pointers.
Result<Inventory> inspect(std::string_view name, ByteSource& source);

/// What recognise() says of the first bytes.
Result<Format> recognise_source(std::string_view name, ByteSource& source);

}  // namespace owrd::weights
