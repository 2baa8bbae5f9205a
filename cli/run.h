#pragma once

#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/world.h"

namespace owrd::cli {

/// Runs a command line, without the program's name: the exit code.
int run(const std::vector<std::string>& arguments, World& world);

/// How to print: what was asked for, what the environment says, and what the streams are.
Look look_of(const Globals& globals, const World& world);

}  // namespace owrd::cli
