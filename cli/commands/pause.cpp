#include "cli/command.h"
#include "cli/records.h"
#include "cli/wording.h"

namespace owrd::cli {
namespace {

struct PauseOptions {
  std::vector<std::string> refs;
};

void add_flags(CLI::App& command, PauseOptions& options) {
  command.add_option("ref", options.refs, "The releases")->required()->type_name("REF");
}

Result<int> pause_one(Context& context, const std::string& ref) {
  const auto daemon = context.commanded_daemon();
  if (!daemon) return daemon.error();
  v1::PauseRequest request;
  request.set_ref(ref);
  const auto reply = (*daemon)->client.call<v1::PauseReply>("Releases/Pause", request);
  if (!reply) return reply.error();
  const auto& release = reply->release();
  if (context.json())
    context.output().record(release_record(release));
  else
    context.output().good("paused " + release.ref() + " at " +
                          percent(release.bytes_verified(), release.bytes_wanted()));
  return 0;
}

Result<int> run_pause(Context& context, const PauseOptions& options) {
  return for_each(context, options.refs,
                  [&](const std::string& ref) { return pause_one(context, ref); });
}

}  // namespace

void add_pause(CommandLine& line) {
  add_command<PauseOptions>(line, line.root,
                            {"pause", kReleaseGroup, "Stop fetching or seeding, keep what is here",
                             "owrd pause acme/atlas:1.0\nowrd ls -q | xargs owrd pause"},
                            add_flags, run_pause);
}

}  // namespace owrd::cli
