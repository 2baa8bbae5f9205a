#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "daemon/weights/byte_source.h"

namespace owrd::weights {

/// Reads part of a source from front to back through a window, so that a header of unknown length
/// costs few reads. What is skipped is not read, but for what of it lies in the window. The source
/// must outlive it.
class ByteStream {
 public:
  /// The whole source.
  explicit ByteStream(ByteSource& source) : ByteStream(source, 0, source.size()) {}
  /// [begin, end) of the source, within its size. So much is read at once.
  ByteStream(ByteSource& source, std::uint64_t begin, std::uint64_t end,
             std::size_t window_bytes = 64 << 10);

  /// From the beginning of the source.
  std::uint64_t position() const { return position_; }
  std::uint64_t remaining() const { return end_ - position_; }

  /// An unsigned number of 1 to 8 bytes, the least byte first.
  Result<std::uint64_t> number(std::size_t bytes);
  /// InvalidInput when it is longer than `limit_bytes` or than what remains, before anything is
  /// allocated.
  Result<std::string> text(std::uint64_t bytes, std::uint64_t limit_bytes);
  /// Up to the next '\n', which is taken and left out.
  Result<std::string> line(std::size_t limit_bytes);
  Result<> skip(std::uint64_t bytes);
  /// The next byte, which stays where it is.
  Result<std::uint8_t> peek();

 private:
  /// Makes the window hold `bytes` from position() on.
  Result<> fill(std::size_t bytes);
  ByteView window() const;
  Error ends_early(std::uint64_t bytes) const;

  ByteSource& source_;
  std::uint64_t position_;
  std::uint64_t end_;
  std::size_t window_bytes_;
  Bytes window_;
  std::uint64_t window_begin_ = 0;
};

}  // namespace owrd::weights
