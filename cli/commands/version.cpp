#include "cli/command.h"

namespace owrd::cli {
namespace {

struct VersionOptions {};

void add_flags(CLI::App&, VersionOptions&) {}

Result<int> run_version(Context& context, const VersionOptions&) {
  if (context.json())
    context.output().record(Json{{"name", "owrd"}, {"version", OWRD_VERSION}});
  else
    context.output().result("owrd " OWRD_VERSION);
  return 0;
}

}  // namespace

void add_version(CommandLine& line) {
  add_command<VersionOptions>(line, line.root,
                              {"version", kOtherGroup, "Print the version of this program",
                               "owrd version\nowrd version --json"},
                              add_flags, run_version);
}

}  // namespace owrd::cli
