#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "daemon/core/result.h"

namespace owrd {

/// Looks up an environment variable; nothing when it is not set. A test gives its own.
using Environment = std::function<std::optional<std::string>(const std::string&)>;
/// The environment of this process.
std::optional<std::string> process_environment(const std::string& name);

/// The person's directories of owrd, by the XDG Base Directory Specification 0.8:
/// $XDG_CONFIG_HOME/owrd and so on, with the specification's defaults under $HOME (or the account's
/// home, when HOME is not set). As it demands, a variable that holds a relative path is ignored.
/// Nothing is created.
std::filesystem::path user_config_dir(const Environment& environment);
std::filesystem::path user_data_dir(const Environment& environment);
std::filesystem::path user_state_dir(const Environment& environment);
/// Where the sockets lie: $XDG_RUNTIME_DIR/owrd; else /run/user/UID/owrd, when /run/user/UID is a
/// directory of ours that nobody else may write; else the state directory's run/.
std::filesystem::path user_runtime_dir(const Environment& environment,
                                       const std::filesystem::path& run_user = "/run/user");
std::filesystem::path system_runtime_dir();

/// Where a daemon of this user listens and the CLI looks for it.
std::filesystem::path user_socket(const Environment& environment);
std::filesystem::path user_readonly_socket(const Environment& environment);
std::filesystem::path system_socket();
std::filesystem::path system_readonly_socket();

/// Config when `path` is not absolute or does not fit the 107 bytes that the system has for the
/// name of a socket (sun_path, unix(7)).
Result<> check_socket_path(const std::filesystem::path& path);

}  // namespace owrd
