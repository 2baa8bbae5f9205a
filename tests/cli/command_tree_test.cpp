#include "cli/command_tree.h"

#include "cli/completion.h"
#include "cli/help.h"
#include "cli/usage.h"
#include "tests/cli/cli_test.h"

namespace owrd::cli {
namespace {

using CommandLineTest = CliTest;

std::vector<const CLI::App*> all_commands(const CLI::App& app) {
  std::vector<const CLI::App*> commands;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    commands.push_back(command);
    for (const CLI::App* below : all_commands(*command)) commands.push_back(below);
  }
  return commands;
}

TEST_F(CommandLineTest, RefusesWhatItDoesNotKnowAndSaysWhatMayHaveBeenMeant) {
  struct Case {
    std::vector<std::string> arguments;
    std::string message;
    std::string hint;
  };
  const Case cases[] = {
      {{"gte", "acme/atlas"}, "unknown command: owrd gte", "did you mean get?"},
      {{"publisher", "ad", "x"}, "unknown command: owrd publisher ad", "did you mean add?"},
      {{"zzzzzz"}, "unknown command: owrd zzzzzz", "owrd help"},
      {{"get", "--detatch", "a/b"}, "owrd get: unknown flag --detatch", "did you mean --detach?"},
      {{"ls", "--jsno"}, "owrd ls: unknown flag --jsno", "did you mean --json?"},
      {{"ls", "--zzzzzzzz=3"}, "owrd ls: unknown flag --zzzzzzzz", "owrd help ls"},
      {{"show", "a/b", "c/d"}, "owrd show: one argument too many: c/d", "owrd help show"},
      {{"key"}, "owrd key: which command? One of: new, ls, list, export", "owrd help key"}};
  for (const auto& one : cases) {
    SCOPED_TRACE(one.message);
    EXPECT_EQ(run_owrd(one.arguments), 64);
    EXPECT_EQ(err, "error: " + one.message + "\n  hint: " + one.hint + "\n");
    EXPECT_EQ(out, "");
  }
}

TEST_F(CommandLineTest, RefusesMissingAndWrongValuesWithTheUsageCode) {
  const std::vector<std::vector<std::string>> cases = {{"get"},
                                                       {"get", "a/b", "--to"},
                                                       {"ls", "--color", "pink"},
                                                       {"ls", "--progress=fast"},
                                                       {"completion", "tcsh"},
                                                       {"bundle", "a/b"},
                                                       {"publish", "."},
                                                       {"show", "a/b", "--files", "--manifest"}};
  for (const auto& arguments : cases) {
    SCOPED_TRACE(arguments.front());
    EXPECT_EQ(run_owrd(arguments), 64);
    EXPECT_TRUE(err.starts_with("error: ")) << err;
  }
}

TEST_F(CommandLineTest, GivesAUsageErrorAsARecordInJson) {
  EXPECT_EQ(run_owrd({"gte", "--json"}), 64);

  EXPECT_EQ(last_error()["code"], 64);
  EXPECT_EQ(last_error()["name"], "usage");
}

TEST_F(CommandLineTest, ShowsHelpWithExamplesFirstForEveryCommand) {
  Globals globals;
  CommandTree tree(globals);
  for (const CLI::App* command : all_commands(tree.root())) {
    const auto help = render_help(*command);
    SCOPED_TRACE(full_name(*command));
    EXPECT_TRUE(help.starts_with("EXAMPLES\n  owrd")) << help;
    EXPECT_NE(help.find("USAGE\n  " + full_name(*command)), std::string::npos) << help;
    EXPECT_FALSE(command->get_description().empty());
  }
}

TEST_F(CommandLineTest, ShowsHelpWhereverItIsAskedFor) {
  const std::vector<std::vector<std::string>> cases = {
      {"get", "-h"},
      {"-h", "get"},
      {"get", "acme/atlas", "--bad-flag", "--help"},
      {"help", "get"},
      {"help", "pull"}};
  for (const auto& arguments : cases) {
    EXPECT_EQ(run_owrd(arguments), 0);
    EXPECT_NE(out.find("USAGE\n  owrd get SOURCE... [OPTIONS]"), std::string::npos) << out;
    EXPECT_EQ(err, "");
  }
}

TEST_F(CommandLineTest, ShowsAShortHelpWithTwoExamplesWhenNothingIsAsked) {
  EXPECT_EQ(run_owrd({}), 0);

  EXPECT_NE(out.find("EXAMPLES\n  owrd get acme/atlas:1.0\n  owrd publish"), std::string::npos)
      << out;
}

TEST_F(CommandLineTest, HelpsOnTopics) {
  for (const auto& topic : help_topics()) {
    EXPECT_EQ(run_owrd({"help", topic}), 0);
    EXPECT_FALSE(out.empty());
  }
  EXPECT_EQ(run_owrd({"help", "exit-code"}), 64);
  EXPECT_NE(err.find("did you mean exit-codes?"), std::string::npos) << err;
}

TEST_F(CommandLineTest, NamesEveryExitCodeInItsTopic) {
  const auto topic = help_topic("exit-codes").value();
  for (const auto code :
       {ErrorCode::InvalidInput, ErrorCode::NotFound, ErrorCode::AlreadyExists,
        ErrorCode::Untrusted, ErrorCode::BadSignature, ErrorCode::Corrupt, ErrorCode::NoSources,
        ErrorCode::NoSpace, ErrorCode::Io, ErrorCode::Denied, ErrorCode::Config, ErrorCode::Busy,
        ErrorCode::Unavailable, ErrorCode::Cancelled, ErrorCode::Internal}) {
    const auto& facts = error_facts(code);
    EXPECT_NE(topic.find(std::to_string(facts.exit_code) + "  " + facts.name), std::string::npos)
        << facts.name;
  }
}

TEST_F(CommandLineTest, CompletesEveryCommandAndFlagInEveryShell) {
  Globals globals;
  CommandTree tree(globals);
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const auto script = render_completion(tree.root(), shell);
    for (const CLI::App* command : all_commands(tree.root())) {
      SCOPED_TRACE(std::string(shell) + " " + full_name(*command));
      EXPECT_NE(script.find(command->get_name()), std::string::npos);
      for (const CLI::Option* option : command->get_options())
        for (const auto& name : option->get_lnames())
          EXPECT_NE(script.find(name), std::string::npos) << name;
    }
  }
}

