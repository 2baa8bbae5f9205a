#include "cli/command.h"
#include "cli/follow.h"

namespace owrd::cli {
namespace {

struct WatchOptions {
  std::string ref;
};

void add_flags(CLI::App& command, WatchOptions& options) {
  command.add_option("ref", options.ref, "The release")->required()->type_name("REF");
}

Result<int> run_watch(Context& context, const WatchOptions& options) {
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  v1::WatchRequest request;
  request.set_ref(options.ref);
  const SignalTrap trap;
  const auto followed = follow(context, (*daemon)->client, "Releases/Watch", request, trap);
  if (!followed) return followed.error();
  if (followed->end == StreamEnd::Signalled) {
    context.output().note(name_of(followed->release) +
                          " goes on without this command. To stop it:  owrd pause " + options.ref);
    return 128 + trap.caught();
  }
  if (followed->done) show_done(context, *followed->done);
  return 0;
}

}  // namespace

void add_watch(CommandLine& line) {
  add_command<WatchOptions>(line, line.root,
                            {"watch", kReleaseGroup, "Follow a transfer until it is complete",
                             "owrd watch acme/atlas:1.0\nowrd watch --json acme/atlas:1.0"},
                            add_flags, run_watch);
}

}  // namespace owrd::cli
