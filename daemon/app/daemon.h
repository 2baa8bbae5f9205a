#pragma once

#include <functional>
#include <string>

#include "daemon/app/config.h"
#include "daemon/app/options.h"
#include "daemon/core/result.h"
#include "daemon/engine/engine.h"

namespace owrd::app {

/// Builds the daemon, runs it until it is told to stop (SIGTERM, SIGINT, Shutdown, or, when it is
/// private, its last client's leaving), and takes it apart again. `on_ready` is called when it
/// listens.
Result<> run_daemon(const Options& options, const Config& config,
                    const std::function<void()>& on_ready);

/// What of the configuration is the engine's.
engine::Settings engine_settings(const Config& config, bool is_private,
                                 std::uint64_t file_system_bytes);

}  // namespace owrd::app
