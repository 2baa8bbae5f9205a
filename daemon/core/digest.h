#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <string>
#include <string_view>

#include "daemon/core/bytes.h"
#include "daemon/core/result.h"

namespace owrd {

/// A SHA-256 digest. Always 32 bytes; there is no empty digest.
class Digest {
 public:
  static constexpr std::size_t kBytes = 32;
  explicit Digest(const std::array<std::byte, kBytes>& bytes) : bytes_(bytes) {}

  /// Accepts exactly 32 bytes.
  static Result<Digest> from_bytes(ByteView bytes);
  /// Accepts exactly 64 lower-case hex digits.
  static Result<Digest> from_hex(std::string_view hex);

  ByteView bytes() const { return bytes_; }
  /// As a protobuf bytes field wants it.
  std::string to_field() const { return std::string(as_text(bytes_)); }
  std::string to_hex() const { return owrd::to_hex(bytes_); }

  friend auto operator<=>(const Digest&, const Digest&) = default;

 private:
  std::array<std::byte, kBytes> bytes_;
};

}  // namespace owrd
