#include "daemon/weights/byte_stream.h"

#include <algorithm>
#include <cassert>

#include "daemon/weights/little_endian.h"

namespace owrd::weights {
ByteStream::ByteStream(ByteSource& source, std::uint64_t begin, std::uint64_t end,
                       std::size_t window_bytes)
    : source_(source), position_(begin), end_(end), window_bytes_(window_bytes) {
  assert(begin <= end && end <= source.size());
}

Error ByteStream::ends_early(std::uint64_t bytes) const {
  return Error{ErrorCode::InvalidInput, "ends after byte " + std::to_string(end_) + ", " +
                                            std::to_string(bytes) + " bytes were to follow byte " +
                                            std::to_string(position_)};
}

ByteView ByteStream::window() const {
  return ByteView(window_).subspan(static_cast<std::size_t>(position_ - window_begin_));
}

Result<> ByteStream::fill(std::size_t bytes) {
  if (bytes > remaining()) return ends_early(bytes);
  const bool is_inside = position_ >= window_begin_ && position_ - window_begin_ <= window_.size();
  if (is_inside && window().size() >= bytes) return Done{};
  auto read =
      source_.read(position_, std::min<std::uint64_t>(remaining(), std::max(bytes, window_bytes_)));
  if (!read) return read.error();
  window_ = *std::move(read);
  window_begin_ = position_;
  return Done{};
}

Result<std::uint64_t> ByteStream::number(std::size_t bytes) {
  const auto filled = fill(bytes);
  if (!filled) return filled.error();
  const auto value = little_endian(window(), 0, bytes);
  position_ += bytes;
  return value;
}

Result<std::string> ByteStream::text(std::uint64_t bytes, std::uint64_t limit_bytes) {
  if (bytes > limit_bytes)
    return Error{ErrorCode::InvalidInput, std::to_string(bytes) + " bytes of text at byte " +
                                              std::to_string(position_) + ", the most is " +
                                              std::to_string(limit_bytes)};
  if (bytes > remaining()) return ends_early(bytes);
  std::string text;
  text.reserve(static_cast<std::size_t>(bytes));
  while (text.size() < bytes) {
    const auto part = std::min<std::uint64_t>(bytes - text.size(), window_bytes_);
    const auto filled = fill(static_cast<std::size_t>(part));
    if (!filled) return filled.error();
    text += as_text(window().first(static_cast<std::size_t>(part)));
    position_ += part;
  }
  return text;
}

Result<std::string> ByteStream::line(std::size_t limit_bytes) {
  std::string line;
  while (true) {
    const auto filled = fill(1);
    if (!filled) return filled.error();
    const auto seen = as_text(window());
    const auto end = seen.find('\n');
    line += seen.substr(0, end);
    if (line.size() > limit_bytes)
      return Error{ErrorCode::InvalidInput,
                   "a line of more than " + std::to_string(limit_bytes) + " bytes"};
    position_ += end == seen.npos ? seen.size() : end + 1;
    if (end != seen.npos) return line;
  }
}

Result<> ByteStream::skip(std::uint64_t bytes) {
  if (bytes > remaining()) return ends_early(bytes);
  position_ += bytes;
  return Done{};
}

Result<std::uint8_t> ByteStream::peek() {
  const auto filled = fill(1);
  if (!filled) return filled.error();
  return std::to_integer<std::uint8_t>(window()[0]);
}

}  // namespace owrd::weights
