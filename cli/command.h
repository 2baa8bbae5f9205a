#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "cli/context.h"

namespace owrd::cli {

/// What a command does once its flags are known: the exit code, or the error that decides it.
using Action = std::function<Result<int>(Context&)>;

/// Where the commands are hung up, and what the command line has chosen of them.
struct CommandLine {
  CLI::App& root;
  Action chosen;
};

/// The groups of `owrd help`.
constexpr const char* kReleaseGroup = "Releases";
constexpr const char* kPublishGroup = "Publishing";
constexpr const char* kTrustGroup = "Trust";
constexpr const char* kJudgeGroup = "What a release is";
constexpr const char* kOtherGroup = "Other";

struct CommandText {
  const char* name;
  const char* group;
  const char* summary;   ///< One line.
  const char* examples;  ///< One command a line.
};

/// Adds a command; its flags go into an `Options` that lives as long as the command line, and `act`
/// gets them.
template <class Options, class AddFlags>
CLI::App* add_command(CommandLine& line, CLI::App& parent, const CommandText& text,
                      AddFlags add_flags, Result<int> (*act)(Context&, const Options&)) {
  auto options = std::make_shared<Options>();
  CLI::App* command = parent.add_subcommand(text.name, text.summary);
  command->group(text.group)->footer(text.examples);
  add_flags(*command, *options);
  command->callback([&line, options, act] {
    line.chosen = [options, act](Context& context) { return act(context, *options); };
  });
  return command;
}

/// A group of commands, such as `key`.
CLI::App* add_group(CommandLine& line, const CommandText& text);

/// An option that may be given several times, each with one value.
CLI::Option* add_repeatable(CLI::App& command, const std::string& name,
                            std::vector<std::string>& values, const std::string& description);

/// An option whose values are taken one by one in the order of the command line, so that what one
/// means may depend on what stands before it.
CLI::Option* add_ordered(CLI::App& command, const std::string& name, const std::string& description,
                         std::function<void(const std::string&)> take);

/// "Its first line opens the key".
CLI::Option* add_passphrase_file(CLI::App& command, std::string& file);

// One file each under commands/.
void add_get(CommandLine& line);
void add_watch(CommandLine& line);
void add_pause(CommandLine& line);
void add_resume(CommandLine& line);
void add_rm(CommandLine& line);
void add_seed(CommandLine& line);
void add_verify(CommandLine& line);
void add_ls(CommandLine& line);
void add_show(CommandLine& line);
void add_inspect(CommandLine& line);
void add_audit(CommandLine& line);
void add_evaluate(CommandLine& line);
void add_label(CommandLine& line);
void add_openness(CommandLine& line);
void add_lineage(CommandLine& line);
void add_cite(CommandLine& line);
void add_license(CommandLine& line);
void add_init(CommandLine& line);
void add_import(CommandLine& line);
void add_export(CommandLine& line);
void add_publish(CommandLine& line);
void add_bundle(CommandLine& line);
void add_channel(CommandLine& line);
void add_release(CommandLine& line);
void add_search(CommandLine& line);
void add_publisher(CommandLine& line);
void add_key(CommandLine& line);
void add_mirror(CommandLine& line);
void add_attest(CommandLine& line);
void add_feedback(CommandLine& line);
void add_statement(CommandLine& line);
void add_status(CommandLine& line);
void add_completion(CommandLine& line);
void add_version(CommandLine& line);
void add_help(CommandLine& line);

}  // namespace owrd::cli
