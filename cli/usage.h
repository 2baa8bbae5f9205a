#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "daemon/core/result.h"

namespace owrd::cli {

/// The command that the words name, as far as they name one: flags and what is no command are
/// passed over.
const CLI::App& find_command(const CLI::App& root, const std::vector<std::string>& words);

/// "owrd publisher add".
std::string full_name(const CLI::App& command);

/// The commands right under this one, aliases included.
std::vector<std::string> verbs_of(const CLI::App& command);
/// "--to", "-n": its own options and the global ones.
std::vector<std::string> flags_of(const CLI::App& command);

/// What is wrong with a command line that CLI11 refused, and what may have been meant.
Error usage_error(const CLI::App& root, const std::string& complaint);
/// A group was named without a command of it.
Error missing_verb(const CLI::App& root);

/// "did you mean X?", or the command that lists what there is.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates,
                         const std::string& otherwise);

}  // namespace owrd::cli
