#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "daemon/core/result.h"
#include "daemon/core/runtime_paths.h"

namespace owrd::app {

/// Whose daemon it is: a person's own, or the machine's.
enum class Instance { User, System };

/// Where an instance keeps its things when nothing else is said: the XDG directories of the person,
/// or the file system hierarchy's for the machine. Nothing is created.
std::filesystem::path store_dir(Instance instance, const Environment& environment);
std::filesystem::path state_dir(Instance instance, const Environment& environment);
std::filesystem::path runtime_dir(Instance instance, const Environment& environment);
std::filesystem::path socket_path(Instance instance, const Environment& environment);
std::filesystem::path readonly_socket_path(Instance instance, const Environment& environment);

/// Where its configuration may be said.
struct ConfigSources {
  Instance instance = Instance::User;
  /// Of `--config`: this file alone is read, and must exist. Else OWRD_CONFIG says the same.
  std::optional<std::filesystem::path> file = {};
  Environment environment = process_environment;
  std::filesystem::path system_dir = "/etc/owrd";
};
/// The files that are there, in the order in which they are read; the later wins. System:
/// owrd.toml, then conf.d/*.toml by name; user: $XDG_CONFIG_HOME/owrd/owrd.toml.
Result<std::vector<std::filesystem::path>> config_files(const ConfigSources& sources);

}  // namespace owrd::app
