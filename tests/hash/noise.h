#pragma once

#include <cstdint>

#include "daemon/core/bytes.h"

namespace owrd::hash {

/// Bytes of which no two blocks are alike; the same for the same size.
inline Bytes noise(std::size_t size) {
  Bytes bytes(size);
  std::uint64_t state = 1;
  for (auto& byte : bytes) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    byte = static_cast<std::byte>(state >> 56);
  }
  return bytes;
}

}  // namespace owrd::hash
