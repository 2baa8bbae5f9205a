#include "cli/help.h"

#include "cli/command.h"
#include "cli/usage.h"

namespace owrd::cli {
namespace {

struct HelpOptions {
  std::vector<std::string> words;
};

/// "get", "key new" or a topic. The empty list is the root.
Result<std::string> help_on(const CLI::App& root, const std::vector<std::string>& words) {
  if (words.size() == 1)
    if (const auto topic = help_topic(words.front())) return *topic;
  const CLI::App* command = &root;
  for (const auto& word : words) {
    const CLI::App& verb = find_command(*command, {word});
    if (&verb == command) {
      auto candidates = verbs_of(*command);
      if (command == &root)
        for (const auto& topic : help_topics()) candidates.push_back(topic);
      return Error{ErrorCode::InvalidInput, "no help on \"" + word + "\"",
                   did_you_mean(word, candidates, "owrd help")};
    }
    command = &verb;
  }
  return render_help(*command);
}

}  // namespace

void add_help(CommandLine& line) {
  auto options = std::make_shared<HelpOptions>();
  CLI::App* command = line.root.add_subcommand("help", "Say more about a command or a topic");
  command->group(kOtherGroup)
      ->footer("owrd help get\nowrd help publisher add\nowrd help exit-codes");
  command->add_option("topic", options->words, "A command or a topic")->type_name("TOPIC");
  command->callback([&line, options] {
    line.chosen = [&line, options](Context& context) -> Result<int> {
      const auto text = help_on(line.root, options->words);
      if (!text) return text.error();
      context.output().raw(*text);
      return 0;
    };
  });
}

}  // namespace owrd::cli
