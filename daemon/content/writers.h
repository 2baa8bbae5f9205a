#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "daemon/content/jobs.h"
#include "daemon/core/result.h"

namespace owrd::content {

/// How long wait_for_writers() waits: whoever was told to let go of a file does so in milliseconds.
constexpr std::chrono::seconds kWritersPatience{5};

/// Waits until no process has any of these files open for writing, so that what is hashed from here
/// on stays what it is. Busy, naming the file, after `patience`. On file systems that do not tell
/// (those without leases, fcntl(2)) it is taken that nobody has.
///
/// The process must ignore SIGIO, which it gets when somebody opens one of them in the instant of
/// the question.
Result<> wait_for_writers(const std::filesystem::path& directory,
                          const std::vector<std::string>& paths, const JobContext& job,
                          std::chrono::milliseconds patience = kWritersPatience);

}  // namespace owrd::content
