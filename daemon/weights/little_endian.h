#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>

#include "daemon/core/bytes.h"

namespace owrd::weights {

/// The unsigned number in `bytes` bytes (at most 8) from `offset` on, the least byte first. The
/// view must hold them.
inline std::uint64_t little_endian(ByteView view, std::size_t offset, std::size_t bytes) {
  assert(bytes <= 8 && offset <= view.size() && bytes <= view.size() - offset);
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i-- > 0;)
    value = value << 8 | std::to_integer<std::uint64_t>(view[offset + i]);
  return value;
}

}  // namespace owrd::weights
