#pragma once

#include <sodium.h>

#include <cstddef>
#include <span>
#include <utility>

#include "daemon/core/bytes.h"
#include "daemon/trust/key.h"

namespace owrd::trust {

/// Bytes between guard pages, kept out of swap and core dumps, wiped when they are freed
/// (sodium_malloc()). Only for this room's own sources.
class SecretBytes {
 public:
  static Result<SecretBytes> allocate(std::size_t size) {
    // Before it has started, libsodium has no canary to put beside the memory.
    if (sodium_init() < 0) return Error{ErrorCode::Internal, "key: libsodium cannot start"};
    auto* const data = static_cast<std::byte*>(sodium_malloc(size));
    if (data == nullptr) return Error{ErrorCode::Internal, "key: no protected memory could be had"};
    return SecretBytes(data, size);
  }

  SecretBytes(SecretBytes&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~SecretBytes() { sodium_free(data_); }

  std::span<std::byte> bytes() { return {data_, size_}; }
  ByteView bytes() const { return {data_, size_}; }

 private:
  SecretBytes(std::byte* data, std::size_t size) : data_(data), size_(size) {}
  std::byte* data_;
  std::size_t size_;
};

/// The 64 bytes of libsodium's secret key: the seed, then the public key.
struct SecretKey::Locked {
  SecretBytes key;
  ByteView seed() const { return key.bytes().first(crypto_sign_SEEDBYTES); }
};

inline const unsigned char* data_of(ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
inline unsigned char* data_of(std::span<std::byte> bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

}  // namespace owrd::trust
