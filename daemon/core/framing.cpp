#include "daemon/core/framing.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "daemon/core/system.h"

namespace owrd {
namespace {

constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kReadAtOnce = std::size_t{1024} * 1024;

std::size_t parse_length(const char* bytes) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i)
    length = length << 8 | static_cast<unsigned char>(bytes[i]);
  return length;
}

std::string make_length(std::size_t length) {
  std::string out(kLengthBytes, '\0');
  for (std::size_t i = 0; i < kLengthBytes; ++i)
    out[i] = static_cast<char>(length >> (8 * (kLengthBytes - 1 - i)) & 0xff);
  return out;
}

bool is_try_again(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

void FrameReader::feed(std::string_view bytes) {
  if (used_ > 0 && used_ * 2 >= buffer_.size()) {
    buffer_.erase(0, used_);
    used_ = 0;
  }
  buffer_.append(bytes);
}

Result<std::optional<std::string>> FrameReader::next() {
  const std::size_t available = buffer_.size() - used_;
  if (available < kLengthBytes) return std::optional<std::string>();
  const std::size_t length = parse_length(buffer_.data() + used_);
  if (length > kMaxFrameBytes)
    return Error{ErrorCode::Corrupt, "reading a frame: its length of " + std::to_string(length) +
                                         " bytes is over the limit of " +
                                         std::to_string(kMaxFrameBytes)};
  if (available < kLengthBytes + length) return std::optional<std::string>();
  std::optional<std::string> frame(buffer_.substr(used_ + kLengthBytes, length));
  used_ += kLengthBytes + length;
  return frame;
}

Result<bool> FrameReader::read_from(int fd) {
  std::array<char, 64 * 1024> chunk;
  for (std::size_t total = 0; total < kReadAtOnce;) {
    const ssize_t got = ::read(fd, chunk.data(), chunk.size());
    if (got == 0) return false;
    if (got < 0) {
      if (is_try_again(errno)) return true;
      return Error{ErrorCode::Io, std::string("reading a frame: ") + describe_errno(errno)};
    }
    feed({chunk.data(), static_cast<std::size_t>(got)});
    total += static_cast<std::size_t>(got);
  }
  return true;
}

Result<> FrameWriter::queue(std::string_view body) {
  if (body.size() > kMaxFrameBytes)
    return Error{ErrorCode::InvalidInput,
                 "sending a frame: its length of " + std::to_string(body.size()) +
                     " bytes is over the limit of " + std::to_string(kMaxFrameBytes)};
  frames_.push_back(make_length(body.size()).append(body));
  queued_ += kLengthBytes + body.size();
  return Done{};
}

Result<bool> FrameWriter::write_to(int fd) {
  while (!frames_.empty()) {
    const std::string& frame = frames_.front();
    // MSG_NOSIGNAL: a reader that has gone is an error to report, not a SIGPIPE.
    const ssize_t put =
        ::send(fd, frame.data() + written_, frame.size() - written_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put < 0) {
      if (is_try_again(errno)) return false;
      return Error{ErrorCode::Io, std::string("sending a frame: ") + describe_errno(errno)};
    }
    written_ += static_cast<std::size_t>(put);
    queued_ -= static_cast<std::size_t>(put);
    if (written_ < frame.size()) continue;
    frames_.pop_front();
    written_ = 0;
  }
  return true;
}

}  // namespace owrd
