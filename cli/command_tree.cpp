#include "cli/command_tree.h"

#include "cli/usage.h"

namespace owrd::cli {
namespace {

void add_globals(CLI::App& root, Globals& globals) {
  root.add_option("--host", globals.host,
                  "Which daemon: unix:///PATH/owrd.sock, or embedded for a private one (OWRD_HOST)")
      ->type_name("HOST");
  root.add_option("--config", globals.config, "The owrd.toml of a private daemon")
      ->type_name("FILE");
  root.add_flag("--json", globals.json, "Print JSON records, one on a line");
  root.add_flag("-q,--quiet", globals.quiet, "Print only ids and paths, warnings and errors");
  root.add_flag("-y,--yes", globals.yes, "Answer every question with yes");
  root.add_flag("--no-input", globals.no_input, "Ask nothing: a question is an error");
  root.add_option("--color", globals.color, "auto, always or never (NO_COLOR)")
      ->type_name("WHEN")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  root.add_option("--progress", globals.progress,
                  "auto, bar, plain (no redrawing), json or none (OWRD_PROGRESS)")
      ->type_name("HOW")
      ->check(CLI::IsMember({"auto", "bar", "plain", "json", "none"}));
  root.add_flag("--debug", globals.debug, "Say which daemon is used, and where it logs");
}

}  // namespace

CLI::App* add_group(CommandLine& line, const CommandText& text) {
  CLI::App* group = line.root.add_subcommand(text.name, text.summary);
  group->group(text.group)->footer(text.examples);
  group->require_subcommand(0, 1);
  return group;
}

CLI::Option* add_repeatable(CLI::App& command, const std::string& name,
                            std::vector<std::string>& values, const std::string& description) {
  return command.add_option(name, values, description)->allow_extra_args(false);
}

CLI::Option* add_ordered(CLI::App& command, const std::string& name, const std::string& description,
                         std::function<void(const std::string&)> take) {
  return command
      .add_option_function<std::vector<std::string>>(
          name,
          [take = std::move(take)](const std::vector<std::string>& values) {
            for (const auto& value : values) take(value);
          },
          description)
      ->allow_extra_args(false)
      ->trigger_on_parse();
}

CLI::Option* add_passphrase_file(CLI::App& command, std::string& file) {
  return command
      .add_option("--passphrase-file", file, "Its first line opens the key; - is standard input")
      ->type_name("FILE");
}

CommandTree::CommandTree(Globals& globals)
    : root_(
          "The open-weight release daemon: publish, seed, get and verify releases of model weights",
          "owrd"),
      line_{root_, nullptr} {
  root_.set_help_flag("");
  root_.fallthrough();
  root_.require_subcommand(0, 1);
  root_.footer(
      "owrd get acme/atlas:1.0\nowrd publish ./atlas --as acme/atlas:1.0 --license Apache-2.0");
  add_globals(root_, globals);
  add_get(line_);
  add_watch(line_);
  add_pause(line_);
  add_resume(line_);
  add_rm(line_);
  add_seed(line_);
  add_verify(line_);
  add_ls(line_);
  add_show(line_);
  add_inspect(line_);
  add_audit(line_);
  add_evaluate(line_);
  add_label(line_);
  add_openness(line_);
  add_lineage(line_);
  add_cite(line_);
  add_license(line_);
  add_init(line_);
  add_import(line_);
  add_export(line_);
  add_publish(line_);
  add_bundle(line_);
  add_release(line_);
  add_channel(line_);
  add_search(line_);
  add_publisher(line_);
  add_mirror(line_);
  add_attest(line_);
  add_feedback(line_);
  add_statement(line_);
  add_key(line_);
  add_status(line_);
  add_completion(line_);
  add_version(line_);
  add_help(line_);
}

Result<Action> CommandTree::parse(const std::vector<std::string>& arguments) {
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    root_.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    return usage_error(root_, error.what());
  }
  if (!line_.chosen) return missing_verb(root_);
  return line_.chosen;
}

}  // namespace owrd::cli
