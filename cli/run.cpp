#include "cli/run.h"

#include <algorithm>

#include "cli/command_tree.h"
#include "cli/help.h"
#include "cli/usage.h"
#include "daemon/core/text.h"

namespace owrd::cli {
namespace {

bool is_set(const World& world, const std::string& name) {
  return !world.environment(name).value_or("").empty();
}

bool is_utf8(const World& world) {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    auto value = world.environment(name).value_or("");
    if (value.empty()) continue;
    std::transform(value.begin(), value.end(), value.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return value.find("utf-8") != value.npos || value.find("utf8") != value.npos;
  }
  return false;
}

bool has_color(const Globals& globals, const World& world, bool is_terminal) {
  if (globals.color == "never") return false;
  if (globals.color == "always") return true;
  if (is_set(world, "NO_COLOR") || world.environment("TERM") == "dumb") return false;
  return is_terminal || is_set(world, "FORCE_COLOR");
}

/// "-h" anywhere asks for the help of the command it stands with; what comes after "--" is data.
bool asks_for(const std::vector<std::string>& arguments, std::initializer_list<const char*> flags) {
  for (const auto& argument : arguments) {
    if (argument == "--") return false;
    if (std::find(flags.begin(), flags.end(), argument) != flags.end()) return true;
  }
  return false;
}

/// The control protocol carries text, and text is UTF-8.
Result<> check_text(const std::vector<std::string>& arguments) {
  for (const auto& argument : arguments)
    if (!is_valid_utf8(argument))
      return Error{ErrorCode::InvalidInput, "the argument " + quoted(argument) + " is not UTF-8",
                   "rename what it names, or go there first and say . instead"};
  return Done{};
}

Result<> check_environment(const Globals& globals, bool err_is_terminal) {
  const auto mode = parse_progress_mode(globals.progress, err_is_terminal);
  if (!mode)
    return Error{mode.error().code, "OWRD_PROGRESS: " + mode.error().message, mode.error().hint};
  return Done{};
}

int report(Output& output, const Error& error) {
  output.error(error);
  return error_facts(error.code).exit_code;
}

int act(const Action& action, const Globals& globals, Output& output, World& world) {
  Context context(globals, output, world);
  const auto exit_code = action(context);
  if (!exit_code) return report(output, exit_code.error());
  if (const auto flushed = output.flush(); !flushed) return report(output, flushed.error());
  return *exit_code;
}

}  // namespace

Look look_of(const Globals& globals, const World& world) {
  Look look;
  look.json = globals.json;
  look.quiet = globals.quiet;
  look.debug = globals.debug;
  look.out_is_terminal = world.out_is_terminal;
  look.err_is_terminal = world.err_is_terminal;
  look.color_out = has_color(globals, world, world.out_is_terminal);
  look.color_err = has_color(globals, world, world.err_is_terminal);
  look.utf8 = is_utf8(world);
  look.width = world.width;
  return look;
}

int run(const std::vector<std::string>& arguments, World& world) {
  Globals globals;
  CommandTree tree(globals);
  if (arguments.empty()) {
    world.out << render_short_help(tree.root());
    return 0;
  }
  if (asks_for(arguments, {"-h", "--help"})) {
    world.out << render_help(find_command(tree.root(), arguments));
    return 0;
  }
  const bool is_version = arguments.front() == "--version" || arguments.front() == "-V";
  const auto action = tree.parse(is_version ? std::vector<std::string>{"version"} : arguments);
  // A refused command line may have been refused before its --json was read.
  if (!action) globals.json = asks_for(arguments, {"--json"});
  Output output(world.out, world.err, look_of(globals, world));
  if (!action) return report(output, action.error());
  if (const auto valid = check_text(arguments); !valid) return report(output, valid.error());

  if (globals.progress.empty()) {
    const auto progress = world.environment("OWRD_PROGRESS").value_or("");
    if (progress != "auto") globals.progress = progress;
  }
  if (const auto valid = check_environment(globals, world.err_is_terminal); !valid)
    return report(output, valid.error());
  return act(*action, globals, output, world);
}

}  // namespace owrd::cli
