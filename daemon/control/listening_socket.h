#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "daemon/core/result.h"

namespace owrd::control {

struct SocketSpec {
  std::filesystem::path path;
  mode_t mode = 0600;
  std::string group;  ///< Who owns it beside the daemon's user; empty leaves the daemon's own.
};

/// A Unix socket that clients can connect to. Closes it, and removes its name if it made that.
class ListeningSocket {
 public:
  /// Makes the socket, and its directory when that is missing. A socket that nobody listens on is
  /// replaced; Busy when another daemon answers on it; Config, Denied, AlreadyExists (when
  /// something else has the name), Io.
  static Result<ListeningSocket> open(const SocketSpec& spec);
  /// Takes over a listening socket that systemd has made.
  static Result<ListeningSocket> adopt(int descriptor);

  ListeningSocket(ListeningSocket&& other) noexcept;
  ListeningSocket& operator=(ListeningSocket&& other) noexcept;
  ~ListeningSocket();

  int descriptor() const { return descriptor_; }
  /// Empty for one without a name.
  const std::filesystem::path& path() const { return path_; }

 private:
  ListeningSocket(int descriptor, std::filesystem::path path);
  Result<> bind_and_listen(const SocketSpec& spec);

  int descriptor_;
  std::filesystem::path path_;
  bool is_ours_ = false;  ///< The name was made here and is removed here,
  dev_t device_ = 0;      ///< while it still is this socket's.
  ino_t inode_ = 0;
};

}  // namespace owrd::control
