#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

namespace owrd::cli {

/// The help of a command, beginning with examples.
std::string render_help(const CLI::App& command);
/// What a bare `owrd` prints.
std::string render_short_help(const CLI::App& root);

/// "exit-codes" and so on.
std::vector<std::string> help_topics();
std::optional<std::string> help_topic(const std::string& name);

}  // namespace owrd::cli
