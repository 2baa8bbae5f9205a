#pragma once

#include <filesystem>
#include <optional>

#include "daemon/app/paths.h"
#include "daemon/core/result.h"

namespace owrd::app {

/// The daemon's command line.
struct Options {
  Instance instance = Instance::User;
  std::optional<std::filesystem::path> config = {};
  std::optional<std::filesystem::path> store = {};
  std::optional<std::filesystem::path> socket = {};
  /// Started by a command for its own sake: takes up nothing by itself and ends with its last
  /// client.
  bool is_private = false;
  /// Gets "READY\n" when the daemon listens, or "ERROR <why>\n".
  std::optional<int> ready_fd = {};
  bool check_config = false;
  bool show_help = false;
  bool show_version = false;
};

Result<Options> parse_options(int argc, char** argv);
const char* usage();

}  // namespace owrd::app
