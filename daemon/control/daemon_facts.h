#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "daemon/core/result.h"

namespace owrd::control {

/// What the daemon says of itself, and what a client may ask of the process; filled where the
/// daemon is put together.
struct DaemonFacts {
  std::string version;
  std::uint32_t pid = 0;
  std::uint32_t uid = 0;
  bool is_private = false;  ///< Ends with its last client.
  /// Reads the configuration again; gives the keys that changed but need a restart.
  std::function<Result<std::vector<std::string>>()> reload;
  /// Begins to stop; the reply to the caller is still written.
  std::function<void()> shutdown;
};

}  // namespace owrd::control
