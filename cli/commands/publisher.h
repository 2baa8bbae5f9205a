#pragma once

#include "cli/command.h"

namespace owrd::cli {

/// PUBLISHER: "a petname, or at least 12 digits of a publisher id".
CLI::Option* add_publisher_name(CLI::App& command, std::string& name);

// The commands of `owrd publisher`, one file each.
void add_publisher_init(CommandLine& line, CLI::App& group);
void add_publisher_sign(CommandLine& line, CLI::App& group);
void add_publisher_submit(CommandLine& line, CLI::App& group);
void add_publisher_rotate(CommandLine& line, CLI::App& group);
void add_publisher_anchor(CommandLine& line, CLI::App& group);
void add_publisher_export(CommandLine& line, CLI::App& group);
void add_publisher_add(CommandLine& line, CLI::App& group);
void add_publisher_ls(CommandLine& line, CLI::App& group);
void add_publisher_show(CommandLine& line, CLI::App& group);
void add_publisher_refresh(CommandLine& line, CLI::App& group);
void add_publisher_evidence(CommandLine& line, CLI::App& group);
void add_publisher_rm(CommandLine& line, CLI::App& group);

}  // namespace owrd::cli
