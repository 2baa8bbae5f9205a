#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace owrd::control {

/// `text` with every byte that is not part of valid UTF-8 replaced by U+FFFD: paths and messages of
/// the system may hold any bytes, JSON and protobuf strings may not.
std::string valid_utf8(std::string_view text);

/// A JSON string (RFC 8259 section 7), quotes included.
std::string json_string(std::string_view text);

/// RFC 4648 section 4, without padding.
std::string base64(std::string_view bytes);
/// Takes the standard and the URL-safe alphabet, padded or not; nothing when `text` is neither.
std::optional<std::string> parse_base64(std::string_view text);

/// The value of a query parameter: `%XX` and `+` taken apart; nothing when an escape is broken.
std::optional<std::string> parse_query_value(std::string_view text);

}  // namespace owrd::control
