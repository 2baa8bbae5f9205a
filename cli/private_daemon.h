#pragma once

#include <filesystem>
#include <optional>

#include "daemon/core/runtime_paths.h"

namespace owrd::cli {

/// Where the owrdd to start is: where OWRD_DAEMON says, else next to this program, else in PATH.
std::optional<std::filesystem::path> find_owrdd(const Environment& environment);

/// Starts `owrdd --private` in a session of its own, so that a Ctrl-C meant for the command does
/// not reach it, and waits until it listens on the user's socket. Its standard error goes to
/// owrdd.log in the person's state directory. The error is what the daemon said.
Result<> start_private_daemon(const Environment& environment, const std::filesystem::path& config);

}  // namespace owrd::cli
