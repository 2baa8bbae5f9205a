#include "tests/support/http_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cctype>
#include <cstring>
#include <utility>

namespace owrd::test {
namespace {

constexpr std::chrono::milliseconds kPatience{5000};

std::string lower(std::string text) {
  for (auto& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

HttpReply parse_header(std::string_view head) {
  HttpReply reply;
  const auto line_end = head.find("\r\n");
  const std::string status_line(head.substr(0, line_end));
  if (status_line.rfind("HTTP/1.1 ", 0) != 0 || status_line.size() < 12) return reply;
  reply.status = std::stoi(status_line.substr(9, 3));
  reply.reason = status_line.size() > 13 ? status_line.substr(13) : "";
  auto rest = line_end == head.npos ? std::string_view() : head.substr(line_end + 2);
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(std::min(line.size() + 2, rest.size()));
    const auto colon = line.find(": ");
    if (colon == line.npos) continue;
    reply.headers[lower(std::string(line.substr(0, colon)))] = line.substr(colon + 2);
  }
  return reply;
}

}  // namespace

std::optional<std::vector<StreamEnvelope>> split_envelopes(std::string_view body) {
  std::vector<StreamEnvelope> envelopes;
  while (!body.empty()) {
    if (body.size() < 5) return std::nullopt;
    std::size_t length = 0;
    for (std::size_t i = 1; i < 5; ++i) length = length << 8 | static_cast<unsigned char>(body[i]);
    const int flags = body[0];
    body.remove_prefix(5);
    if (body.size() < length) return std::nullopt;
    envelopes.push_back({flags, std::string(body.substr(0, length))});
    body.remove_prefix(length);
  }
  return envelopes;
}

std::string make_envelope(int flags, std::string_view bytes) {
  std::string out(1, static_cast<char>(flags));
  for (int shift = 24; shift >= 0; shift -= 8)
    out += static_cast<char>(static_cast<unsigned char>(bytes.size() >> shift & 0xFF));
  return out.append(bytes);
}

RawConnection::RawConnection(const std::filesystem::path& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.native().size() >= sizeof(address.sun_path)) return;
  std::memcpy(address.sun_path, socket.c_str(), socket.native().size());
  descriptor_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    close();
}

RawConnection::RawConnection(RawConnection&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), buffer_(std::move(other.buffer_)) {}

RawConnection::~RawConnection() { close(); }

bool RawConnection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawConnection::finish_sending() { ::shutdown(descriptor_, SHUT_WR); }

void RawConnection::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

bool RawConnection::fill() {
  pollfd wait{descriptor_, POLLIN, 0};
  const int ready = ::poll(&wait, 1, static_cast<int>(kPatience.count()));
  timed_out_ = ready == 0;
  if (ready <= 0) return false;
  char bytes[65536];
  const auto got = ::recv(descriptor_, bytes, sizeof(bytes), 0);
  if (got <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(got));
  return true;
}

std::optional<std::string> RawConnection::take_until(std::string_view mark) {
  auto at = buffer_.find(mark);
  while (at == buffer_.npos) {
    if (!fill()) return std::nullopt;
    at = buffer_.find(mark);
  }
  std::string out = buffer_.substr(0, at);
  buffer_.erase(0, at + mark.size());
  return out;
}

std::optional<std::string> RawConnection::take(std::size_t bytes) {
  while (buffer_.size() < bytes)
    if (!fill()) return std::nullopt;
  std::string out = buffer_.substr(0, bytes);
  buffer_.erase(0, bytes);
  return out;
}

HttpReply RawConnection::read_header() {
  const auto head = take_until("\r\n\r\n");
  return head ? parse_header(*head) : HttpReply();
}

std::optional<std::string> RawConnection::read_chunk() {
  const auto size = take_until("\r\n");
  if (!size || size->empty()) return std::nullopt;
  auto bytes = take(std::stoul(*size, nullptr, 16) + 2);
  if (!bytes || bytes->size() < 3) return std::nullopt;
  bytes->resize(bytes->size() - 2);
  return bytes;
}

HttpReply RawConnection::read_reply() {
  auto reply = read_header();
  if (reply.status == 0 || reply.status == 100) return reply;
  if (reply.header("transfer-encoding") != "chunked") {
    const auto length = reply.header("content-length");
    const auto body = take(length.empty() ? 0 : std::stoul(length));
    reply.body = body.value_or("");
    reply.is_whole = body.has_value();
    return reply;
  }
  while (true) {
    const auto size = take_until("\r\n");
    if (!size || size->empty()) return reply;
    const auto length = std::stoul(*size, nullptr, 16);
    const auto bytes = take(length + 2);
    if (!bytes) return reply;
    reply.body.append(*bytes, 0, length);
    reply.is_whole = length == 0;
    if (length == 0) return reply;
  }
}

std::optional<std::string> RawConnection::read_to_end() {
  while (fill()) {
  }
  if (timed_out_) return std::nullopt;
  return std::exchange(buffer_, "");
}

std::string post(std::string_view path, std::string_view content_type, std::string_view body,
                 std::string_view more) {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + std::string(content_type) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(more) +
         "\r\n" + std::string(body);
}

}  // namespace owrd::test
