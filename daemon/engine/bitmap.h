#pragma once

#include <cstddef>
#include <cstdint>

#include "daemon/core/bytes.h"

namespace owrd::engine {

/// One bit a piece, in the layout of swarm.proto: bit p is (byte p/8) & (0x80 >> p%8). Its size
/// never changes.
class Bitmap {
 public:
  explicit Bitmap(std::uint32_t size) : size_(size), bytes_((size + 7) / 8) {}
  /// Bits beyond `size` are ignored, missing ones are 0.
  Bitmap(std::uint32_t size, ByteView bytes);

  std::uint32_t size() const { return size_; }
  bool test(std::uint32_t bit) const;
  void set(std::uint32_t bit);
  void clear(std::uint32_t bit);
  void set_all();
  void clear_all();
  std::uint32_t count() const { return count_; }
  bool all() const { return count_ == size_; }
  const Bytes& bytes() const { return bytes_; }

  /// `count` bits from `first`, as a bitmap of their own.
  Bitmap slice(std::uint32_t first, std::uint32_t count) const;
  /// Sets here, from `first` on, the bits that are set in `part`.
  void merge(std::uint32_t first, const Bitmap& part);

 private:
  std::uint32_t size_;
  std::uint32_t count_ = 0;
  Bytes bytes_;
};

}  // namespace owrd::engine
