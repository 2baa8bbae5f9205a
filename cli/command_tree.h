#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command.h"

namespace owrd::cli {

/// The whole command line: the global options, stored in `globals`, and every command.
class CommandTree {
 public:
  explicit CommandTree(Globals& globals);
  CommandTree(const CommandTree&) = delete;
  CommandTree& operator=(const CommandTree&) = delete;

  CLI::App& root() { return root_; }
  /// Takes the arguments after the program's name. The error says what is wrong and what may have
  /// been meant.
  Result<Action> parse(const std::vector<std::string>& arguments);

 private:
  CLI::App root_;
  CommandLine line_;
};

}  // namespace owrd::cli
