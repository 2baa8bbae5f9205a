#include "tests/swarm/raw_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace owrd::swarm {
namespace {

constexpr std::size_t kGreetingBytes = 68;

std::string length_of(const std::string& body) {
  const std::uint32_t length = htonl(static_cast<std::uint32_t>(body.size()));
  return {reinterpret_cast<const char*>(&length), sizeof length};
}

sockaddr_in make_address(const std::string& host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  ::inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  return address;
}

bool connect_to(int fd, const std::string& endpoint, const std::string& from) {
  const auto colon = endpoint.rfind(':');
  const auto ours = make_address(from, 0);
  const auto theirs = make_address(
      endpoint.substr(0, colon), static_cast<std::uint16_t>(std::stoi(endpoint.substr(colon + 1))));
  return ::bind(fd, reinterpret_cast<const sockaddr*>(&ours), sizeof ours) == 0 &&
         ::connect(fd, reinterpret_cast<const sockaddr*>(&theirs), sizeof theirs) == 0;
}

}  // namespace

RawPeer::RawPeer(const std::string& endpoint, const std::string& infohash, const std::string& from)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  is_connected_ = connect_to(fd_, endpoint, from);
  if (!is_connected_ || infohash.empty()) return;
  // It can do BEP 10 and v2. No two connections may have the same peer id.
  static unsigned count = 0;
  const std::string number = std::to_string(1000 + ++count % 9000);
  is_connected_ = send(
      "\x13"
      "BitTorrent protocol" +
      std::string("\0\0\0\0\0\x10\0\x10", 8) + infohash.substr(0, 20) + "-XX0000-abcdefgh" +
      number);
}

RawPeer::~RawPeer() { ::close(fd_); }

bool RawPeer::send(const std::string& bytes) {
  return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(bytes.size());
}

bool RawPeer::send_message(const std::string& body) { return send(length_of(body) + body); }

bool RawPeer::send_extended(int number, const std::string& body) {
  return send_message(std::string(1, '\x14') + static_cast<char>(number) + body);
}

bool RawPeer::receive() {
  char chunk[4096];
  for (;;) {
    const ssize_t got = ::recv(fd_, chunk, sizeof chunk, MSG_DONTWAIT);
    if (got < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    if (got == 0) return false;
    received_.append(chunk, static_cast<std::size_t>(got));
  }
}

std::vector<std::string> RawPeer::extended(int number) const {
  std::vector<std::string> found;
  for (std::size_t at = kGreetingBytes; at + 4 <= received_.size();) {
    std::uint32_t length = 0;
    received_.copy(reinterpret_cast<char*>(&length), sizeof length, at);
    length = ntohl(length);
    at += sizeof length;
    if (at + length > received_.size()) break;
    if (length >= 2 && received_[at] == '\x14' && received_[at + 1] == static_cast<char>(number))
      found.push_back(received_.substr(at + 2, length - 2));
    at += length;
  }
  return found;
}

void RawPeer::wait_for_end() {
  timeval patience{10, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  char ignored[4096];
  while (::recv(fd_, ignored, sizeof ignored, 0) > 0) {
  }
}

}  // namespace owrd::swarm
