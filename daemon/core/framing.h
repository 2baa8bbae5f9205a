#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/core/result.h"

/// Messages over a byte stream: each is a 4-byte big-endian length and that many bytes.
namespace owrd {

/// Longer frames are refused by both sides: no message of owrd comes near it.
constexpr std::size_t kMaxFrameBytes = std::size_t{64} * 1024 * 1024;

/// Takes a stream apart, however it is cut.
class FrameReader {
 public:
  void feed(std::string_view bytes);
  /// The next whole frame; nothing while it is not complete. Corrupt when a length is over
  /// kMaxFrameBytes: the stream is lost then, and every later call says so again.
  Result<std::optional<std::string>> next();

  /// Feeds what can be read from the non-blocking `fd` at once, up to 1 MiB. False at its end.
  Result<bool> read_from(int fd);

 private:
  std::string buffer_;
  std::size_t used_ = 0;
};

/// Frames on their way out.
class FrameWriter {
 public:
  /// InvalidInput, and nothing is queued, when `body` is over kMaxFrameBytes.
  Result<> queue(std::string_view body);
  /// Writes as much as the non-blocking `fd` takes. True when nothing is left.
  Result<bool> write_to(int fd);

  /// Bytes that still wait, lengths included.
  std::size_t queued_bytes() const { return queued_; }

 private:
  std::deque<std::string> frames_;
  std::size_t written_ = 0;  ///< Of the first frame.
  std::size_t queued_ = 0;
};

}  // namespace owrd
