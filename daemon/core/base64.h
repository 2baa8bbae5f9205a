#pragma once

#include <string>

#include "daemon/core/bytes.h"

namespace owrd {

/// RFC 4648 section 4, with padding.
std::string to_base64(ByteView bytes);

}  // namespace owrd
