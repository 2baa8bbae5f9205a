#pragma once

#include <filesystem>
#include <vector>

#include "daemon/content/jobs.h"
#include "daemon/engine/belief.h"

namespace owrd::engine {

/// Copies these files of a release from one directory to another, as a job: each copy is hashed
/// before it gets its final name. What an earlier, interrupted copy has finished stays as it is.
/// AlreadyExists when all of it is there, Corrupt when the source is not what was signed.
Result<> copy_release(const std::filesystem::path& from, const std::filesystem::path& to,
                      const Believed& believed, const std::vector<bool>& wanted,
                      const content::JobContext& job);

}  // namespace owrd::engine
