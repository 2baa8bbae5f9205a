#include "cli/usage.h"

#include "daemon/core/suggest.h"

namespace owrd::cli {
namespace {

/// The command that was reached before the parser gave up.
const CLI::App& reached(const CLI::App& root) {
  const CLI::App* command = &root;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  return *command;
}

const CLI::App* find_verb(const CLI::App& command, const std::string& word) {
  for (const CLI::App* verb : command.get_subcommands([](const CLI::App*) { return true; }))
    if (verb->check_name(word)) return verb;
  return nullptr;
}

std::string help_of(const CLI::App& command) {
  const auto name = full_name(command);
  return name == "owrd" ? "owrd help" : "owrd help" + name.substr(4);
}

}  // namespace

const CLI::App& find_command(const CLI::App& root, const std::vector<std::string>& words) {
  const CLI::App* command = &root;
  for (const auto& word : words)
    if (const CLI::App* verb = find_verb(*command, word)) command = verb;
  return *command;
}

std::string full_name(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  return parent == nullptr ? command.get_name() : full_name(*parent) + " " + command.get_name();
}

std::vector<std::string> verbs_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* verb : command.get_subcommands([](const CLI::App*) { return true; })) {
    if (verb->get_group().empty()) continue;
    names.push_back(verb->get_name());
    for (const auto& alias : verb->get_aliases()) names.push_back(alias);
  }
  return names;
}

std::vector<std::string> flags_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* app = &command; app != nullptr; app = app->get_parent())
    for (const CLI::Option* option : app->get_options()) {
      for (const auto& name : option->get_lnames()) names.push_back("--" + name);
      for (const auto& name : option->get_snames()) names.push_back("-" + name);
    }
  names.emplace_back("--help");
  names.emplace_back("-h");
  return names;
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates,
                         const std::string& otherwise) {
  const std::vector<std::string_view> views(candidates.begin(), candidates.end());
  const auto near = nearest(word, views);
  return near ? "did you mean " + *near + "?" : otherwise;
}

Error usage_error(const CLI::App& root, const std::string& complaint) {
  const auto& command = reached(root);
  const auto extras = root.remaining(/*recurse=*/true);
  if (extras.empty()) return Error{ErrorCode::InvalidInput, complaint, help_of(command)};

  const auto& word = extras.front();
  if (word.starts_with('-')) {
    const auto flag = word.substr(0, word.find('='));
    return Error{ErrorCode::InvalidInput, full_name(command) + ": unknown flag " + flag,
                 did_you_mean(flag, flags_of(command), help_of(command))};
  }
  const auto verbs = verbs_of(command);
  if (!verbs.empty())
    return Error{ErrorCode::InvalidInput, "unknown command: " + full_name(command) + " " + word,
                 did_you_mean(word, verbs, help_of(command))};
  return Error{ErrorCode::InvalidInput, full_name(command) + ": one argument too many: " + word,
               help_of(command)};
}

Error missing_verb(const CLI::App& root) {
  const auto& command = reached(root);
  std::string verbs;
  for (const auto& verb : verbs_of(command)) verbs += (verbs.empty() ? "" : ", ") + verb;
  return Error{ErrorCode::InvalidInput, full_name(command) + ": which command? One of: " + verbs,
               help_of(command)};
}

}  // namespace owrd::cli
