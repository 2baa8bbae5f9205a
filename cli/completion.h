#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace owrd::cli {

/// The completion script of bash, zsh or fish: every command and flag of the command line.
std::string render_completion(const CLI::App& root, const std::string& shell);

}  // namespace owrd::cli