TEST_F(CommandLineTest, PrintsItsVersion) {
  EXPECT_EQ(run_owrd({"version"}), 0);
  EXPECT_EQ(out, "owrd " OWRD_VERSION "\n");
  EXPECT_EQ(run_owrd({"--version"}), 0);
  EXPECT_EQ(out, "owrd " OWRD_VERSION "\n");
  EXPECT_EQ(run_owrd({"version", "--json"}), 0);
  EXPECT_EQ(nlohmann::json::parse(out)["version"], OWRD_VERSION);
}

TEST_F(CommandLineTest, TakesGlobalFlagsBeforeAndAfterTheCommand) {
  for (const auto& arguments :
       {std::vector<std::string>{"--json", "version"}, {"version", "--json"}}) {
    EXPECT_EQ(run_owrd(arguments), 0);
    EXPECT_TRUE(out.starts_with("{"));
  }
}

TEST_F(CommandLineTest, RefusesAWrongProgressInTheEnvironment) {
  variables["OWRD_PROGRESS"] = "fast";

  EXPECT_EQ(run_owrd({"version"}), 64);
  EXPECT_NE(err.find("OWRD_PROGRESS"), std::string::npos);
}

TEST_F(CommandLineTest, ColoursByFlagEnvironmentAndTerminal) {
  struct Case {
    std::string color;
    std::map<std::string, std::string> variables;
    bool is_terminal;
    bool expected;
  };
  const Case cases[] = {{"auto", {}, false, false},
                        {"auto", {}, true, true},
                        {"auto", {{"NO_COLOR", "1"}}, true, false},
                        {"auto", {{"NO_COLOR", ""}}, true, true},
                        {"auto", {{"TERM", "dumb"}}, true, false},
                        {"auto", {{"FORCE_COLOR", "1"}}, false, true},
                        {"never", {{"FORCE_COLOR", "1"}}, true, false},
                        {"always", {{"NO_COLOR", "1"}}, false, true}};
  for (const auto& one : cases) {
    Globals globals;
    globals.color = one.color;
    std::ostringstream stream;
    World world{stream, stream, terminal, [&one](const std::string& name) {
                  const auto found = one.variables.find(name);
                  return found == one.variables.end() ? std::nullopt : std::optional(found->second);
                }};
    world.err_is_terminal = one.is_terminal;
    EXPECT_EQ(look_of(globals, world).color_err, one.expected) << one.color;
  }
}

}  // namespace
}  // namespace owrd::cli
