#include "daemon/core/runtime_paths.h"

#include <pwd.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

namespace owrd {
namespace {

namespace fs = std::filesystem;

// One byte of sun_path is for the terminating NUL.
constexpr std::size_t kSocketPathBytes = sizeof(sockaddr_un::sun_path) - 1;

std::optional<fs::path> absolute_path(const Environment& environment, const std::string& name) {
  const auto value = environment(name);
  if (!value || !fs::path(*value).is_absolute()) return std::nullopt;
  return fs::path(*value);
}

fs::path home_dir(const Environment& environment) {
  if (auto home = absolute_path(environment, "HOME")) return *home;
  std::vector<char> buffer(16 * 1024);
  passwd account{};
  passwd* found = nullptr;
  if (getpwuid_r(getuid(), &account, buffer.data(), buffer.size(), &found) == 0 && found)
    return found->pw_dir;
  return "/";
}

fs::path base_dir(const Environment& environment, const std::string& variable,
                  const char* below_home) {
  const auto base = absolute_path(environment, variable);
  return (base ? *base : home_dir(environment) / below_home) / "owrd";
}

bool is_private_to_us(const fs::path& directory) {
  struct stat status {};
  return lstat(directory.c_str(), &status) == 0 && S_ISDIR(status.st_mode) &&
         status.st_uid == getuid() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

}  // namespace

std::optional<std::string> process_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

fs::path user_config_dir(const Environment& environment) {
  return base_dir(environment, "XDG_CONFIG_HOME", ".config");
}

fs::path user_data_dir(const Environment& environment) {
  return base_dir(environment, "XDG_DATA_HOME", ".local/share");
}

fs::path user_state_dir(const Environment& environment) {
  return base_dir(environment, "XDG_STATE_HOME", ".local/state");
}

fs::path user_runtime_dir(const Environment& environment, const fs::path& run_user) {
  if (auto base = absolute_path(environment, "XDG_RUNTIME_DIR")) return *base / "owrd";
  const fs::path ours = run_user / std::to_string(getuid());
  if (is_private_to_us(ours)) return ours / "owrd";
  return user_state_dir(environment) / "run";
}

fs::path system_runtime_dir() { return "/run/owrd"; }

fs::path user_socket(const Environment& environment) {
  return user_runtime_dir(environment) / "owrd.sock";
}

fs::path user_readonly_socket(const Environment& environment) {
  return user_runtime_dir(environment) / "owrd-ro.sock";
}

fs::path system_socket() { return system_runtime_dir() / "owrd.sock"; }

fs::path system_readonly_socket() { return system_runtime_dir() / "owrd-ro.sock"; }

Result<> check_socket_path(const fs::path& path) {
  const std::string& text = path.native();
  const auto refuse = [&](const std::string& cause) {
    return Error{ErrorCode::Config, "socket path \"" + text + "\": " + cause,
                 "give a short absolute path: [control] socket in owrd.toml, or XDG_RUNTIME_DIR in "
                 "the environment"};
  };
  if (!path.is_absolute()) return refuse("it is not absolute");
  if (text.size() > kSocketPathBytes)
    return refuse("it has " + std::to_string(text.size()) + " bytes, and a socket's path at most " +
                  std::to_string(kSocketPathBytes));
  return Done{};
}

}  // namespace owrd
