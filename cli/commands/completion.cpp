#include "cli/completion.h"

#include "cli/command.h"

namespace owrd::cli {
namespace {

struct CompletionOptions {
  std::string shell;
};

}  // namespace

void add_completion(CommandLine& line) {
  auto options = std::make_shared<CompletionOptions>();
  CLI::App* command =
      line.root.add_subcommand("completion", "Print the completion script of a shell");
  command->group(kOtherGroup)
      ->footer(
          "owrd completion bash > ~/.local/share/bash-completion/completions/owrd\n"
          "owrd completion zsh > /usr/share/zsh/vendor-completions/_owrd\n"
          "owrd completion fish > ~/.config/fish/completions/owrd.fish");
  command->add_option("shell", options->shell, "bash, zsh or fish")
      ->required()
      ->type_name("SHELL")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback([&line, options] {
    line.chosen = [&line, options](Context& context) -> Result<int> {
      context.output().raw(render_completion(line.root, options->shell));
      return 0;
    };
  });
}

}  // namespace owrd::cli
