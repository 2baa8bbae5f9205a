#include "cli/daemon_finder.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "cli/private_daemon.h"
#include "daemon/core/system.h"

namespace owrd::cli {
namespace {

namespace fs = std::filesystem;

/// How long a daemon may take to end, or to begin, while its socket is there.
constexpr auto kPatience = std::chrono::seconds(5);
constexpr std::string_view kUnix = "unix://";

/// A connection over which nothing is said. While it is open, a private daemon does not end.
class Probe {
 public:
  explicit Probe(const fs::path& socket) : error_(connect(socket)) {}
  ~Probe() {
    if (fd_ >= 0) ::close(fd_);
  }
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  /// Zero, or why there is none.
  int error() const { return error_; }
  bool found_nobody() const {
    return error_ == ENOENT || error_ == ECONNREFUSED || error_ == ENOTDIR;
  }
  bool was_denied() const { return error_ == EACCES || error_ == EPERM; }

 private:
  int connect(const fs::path& socket) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto path = socket.string();
    if (path.size() >= sizeof address.sun_path) return ENAMETOOLONG;
    std::memcpy(address.sun_path, path.data(), path.size());
    fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd_ < 0) return errno;
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    return ::connect(fd_, generic, sizeof address) == 0 ? 0 : errno;
  }

  int fd_ = -1;
  int error_;
};

/// "owrd.sock" → "owrd-ro.sock", in the same directory.
fs::path readonly_sibling(const fs::path& socket) {
  auto sibling = socket;
  sibling.replace_filename(socket.stem().string() + "-ro" + socket.extension().string());
  return sibling;
}

Error cannot_connect(const fs::path& socket, int error) {
  const auto message =
      "connecting to the daemon at " + socket.string() + ": " + describe_errno(error);
  if (error == EACCES || error == EPERM)
    return Error{ErrorCode::Denied, message, "sudo adduser $USER owrd   (then log in again)"};
  if (error == ENAMETOOLONG)
    return Error{ErrorCode::Config,
                 "the path of the socket " + socket.string() + " is over 107 bytes",
                 "--host unix:///SHORTER/PATH"};
  return Error{ErrorCode::Unavailable, message, "owrd status"};
}

/// Asks the daemon behind `socket` who it is. One that is just ending is given the time to do so.
Result<std::optional<Daemon>> greet(const fs::path& socket, bool is_read_only) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    Daemon daemon{Client(socket), {}, is_read_only};
    auto status = daemon.client.call<v1::StatusReply>("Daemon/Status", v1::StatusRequest());
    if (status) {
      daemon.is_read_only = is_read_only || status->read_only();
      daemon.status = std::move(*status);
      return std::optional(std::move(daemon));
    }
    if (status.error().code != ErrorCode::Unavailable) return status.error();
    if (Probe(socket).found_nobody()) return std::optional<Daemon>();
    if (std::chrono::steady_clock::now() >= deadline) return status.error();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

/// Nothing when no daemon listens there.
Result<std::optional<Daemon>> try_socket(const fs::path& socket) {
  const Probe probe(socket);
  if (probe.error() == 0) return greet(socket, /*is_read_only=*/false);
  if (probe.found_nobody()) return std::optional<Daemon>();
  if (!probe.was_denied()) return cannot_connect(socket, probe.error());
  const auto readonly = readonly_sibling(socket);
  if (Probe(readonly).error() == 0) return greet(readonly, /*is_read_only=*/true);
  return cannot_connect(socket, probe.error());
}

Result<std::optional<Daemon>> try_named(const std::string& host) {
  const fs::path socket = host.substr(kUnix.size());
  if (!socket.is_absolute())
    return Error{ErrorCode::InvalidInput,
                 "--host " + host + ": the path of the socket is not absolute",
                 "--host unix:///run/owrd/owrd.sock"};
  return try_socket(socket);
}

Error unknown_host(const std::string& host) {
  return Error{ErrorCode::InvalidInput,
               "--host " + host + ": expected unix:///PATH/owrd.sock or embedded",
               "--host unix:///run/owrd/owrd.sock"};
}

/// Another daemon of this user may be the one that holds the store: it is waited for.
Result<Daemon> start_and_find(const Environment& environment, const HostChoice& choice) {
  const auto socket = user_socket(environment);
  if (const auto fits = check_socket_path(socket); !fits) return fits.error();
  const auto started = start_private_daemon(environment, choice.config);
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    auto daemon = try_socket(socket);
    if (!daemon) return daemon.error();
    if (*daemon) return std::move(**daemon);
    if (!started && started.error().code != ErrorCode::Busy) return started.error();
    if (std::chrono::steady_clock::now() >= deadline) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  if (!started) return started.error();
  return Error{ErrorCode::Unavailable,
               "the private daemon started, but does not answer at " + socket.string(),
               "see " + (user_state_dir(environment) / "owrdd.log").string()};
}

}  // namespace

Result<std::optional<Daemon>> find_running_daemon(const Environment& environment,
                                                  const HostChoice& choice) {
  const auto& host = choice.host;
  if (host.starts_with(kUnix)) return try_named(host);
  if (!host.empty() && host != "embedded") return unknown_host(host);
  auto daemon = try_socket(user_socket(environment));
  if (!daemon || *daemon || host == "embedded") return daemon;
  return try_socket(system_socket());
}

Result<Daemon> find_daemon(const Environment& environment, const HostChoice& choice) {
  auto running = find_running_daemon(environment, choice);
  if (!running) return running.error();
  if (*running) return std::move(**running);
  if (choice.host.starts_with(kUnix))
    return Error{ErrorCode::Unavailable, "no daemon listens at " + choice.host.substr(kUnix.size()),
                 "start it, or leave --host and OWRD_HOST out to use a private one"};
  return start_and_find(environment, choice);
}

Result<> require_command(const Daemon& daemon, const Environment& environment) {
  if (!daemon.is_read_only) return Done{};
  const auto user = environment("USER").value_or("$USER");
  return Error{
      ErrorCode::Denied,
      "this user may look at the daemon at " + daemon.client.socket().string() +
          " but not command it",
      "sudo adduser " + user + " owrd   (then log in again), or use your own: --host embedded"};
}

}  // namespace owrd::cli
