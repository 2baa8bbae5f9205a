#include "cli/command.h"
#include "cli/drafts.h"
#include "cli/files.h"
#include "cli/records.h"
#include "cli/snapshots.h"
#include "daemon/core/text.h"

namespace owrd::cli {
namespace {

struct InitOptions {
  std::string directory;
  std::string file;
};

void add_flags(CLI::App& command, InitOptions& options) {
  command.add_option("directory", options.directory, "The release that is to be: its files")
      ->required()
      ->type_name("DIR");
  command
      .add_option("-o,--output", options.file,
                  "Where to write it; - is standard output (default: release.toml in DIR)")
      ->type_name("FILE");
}

Result<int> run_init(Context& context, const InitOptions& options) {
  const std::filesystem::path directory = absolute_path(options.directory);
  const auto file = options.file.empty() ? directory / kDescriptionName
                                         : std::filesystem::path(absolute_path(options.file));
  const auto snapshot = DirectorySnapshot::open(directory);
  if (!snapshot) return snapshot.error();
  if (options.file == "-") {
    context.output().raw(description_text(**snapshot).text);
    return 0;
  }
  const auto suggested = write_description(**snapshot, file);
  if (!suggested && suggested.error().code == ErrorCode::AlreadyExists)
    return Error{
        ErrorCode::AlreadyExists, file.string() + " is there already, and stays as it is",
        "edit it, or write another: owrd init " + shell_quote(options.directory) + " -o FILE"};
  if (!suggested) return suggested.error();
  auto& output = context.output();
  for (const auto& text : suggested->found) output.note("  " + text);
  for (const auto& text : suggested->passed_over) output.note("  passed over: " + text);
  for (const auto& text : suggested->contradictions) output.warning(text);
  output.good("wrote " + file.string() + ": fill in what is missing, nothing else is guessed");
  output.hint("then:  owrd publish " + shell_quote(options.directory) +
              " --as PUBLISHER/MODEL:VERSION");
  if (context.json())
    output.record(Json{{"path", file.string()},
                       {"found", suggested->found},
                       {"contradictions", suggested->contradictions},
                       {"passed_over", suggested->passed_over}});
  else
    output.result(file.string());
  return 0;
}

}  // namespace

void add_init(CommandLine& line) {
  add_command<InitOptions>(
      line, line.root,
      {"init", kPublishGroup, "Write release.toml, filled in from what is in a directory",
       "owrd init ./atlas\nowrd init ./atlas -o atlas.toml"},
      add_flags, run_init);
}

}  // namespace owrd::cli
