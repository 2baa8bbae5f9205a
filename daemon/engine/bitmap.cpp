#include "daemon/engine/bitmap.h"

#include <algorithm>
#include <cassert>

namespace owrd::engine {
namespace {

std::byte mask(std::uint32_t bit) { return std::byte{0x80} >> (bit % 8); }

}  // namespace

Bitmap::Bitmap(std::uint32_t size, ByteView bytes) : Bitmap(size) {
  const auto bits = std::min<std::uint64_t>(size, std::uint64_t{bytes.size()} * 8);
  for (std::uint32_t bit = 0; bit < bits; ++bit)
    if ((bytes[bit / 8] & mask(bit)) != std::byte{}) set(bit);
}

bool Bitmap::test(std::uint32_t bit) const {
  assert(bit < size_);
  return (bytes_[bit / 8] & mask(bit)) != std::byte{};
}

void Bitmap::set(std::uint32_t bit) {
  if (test(bit)) return;
  bytes_[bit / 8] |= mask(bit);
  ++count_;
}

void Bitmap::clear(std::uint32_t bit) {
  if (!test(bit)) return;
  bytes_[bit / 8] &= ~mask(bit);
  --count_;
}

void Bitmap::set_all() {
  for (std::uint32_t bit = 0; bit < size_; ++bit) set(bit);
}

void Bitmap::clear_all() {
  std::fill(bytes_.begin(), bytes_.end(), std::byte{});
  count_ = 0;
}

Bitmap Bitmap::slice(std::uint32_t first, std::uint32_t count) const {
  Bitmap part(count);
  for (std::uint32_t bit = 0; bit < count; ++bit)
    if (test(first + bit)) part.set(bit);
  return part;
}

void Bitmap::merge(std::uint32_t first, const Bitmap& part) {
  for (std::uint32_t bit = 0; bit < part.size(); ++bit)
    if (part.test(bit)) set(first + bit);
}

}  // namespace owrd::engine
