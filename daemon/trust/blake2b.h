#pragma once

#include "daemon/core/bytes.h"

namespace owrd::trust {

/// BLAKE2b-512 (RFC 7693), without a key: 64 bytes. What minisign signs of a file.
Bytes blake2b_512(ByteView bytes);

}  // namespace owrd::trust
