#pragma once

#include "cli/command.h"

namespace owrd::cli {

// Those commands of `owrd release` that have a file of their own.
void add_release_diff(CommandLine& line, CLI::App& group);
/// yank, unyank, withdraw and advise.
void add_release_notices(CommandLine& line, CLI::App& group);

}  // namespace owrd::cli
