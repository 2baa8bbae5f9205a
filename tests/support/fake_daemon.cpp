#include "tests/support/fake_daemon.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cassert>
#include <cstring>
#include <nlohmann/json.hpp>

#include "owrd/v1/control.pb.h"

namespace owrd::test {
namespace {

std::string envelope(char flags, std::string_view message) {
  std::string bytes(1, flags);
  for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(message.size() >> shift & 0xFF);
  return bytes + std::string(message);
}

std::string chunk(const std::string& bytes) {
  std::array<char, 32> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
  return size.data() + bytes + "\r\n";
}

std::string http(int status, const std::string& type, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: " + type +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string stream_head() {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/connect+proto\r\nTransfer-Encoding: "
         "chunked\r\n\r\n";
}

void send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::size_t content_length(const std::string& head) {
  const auto at = head.find("Content-Length: ");
  return at == head.npos ? 0 : std::stoul(head.substr(at + 16));
}

}  // namespace

std::string encode_base64(std::string_view bytes) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  unsigned bits = 0;
  int count = 0;
  for (const char byte : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(byte);
    count += 8;
    for (; count >= 6; count -= 6) text += kDigits[bits >> (count - 6) & 63];
  }
  if (count > 0) text += kDigits[bits << (6 - count) & 63];
  return text;
}

std::string error_json(const Error& error) {
  const auto& facts = error_facts(error.code);
  v1::ErrorInfo info;
  info.set_reason(facts.name);
  info.set_hint(error.hint);
  info.set_exit_code(static_cast<std::uint32_t>(facts.exit_code));
  return nlohmann::json{
      {"code", facts.connect_code},
      {"message", error.message},
      {"details",
       {{{"type", "owrd.v1.ErrorInfo"}, {"value", encode_base64(info.SerializeAsString())}}}}}
      .dump();
}

FakeDaemon::FakeDaemon(const std::filesystem::path& socket) {
  std::filesystem::create_directories(socket.parent_path());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  assert(socket.string().size() < sizeof address.sun_path);
  std::strcpy(address.sun_path, socket.c_str());
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  [[maybe_unused]] const int bound =
      ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  assert(bound == 0);
  ::listen(listener_, 16);
  std::array<int, 2> pipe{};
  [[maybe_unused]] const int piped = ::pipe(pipe.data());
  stop_read_ = pipe[0];
  stop_write_ = pipe[1];
  v1::StatusReply status;
  status.set_version("0.1.0");
  status.set_uid(::geteuid());
  reply("Daemon/Status", status);
  thread_ = std::thread([this] { serve(); });
}

FakeDaemon::~FakeDaemon() {
  ::close(stop_write_);
  thread_.join();
  ::close(listener_);
  ::close(stop_read_);
}

void FakeDaemon::reply(const std::string& method, const google::protobuf::Message& message) {
  reply_raw(method, http(200, "application/proto", message.SerializeAsString()));
}

void FakeDaemon::fail(const std::string& method, const Error& error) {
  reply_raw(method, http(500, "application/json", error_json(error)));
}

void FakeDaemon::reply_raw(const std::string& method, const std::string& bytes) {
  const std::lock_guard lock(mutex_);
  answers_[method] = Answer{bytes};
}

void FakeDaemon::stream(const std::string& method, const std::vector<std::string>& messages,
                        Ending ending) {
  Answer answer{stream_head(), ending == Ending::Hang, ending == Ending::BreakOff};
  for (const auto& message : messages) answer.http += chunk(envelope(0, message));
  if (ending == Ending::Finish) answer.http += chunk(envelope(2, "{}")) + "0\r\n\r\n";
  if (ending == Ending::BreakOff) answer.http += "0\r\n\r\n";
  const std::lock_guard lock(mutex_);
  answers_[method] = answer;
}

void FakeDaemon::fail_stream(const std::string& method, const std::vector<std::string>& messages,
                             const Error& error) {
  Answer answer{stream_head()};
  for (const auto& message : messages) answer.http += chunk(envelope(0, message));
  answer.http += chunk(envelope(2, R"({"error":)" + error_json(error) + "}")) + "0\r\n\r\n";
  const std::lock_guard lock(mutex_);
  answers_[method] = answer;
}

std::vector<FakeDaemon::Call> FakeDaemon::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

FakeDaemon::Answer FakeDaemon::answer_to(const std::string& method, const std::string& message) {
  const std::lock_guard lock(mutex_);
  calls_.push_back({method, message});
  const auto answer = answers_.find(method);
  return answer == answers_.end() ? Answer{http(404, "text/plain", "")} : answer->second;
}

void FakeDaemon::serve() {
  for (;;) {
    std::array<pollfd, 2> events{{{listener_, POLLIN, 0}, {stop_read_, POLLIN, 0}}};
    ::poll(events.data(), events.size(), -1);
    if (events[1].revents != 0) break;
    const int connection = ::accept(listener_, nullptr, nullptr);
    connections_.emplace_back([this, connection] {
      serve_connection(connection);
      ::close(connection);
    });
  }
  for (auto& connection : connections_) connection.join();
}

void FakeDaemon::serve_connection(int connection) {
  std::string buffer;
  for (;;) {
    std::array<pollfd, 2> events{{{connection, POLLIN, 0}, {stop_read_, POLLIN, 0}}};
    ::poll(events.data(), events.size(), -1);
    if (events[1].revents != 0) return;
    std::array<char, 4096> part{};
    const auto count = ::read(connection, part.data(), part.size());
    if (count <= 0) return;
    buffer.append(part.data(), static_cast<std::size_t>(count));
    const auto head_end = buffer.find("\r\n\r\n");
    if (head_end == buffer.npos) continue;
    const auto head = buffer.substr(0, head_end);
    const auto length = content_length(head);
    if (buffer.size() < head_end + 4 + length) continue;
    auto message = buffer.substr(head_end + 4, length);
    buffer.erase(0, head_end + 4 + length);
    if (head.find("application/connect+proto") != head.npos) message.erase(0, 5);
    const auto begin = head.find("/owrd.v1.") + 9;
    const auto answer = answer_to(head.substr(begin, head.find(' ', begin) - begin), message);
    send_all(connection, answer.http);
    if (answer.hangs) on_hang();
    if (answer.closes) return;
  }
}

}  // namespace owrd::test
