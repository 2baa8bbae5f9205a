#include "daemon/core/datagram.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

namespace owrd {
namespace {

/// Room for the control message that carries one descriptor (unix(7), SCM_RIGHTS). Rounded up, it
/// has room for a second one, which a sender may make use of.
struct Rights {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> bytes{};

  void attach_to(msghdr& message) {
    message.msg_control = bytes.data();
    message.msg_controllen = bytes.size();
  }
};

/// All that came along: they are this process's to close.
std::vector<Descriptor> take_descriptors(const msghdr& message) {
  std::vector<Descriptor> taken;
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) return taken;
  for (std::size_t at = CMSG_LEN(0); at + sizeof(int) <= header->cmsg_len; at += sizeof(int)) {
    int number = -1;
    std::memcpy(&number, reinterpret_cast<const char*>(header) + at, sizeof number);
    taken.emplace_back(number);
  }
  return taken;
}

bool is_try_again(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

Result<> send_datagram(int socket, std::string_view bytes, const Descriptor& passed) {
  assert(!bytes.empty());
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  Rights rights;
  if (passed.is_open()) {
    rights.attach_to(message);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    const int number = passed.get();
    std::memcpy(CMSG_DATA(header), &number, sizeof number);
  }
  while (::sendmsg(socket, &message, MSG_NOSIGNAL) < 0) {
    if (errno == EINTR) continue;
    return Error{is_try_again(errno) ? ErrorCode::Busy : ErrorCode::Io,
                 "sending a datagram: " + describe_errno(errno)};
  }
  return Done{};
}

Result<std::optional<Datagram>> receive_datagram(int socket) {
  std::array<char, kMaxDatagramBytes> buffer;
  iovec part{buffer.data(), buffer.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  Rights rights;
  rights.attach_to(message);
  ssize_t length = 0;
  while ((length = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC)) < 0) {
    if (errno == EINTR) continue;
    if (is_try_again(errno)) return std::optional<Datagram>();
    return Error{ErrorCode::Io, "receiving a datagram: " + describe_errno(errno)};
  }
  auto descriptors = take_descriptors(message);
  if (length == 0)
    return Error{ErrorCode::NotFound, "receiving a datagram: the other side has closed"};
  if (message.msg_flags & MSG_TRUNC)
    return Error{ErrorCode::Corrupt, "receiving a datagram: it is over the limit of " +
                                         std::to_string(kMaxDatagramBytes) + " bytes"};
  if (descriptors.size() > 1)
    return Error{ErrorCode::Corrupt, "receiving a datagram: it comes with several descriptors"};
  Datagram datagram{std::string(buffer.data(), static_cast<std::size_t>(length)), {}};
  if (!descriptors.empty()) datagram.descriptor = std::move(descriptors.front());
  return std::optional<Datagram>(std::move(datagram));
}

}  // namespace owrd
