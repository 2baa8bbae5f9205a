#include "cli/command.h"
#include "cli/files.h"
#include "cli/follow.h"
#include "cli/records.h"
#include "cli/source.h"
#include "daemon/core/text.h"

namespace owrd::cli {
namespace {

struct SeedOptions {
  std::string target;
  std::string ratio;
  std::string time;
  bool detach = false;
};

void add_flags(CLI::App& command, SeedOptions& options) {
  command.add_option("target", options.target, "A release, or a directory that holds release.owrd")
      ->required()
      ->type_name("REF|DIR");
  command.add_option("--ratio", options.ratio, "Stop after so many copies (1.5)")
      ->type_name("RATIO");
  command.add_option("--time", options.time, "Stop after so long (7d)")->type_name("DURATION");
  command.add_flag("-d,--detach", options.detach,
                   "Return once it seeds; a private daemon stays alive");
}

Result<v1::SeedRequest> request_of(const SeedOptions& options) {
  v1::SeedRequest request;
  if (is_directory_target(options.target))
    request.set_directory(absolute_path(options.target));
  else
    request.set_ref(options.target);
  for (const auto& text : {options.ratio, options.time}) {
    if (text.empty()) continue;
    const auto limit = parse_seed_limit(text);
    if (!limit) return limit.error();
    request.mutable_limit()->MergeFrom(*limit);
  }
  request.set_detach(options.detach);
  return request;
}

Result<int> finish(Context& context, Daemon& daemon, const SeedOptions& options,
                   const Followed& followed, const SignalTrap& trap) {
  const auto& release = followed.release;
  context.output().good("seeding " + release.ref() + " from " + release.directory());
  if (context.json() && followed.done)
    context.output().record(done_record(*followed.done));
  else if (!context.json())
    context.output().result(release.ref());
  if (!daemon.status.is_private() || options.detach) return 0;
  return stay_seeding(context, daemon, release, trap);
}

Result<int> run_seed(Context& context, const SeedOptions& options) {
  const auto request = request_of(options);
  if (!request) return request.error();
  const auto daemon = context.commanded_daemon();
  if (!daemon) return daemon.error();
  const SignalTrap trap;
  const auto followed = follow(context, (*daemon)->client, "Releases/Seed", *request, trap);
  if (!followed) return followed.error();
  if (followed->end == StreamEnd::Signalled)
    return stop_transfer(context, **daemon, *followed, trap,
                         "owrd seed " + shell_quote(options.target));
  return finish(context, **daemon, options, *followed, trap);
}

}  // namespace

void add_seed(CommandLine& line) {
  add_command<SeedOptions>(
      line, line.root,
      {"seed", kReleaseGroup, "Seed a release, or adopt a directory that holds one",
       "owrd seed acme/atlas:1.0\nowrd seed ./atlas --detach\nowrd seed ./atlas --ratio 2 --time "
       "30d"},
      add_flags, run_seed);
}

}  // namespace owrd::cli
