#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "cli/client.h"
#include "daemon/core/runtime_paths.h"
#include "owrd/v1/control.pb.h"

namespace owrd::cli {

/// A daemon that answers.
struct Daemon {
  Client client;
  v1::StatusReply status;
  bool is_read_only = false;  ///< Reached by the socket for methods without side effects.
};

/// What the person said about which daemon to use.
struct HostChoice {
  std::string host;              ///< --host or OWRD_HOST: unix:///PATH, "embedded", or empty.
  std::filesystem::path config;  ///< --config: for a private daemon.
};

/// The daemon that the person named, or else the first that answers: on the user's socket, on the
/// system's. Nothing when none runs; Denied when the only one lets this user neither command nor
/// look.
Result<std::optional<Daemon>> find_running_daemon(const Environment& environment,
                                                  const HostChoice& choice);

/// As above, and starts a private daemon when none runs, unless the person named a socket.
Result<Daemon> find_daemon(const Environment& environment, const HostChoice& choice);

/// Denied, with what to do, when the daemon may only be looked at.
Result<> require_command(const Daemon& daemon, const Environment& environment);

}  // namespace owrd::cli
