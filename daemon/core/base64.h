#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/core/bytes.h"

namespace owrd {

/// RFC 4648 section 4, without padding.
std::string base64(std::string_view bytes);
/// The same with it, as most tools want it.
std::string padded_base64(std::string_view bytes);
inline std::string padded_base64(ByteView bytes) { return padded_base64(as_text(bytes)); }
/// Takes the standard and the URL-safe alphabet, padded or not; nothing when `text` is neither.
std::optional<std::string> parse_base64(std::string_view text);

}  // namespace owrd
