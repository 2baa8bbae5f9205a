#include "daemon/core/digest.h"

#include <algorithm>

namespace owrd {

Result<Digest> Digest::from_bytes(ByteView bytes) {
  if (bytes.size() != kBytes)
    return Error{ErrorCode::InvalidInput,
                 "digest: expected 32 bytes, got " + std::to_string(bytes.size())};
  std::array<std::byte, kBytes> array{};
  std::copy(bytes.begin(), bytes.end(), array.begin());
  return Digest(array);
}

Result<Digest> Digest::from_hex(std::string_view hex) {
  const auto bytes = parse_hex(hex);
  if (!bytes) return Error{ErrorCode::InvalidInput, "digest: expected 64 lower-case hex digits"};
  if (bytes->size() != kBytes)
    return Error{ErrorCode::InvalidInput,
                 "digest: expected 64 hex digits, got " + std::to_string(hex.size())};
  return from_bytes(*bytes);
}

}  // namespace owrd
