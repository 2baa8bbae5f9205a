#include "cli/completion.h"

#include <functional>
#include <vector>

#include "cli/usage.h"

namespace owrd::cli {
namespace {

using Visit = std::function<void(const CLI::App&)>;

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

void visit_all(const CLI::App& app, const Visit& visit) {
  visit(app);
  for (const CLI::App* command : commands_of(app)) visit_all(*command, visit);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

/// In single quotes, for a shell.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

/// The words that end in this command: "publisher add". Empty for the root.
std::string path_of(const CLI::App& command) {
  const auto name = full_name(command);
  return name == "owrd" ? "" : name.substr(5);
}

/// Finds the command that the line has reached, then offers its commands and flags, else files.
std::string render_bash(const CLI::App& root) {
  std::string words;
  visit_all(root, [&words](const CLI::App& command) {
    words += "    " + quoted(path_of(command)) + ") verbs=" + quoted(joined(verbs_of(command))) +
             "; flags=" + quoted(joined(flags_of(command))) + ";;\n";
  });
  return R"(# bash completion for owrd
_owrd_words() {
  verbs=; flags=
  case "$1" in
)" + words +
         R"(  esac
}
_owrd() {
  local current="${COMP_WORDS[COMP_CWORD]}" reached= verbs flags word i
  _owrd_words ""
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="${COMP_WORDS[i]}"
    case " $verbs " in
      *" $word "*) reached="${reached:+$reached }$word"; _owrd_words "$reached" ;;
    esac
  done
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$current"))
  elif [[ -n $verbs ]]; then
    COMPREPLY=($(compgen -W "$verbs" -- "$current"))
  else
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -o filenames -F _owrd owrd
)";
}

std::string render_zsh(const CLI::App& root) {
  return "#compdef owrd\nautoload -U +X bashcompinit && bashcompinit\n" + render_bash(root);
}

std::string fish_condition(const CLI::App& command) {
  const auto path = path_of(command);
  if (path.empty()) return "__fish_use_subcommand";
  std::string condition;
  for (std::size_t begin = 0; begin < path.size();) {
    const auto end = std::min(path.find(' ', begin), path.size());
    condition += (condition.empty() ? "" : "; and ") + std::string("__fish_seen_subcommand_from ") +
                 path.substr(begin, end - begin);
    begin = end + 1;
  }
  return condition;
}

std::string fish_option(const CLI::App& command, const CLI::Option& option) {
  std::string line = "complete -c owrd";
  if (command.get_parent() != nullptr) line += " -n " + quoted(fish_condition(command));
  for (const auto& name : option.get_snames()) line += " -s " + name;
  for (const auto& name : option.get_lnames()) line += " -l " + name;
  if (option.get_items_expected_max() > 0) line += " -r";
  return line + " -d " + quoted(option.get_description()) + "\n";
}

std::string render_fish(const CLI::App& root) {
  std::string script = "# fish completion for owrd\n";
  visit_all(root, [&script](const CLI::App& command) {
    for (const CLI::App* verb : commands_of(command))
      script += "complete -c owrd -f -n " + quoted(fish_condition(command)) + " -a " +
                quoted(verb->get_name()) + " -d " + quoted(verb->get_description()) + "\n";
    for (const CLI::Option* option : command.get_options())
      if (!option->get_positional()) script += fish_option(command, *option);
  });
  return script + "complete -c owrd -s h -l help -d 'Show the help of a command'\n";
}

}  // namespace

std::string render_completion(const CLI::App& root, const std::string& shell) {
  if (shell == "zsh") return render_zsh(root);
  if (shell == "fish") return render_fish(root);
  return render_bash(root);
}

}  // namespace owrd::cli
