#include "daemon/control/listening_socket.h"

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "daemon/core/runtime_paths.h"
#include "daemon/core/system.h"

namespace owrd::control {
namespace {

constexpr int kBacklog = 128;

Error socket_error(const std::filesystem::path& path, const std::string& act, int number) {
  return errno_error("socket " + path.string() + ": cannot " + act, path, number);
}

sockaddr_un address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.native().size());
  return address;
}

int new_socket() { return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

/// 0 when somebody answers, else why not.
int try_connect(const std::filesystem::path& path) {
  const int probe = new_socket();
  if (probe < 0) return errno;
  const auto address = address_of(path);
  const int result =
      ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ? 0
                                                                                          : errno;
  ::close(probe);
  return result;
}

Result<> remove_stale(const std::filesystem::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0)
    return errno == ENOENT ? Result<>(Done{}) : socket_error(path, "look at it", errno);
  if (!S_ISSOCK(status.st_mode))
    return Error{ErrorCode::AlreadyExists,
                 "socket " + path.string() + ": something that is no socket has this name",
                 "move it away, or set another path as [control] socket"};
  const int answer = try_connect(path);
  // EAGAIN: somebody listens, and has a full backlog.
  if (answer == 0 || answer == EAGAIN)
    return Error{ErrorCode::Busy, "another daemon answers on " + path.string(),
                 "owrd --host unix://" + path.string() + " status"};
  if (answer != ECONNREFUSED) return socket_error(path, "ask who listens on it", answer);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    return socket_error(path, "remove the one that a dead daemon left", errno);
  return Done{};
}

Result<> make_directory(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (error) return socket_error(path, "make its directory", error.value());
  return Done{};
}

Result<> give_to_group(const SocketSpec& spec) {
  if (spec.group.empty()) return Done{};
  errno = 0;
  const group* entry = ::getgrnam(spec.group.c_str());
  if (entry == nullptr)
    return Error{ErrorCode::Config,
                 "socket " + spec.path.string() + ": there is no group " + spec.group,
                 "sudo addgroup --system " + spec.group};
  if (::chown(spec.path.c_str(), static_cast<uid_t>(-1), entry->gr_gid) != 0)
    return socket_error(spec.path, "give it to group " + spec.group, errno);
  return Done{};
}

}  // namespace

ListeningSocket::ListeningSocket(int descriptor, std::filesystem::path path)
    : descriptor_(descriptor), path_(std::move(path)) {}

ListeningSocket::ListeningSocket(ListeningSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      path_(std::move(other.path_)),
      is_ours_(std::exchange(other.is_ours_, false)),
      device_(other.device_),
      inode_(other.inode_) {}

ListeningSocket& ListeningSocket::operator=(ListeningSocket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  std::swap(is_ours_, other.is_ours_);
  std::swap(device_, other.device_);
  std::swap(inode_, other.inode_);
  return *this;
}

ListeningSocket::~ListeningSocket() {
  if (is_ours_) {
    struct stat status {};
    const bool still_is =
        ::lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_;
    if (still_is) ::unlink(path_.c_str());
  }
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<ListeningSocket> ListeningSocket::open(const SocketSpec& spec) {
  if (const auto checked = check_socket_path(spec.path); !checked) return checked.error();
  if (const auto made = make_directory(spec.path); !made) return made.error();
  if (const auto removed = remove_stale(spec.path); !removed) return removed.error();
  ListeningSocket socket(new_socket(), spec.path);
  if (socket.descriptor_ < 0) return socket_error(spec.path, "make it", errno);
  if (const auto bound = socket.bind_and_listen(spec); !bound) return bound.error();
  return socket;
}

/// The mode and group are set before it listens, so that there is no moment at which others could
/// connect.
Result<> ListeningSocket::bind_and_listen(const SocketSpec& spec) {
  const auto address = address_of(path_);
  if (::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return socket_error(path_, "bind it", errno);
  struct stat status {};
  if (::lstat(path_.c_str(), &status) != 0) return socket_error(path_, "look at it", errno);
  is_ours_ = true;
  device_ = status.st_dev;
  inode_ = status.st_ino;
  if (const auto given = give_to_group(spec); !given) return given.error();
  if (::chmod(path_.c_str(), spec.mode) != 0) return socket_error(path_, "set its mode", errno);
  if (::listen(descriptor_, kBacklog) != 0) return socket_error(path_, "listen on it", errno);
  return Done{};
}

Result<ListeningSocket> ListeningSocket::adopt(int descriptor) {
  sockaddr_un address{};
  socklen_t length = sizeof(address);
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) != 0)
    return socket_error("given by systemd", "ask its name", errno);
  int is_listening = 0;
  socklen_t size = sizeof(is_listening);
  const bool is_known =
      ::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size) == 0;
  if (address.sun_family != AF_UNIX || !is_known || is_listening == 0)
    return Error{ErrorCode::Config, "the socket given by systemd is not a listening Unix socket",
                 "use ListenStream= with an absolute path in owrd.socket"};
  const auto length_of_path = length > offsetof(sockaddr_un, sun_path)
                                  ? ::strnlen(address.sun_path, sizeof(address.sun_path))
                                  : 0;
  return ListeningSocket(descriptor, std::string(address.sun_path, length_of_path));
}

}  // namespace owrd::control
