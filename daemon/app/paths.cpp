#include "daemon/app/paths.h"

#include <algorithm>
#include <string>
#include <system_error>

namespace owrd::app {
namespace {

namespace fs = std::filesystem;

// Something that is there but cannot be looked at counts: reading it says why.
bool is_there(const fs::path& file) {
  std::error_code error;
  return fs::status(file, error).type() != fs::file_type::not_found;
}

Result<std::vector<fs::path>> fragments(const fs::path& directory) {
  std::vector<fs::path> files;
  if (!is_there(directory)) return files;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const fs::path& file = entry->path();
    if (file.extension() == ".toml" && file.filename().native().front() != '.')
      files.push_back(file);
  }
  if (error)
    return Error{ErrorCode::Config, "could not list " + directory.string() + ": " + error.message(),
                 "let the daemon's user read it: ls -ld " + directory.string()};
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

fs::path store_dir(Instance instance, const Environment& environment) {
  return instance == Instance::System ? "/var/lib/owrd/store"
                                      : user_data_dir(environment) / "store";
}

fs::path state_dir(Instance instance, const Environment& environment) {
  return instance == Instance::System ? "/var/lib/owrd" : user_state_dir(environment);
}

fs::path runtime_dir(Instance instance, const Environment& environment) {
  return instance == Instance::System ? system_runtime_dir() : user_runtime_dir(environment);
}

fs::path socket_path(Instance instance, const Environment& environment) {
  return instance == Instance::System ? system_socket() : user_socket(environment);
}

fs::path readonly_socket_path(Instance instance, const Environment& environment) {
  return instance == Instance::System ? system_readonly_socket()
                                      : user_readonly_socket(environment);
}

Result<std::vector<fs::path>> config_files(const ConfigSources& sources) {
  if (sources.file) return std::vector<fs::path>{*sources.file};
  if (const auto named = sources.environment("OWRD_CONFIG"); named && !named->empty())
    return std::vector<fs::path>{*named};

  const bool system = sources.instance == Instance::System;
  const fs::path main =
      (system ? sources.system_dir : user_config_dir(sources.environment)) / "owrd.toml";
  std::vector<fs::path> files;
  if (is_there(main)) files.push_back(main);
  if (!system) return files;

  const auto more = fragments(sources.system_dir / "conf.d");
  if (!more) return more.error();
  files.insert(files.end(), more->begin(), more->end());
  return files;
}

}  // namespace owrd::app
