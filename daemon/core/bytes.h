#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/result.h"

namespace owrd {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

/// The same bytes, seen as the other type; the view lives as long as its argument.
inline ByteView as_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes to_bytes(ByteView bytes) { return {bytes.begin(), bytes.end()}; }
inline Bytes to_bytes(std::string_view text) { return to_bytes(as_bytes(text)); }

/// Lower case.
std::string to_hex(ByteView bytes);
/// Accepts an even number of lower-case digits.
Result<Bytes> parse_hex(std::string_view text);

}  // namespace owrd
