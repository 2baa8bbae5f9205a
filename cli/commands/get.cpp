#include <unistd.h>

#include <filesystem>
#include <map>

#include "cli/command.h"
#include "cli/files.h"
#include "cli/follow.h"
#include "cli/license_terms.h"
#include "cli/reasons.h"
#include "cli/source.h"
#include "cli/wording.h"
#include "daemon/core/text.h"
#include "daemon/core/units.h"
#include "daemon/release/torrent.h"

namespace owrd::cli {
namespace {

struct GetOptions {
  std::vector<std::string> sources;
  std::string to;
  std::vector<std::string> include;
  std::vector<std::string> exclude;
  std::vector<std::string> peers;
  std::vector<std::string> reuse;
  std::string seed;
  std::string timeout;
  std::string accept_withdrawn;
  std::string accept_license;
  std::vector<std::string> allow;
  std::string quantization;
  std::vector<std::string> attested_by;
  std::uint32_t attestations = 0;
  bool allow_stale = false;
  bool allow_pre = false;
  bool dry_run = false;
  bool detach = false;
};

void add_trust_flags(CLI::App& command, GetOptions& options) {
  command.add_flag("--allow-stale", options.allow_stale,
                   "Resolve a name even when nothing fresh is known of its publisher");
  command
      .add_option("--accept-withdrawn", options.accept_withdrawn,
                  "Take a release that was withdrawn for this reason: " + reason_words())
      ->type_name("REASON")
      ->check(CLI::IsMember(reason_names()));
  command.add_flag("--pre", options.allow_pre,
                   "A name may stand for a pre-release, or for what is not public yet");
  command
      .add_option("--accept-license", options.accept_license,
                  "Accept the terms of this digest, which owrd license show prints")
      ->type_name("sha256:HEX");
  add_repeatable(command, "--allow", options.allow,
                 "Take what the audit refuses by this rule, or a family such as pickle; may be "
                 "repeated")
      ->type_name("RULE");
  auto* attestations =
      command
          .add_option("--require-attestations", options.attestations,
                      "So many pinned mirrors must say that they hold it and have hashed it")
          ->type_name("K");
  add_repeatable(command, "--from", options.attested_by,
                 "Only these mirrors count; may be repeated")
      ->type_name("NAME[,NAME]")
      ->delimiter(',')
      ->needs(attestations);
}

void add_flags(CLI::App& command, GetOptions& options) {
  command
      .add_option("source", options.sources,
                  "A ref, a magnet link, or a .owr file or its https:// URL")
      ->required()
      ->type_name("SOURCE");
  command
      .add_option("--to", options.to,
                  "Put the files here and seed them from here (default: a place in the store)")
      ->type_name("DIR");
  add_repeatable(command, "--include", options.include, "Only files that match; may be repeated")
      ->type_name("GLOB");
  add_repeatable(command, "--exclude", options.exclude, "No files that match; may be repeated")
      ->type_name("GLOB");
  command
      .add_option("--quant", options.quantization,
                  "Of the weights only this quantization, such as Q4_K_M; all other files")
      ->type_name("TAG");
  add_repeatable(command, "--peer", options.peers, "A peer to ask; may be repeated")
      ->type_name("HOST:PORT");
  add_repeatable(command, "--reuse", options.reuse,
                 "Take from here what is the same, such as an earlier version; may be repeated")
      ->type_name("DIR");
  command.add_flag(
      "--seed", options.seed,
      "Seed when complete: without a limit, or --seed=RATIO (1.5) or --seed=DURATION (7d)");
  command
      .add_option("--timeout", options.timeout,
                  "Give up when nothing came for so long (30s, 10m; 0: never)")
      ->type_name("DURATION");
  add_trust_flags(command, options);
  command.add_flag("-n,--dry-run", options.dry_run, "Say what would be fetched, fetch no weights");
  command.add_flag("-d,--detach", options.detach, "Return at once; owrd watch comes back to it");
}

Result<> set_seeding(const GetOptions& options, v1::GetRequest& request) {
  if (!options.seed.empty()) {
    const auto limit = parse_seed_limit(options.seed);
    if (!limit) return limit.error();
    *request.mutable_seed() = *limit;
  }
  if (options.timeout.empty()) return Done{};
  const auto timeout = parse_duration(options.timeout);
  if (!timeout)
    return Error{timeout.error().code, "--timeout: " + timeout.error().message, "--timeout 10m"};
  request.set_timeout_ms(static_cast<std::uint64_t>(timeout->count()));
  return Done{};
}

void set_trust(const GetOptions& options, v1::GetRequest& request) {
  request.set_allow_stale(options.allow_stale);
  request.set_allow_pre(options.allow_pre);
  request.set_accept_withdrawn(options.accept_withdrawn);
  for (const auto& rule : options.allow) request.add_allow(rule);
  request.set_require_attestations(options.attestations);
  for (const auto& mirror : options.attested_by) request.add_attested_by(mirror);
}

Result<> set_accepted(const GetOptions& options, v1::GetRequest& request) {
  if (options.accept_license.empty()) return Done{};
  std::string_view digits = options.accept_license;
  constexpr std::string_view kPrefix = "sha256:";
  if (digits.starts_with(kPrefix)) digits.remove_prefix(kPrefix.size());
  const auto digest = Digest::from_hex(digits);
  if (!digest)
    return Error{ErrorCode::InvalidInput,
                 "--accept-license " + options.accept_license + ": " + digest.error().message,
                 "owrd license show, with the release, prints it"};
  request.set_accept_license(digest->to_hex());
  return Done{};
}

Result<v1::GetRequest> request_of(const std::string& source, const GetOptions& options) {
  v1::GetRequest request;
  if (const auto set = set_source(source, request); !set) return set.error();
  if (!options.to.empty()) request.set_directory(absolute_path(options.to));
  for (const auto& glob : options.include) request.add_include(glob);
  for (const auto& glob : options.exclude) request.add_exclude(glob);
  for (const auto& peer : options.peers) {
    if (const auto valid = release::check_endpoint(peer); !valid)
      return Error{valid.error().code, "--peer " + peer + ": " + valid.error().message,
                   "--peer 203.0.113.7:29170"};
    request.add_peers(peer);
  }
  for (const auto& directory : options.reuse) {
    std::error_code ignored;
    if (!std::filesystem::is_directory(directory, ignored))
      return Error{ErrorCode::NotFound, "--reuse " + directory + ": there is no such directory",
                   "see what is there: ls"};
    request.add_reuse(absolute_path(directory));
  }
  if (const auto set = set_seeding(options, request); !set) return set.error();
  set_trust(options, request);
  if (const auto set = set_accepted(options, request); !set) return set.error();
  request.set_dry_run(options.dry_run);
  request.set_detach(options.detach);
  return request;
}

/// The command line that goes on with this.
std::string resume_command(const std::string& source, const GetOptions& options) {
  std::string command = "owrd get " + shell_quote(source);
  if (!options.to.empty()) command += " --to " + shell_quote(options.to);
  for (const auto& glob : options.include) command += " --include " + shell_quote(glob);
  for (const auto& glob : options.exclude) command += " --exclude " + shell_quote(glob);
  if (!options.quantization.empty()) command += " --quant " + shell_quote(options.quantization);
  for (const auto& peer : options.peers) command += " --peer " + shell_quote(peer);
  for (const auto& directory : options.reuse) command += " --reuse " + shell_quote(directory);
  if (!options.seed.empty())
    command += options.seed == "true" ? " --seed" : " --seed=" + options.seed;
  if (options.allow_stale) command += " --allow-stale";
  if (options.allow_pre) command += " --pre";
  if (!options.accept_license.empty()) command += " --accept-license " + options.accept_license;
  for (const auto& rule : options.allow) command += " --allow " + shell_quote(rule);
  if (!options.accept_withdrawn.empty())
    command += " --accept-withdrawn " + options.accept_withdrawn;
  if (options.attestations > 0)
    command += " --require-attestations " + std::to_string(options.attestations);
  for (const auto& mirror : options.attested_by) command += " --from " + shell_quote(mirror);
  return command;
}

/// A daemon of another user writes where it may, which is not the person's home.
Result<> check_directory(const Daemon& daemon, const std::string& source,
                         const GetOptions& options) {
  if (options.to.empty() || daemon.status.uid() == ::geteuid()) return Done{};
  return Error{ErrorCode::Denied,
               "--to " + options.to + ": the daemon at " + daemon.client.socket().string() +
                   " runs as another user (uid " + std::to_string(daemon.status.uid()) +
                   ") and cannot write there",
               "owrd get " + shell_quote(source) +
                   "   (into its store), or with your own daemon: --host embedded"};
}

void show_file_list(Context& context, const v1::TransferPlan& plan) {
  for (const auto& file : plan.files()) {
    const std::string_view what = !file.wanted()                           ? "left out"
                                  : file.bytes_verified() == file.length() ? "here"
                                                                           : "to fetch";
    context.output().note("  " + file.path() + "  " + format_size(file.length()) + "  " +
                          std::string(what));
  }
}

Result<int> finish_dry_run(Context& context, const Followed& followed) {
  if (!followed.plan || context.json()) return 0;
  const auto& release = followed.plan->release();
  const auto here = followed.plan->bytes_here();
  const auto wanted = release.bytes_wanted();
  show_file_list(context, *followed.plan);
  context.output().note("would fetch " + format_size(wanted > here ? wanted - here : 0) + "; " +
                        format_size(followed.plan->bytes_free()) +
                        " are free     (dry run, nothing written)");
  return 0;
}

Result<int> finish(Context& context, Daemon& daemon, const GetOptions& options,
                   const Followed& followed, const SignalTrap& trap) {
  if (!followed.done) return 0;
  show_done(context, *followed.done);
  const bool is_copy = followed.plan && !followed.plan->copied_from().empty();
  if (!daemon.status.is_private() || options.detach || is_copy) return 0;
  if (followed.done->seeding() && !options.seed.empty())
    return stay_seeding(context, daemon, followed.release, trap);
  context.output().hint("to keep seeding:  owrd seed --detach " + name_of(followed.release));
  return 0;
}

Result<int> finish_detached(Context& context, const GetOptions& options, const Followed& followed) {
  if (followed.done) {
    show_done(context, *followed.done);
    return 0;
  }
  const auto name = name_of(followed.release);
  context.output().note("goes on without this command. Come back to it:  owrd watch " + name);
  const auto& directory = followed.release.directory();
  // The place in the store is not known before the release is.
  if (!context.json() && !directory.empty())
    context.output().result(directory);
  else if (!context.json() && !options.to.empty())
    context.output().result(absolute_path(options.to));
  return 0;
}

/// Stays with a detached transfer only until the daemon has taken it over.
Result<int> get_detached(Context& context, Daemon& daemon, const GetOptions& options,
                         const v1::GetRequest& request, const SignalTrap& trap,
                         const std::string& resume) {
  TransferTalk talk(context, request.ref());
  const auto end = daemon.client.stream<v1::TransferEvent>(
      "Releases/Get", request,
      [&](const v1::TransferEvent& event) {
        talk.take(event);
        return !event.has_plan() && !event.has_progress();
      },
      &trap);
  const auto followed = talk.end(end ? *end : StreamEnd::Stopped);
  if (!end) return end.error();
  if (*end == StreamEnd::Signalled) return stop_transfer(context, daemon, followed, trap, resume);
  return finish_detached(context, options, followed);
}

/// Shows the terms to the person; the request with their acceptance.
Result<v1::GetRequest> accept_terms(Context& context, Daemon& daemon, const std::string& source,
                                    v1::GetRequest request) {
  const auto release = find_manifest(daemon, source);
  if (!release) return release.error();
  const auto terms = terms_of(daemon, *release);
  if (!terms) return terms.error();
  if (const auto accepted = ask_for_acceptance(context, *terms); !accepted) return accepted.error();
  request.set_accept_license(terms->digest);
  return request;
}

/// Leaves out the weights of all other quantizations.
Result<> select_quantization(Daemon& daemon, const std::string& source, const std::string& tag,
                             v1::GetRequest& request) {
  const auto release = find_manifest(daemon, source);
  if (!release) return release.error();
  std::string known;
  bool is_there = false;
  for (const auto& each : release->manifest.message().quantizations()) {
    known += (known.empty() ? "" : ", ") + each.tag();
    is_there = is_there || each.tag() == tag;
    if (each.tag() == tag) continue;
    for (const auto& path : each.paths()) request.add_exclude(literal_glob(path));
  }
  if (is_there) return Done{};
  return Error{ErrorCode::NotFound, release->ref + " has no quantization " + quoted(tag),
               known.empty() ? "its publisher names none; choose files with --include"
                             : "there are " + known};
}

Result<int> get_one(Context& context, const std::string& source, const v1::GetRequest& asked,
                    const GetOptions& options) {
  auto request = asked;
  const auto daemon = context.commanded_daemon();
  if (!daemon) return daemon.error();
  if (!options.quantization.empty()) {
    const auto selected = select_quantization(**daemon, source, options.quantization, request);
    if (!selected) return selected.error();
  }
  if (const auto reachable = check_directory(**daemon, source, options); !reachable)
    return reachable.error();
  if ((*daemon)->status.is_private() && !options.dry_run)
    context.output().note(
        "no daemon runs: a private one does this, and uploads while it downloads");

  const SignalTrap trap;
  const auto resume = resume_command(source, options);
  if (options.detach && !options.dry_run)
    return get_detached(context, **daemon, options, request, trap, resume);
  auto followed = follow(context, (*daemon)->client, "Releases/Get", request, trap, request.ref());
  if (!followed && followed.error().code == ErrorCode::NotAccepted && context.can_ask()) {
    auto accepted = accept_terms(context, **daemon, source, request);
    if (!accepted) return accepted.error();
    followed = follow(context, (*daemon)->client, "Releases/Get", *accepted, trap, request.ref());
  }
  if (!followed) return followed.error();
  if (followed->end == StreamEnd::Signalled && options.dry_run) return 128 + trap.caught();
  if (followed->end == StreamEnd::Signalled)
    return stop_transfer(context, **daemon, *followed, trap, resume);
  if (options.dry_run) return finish_dry_run(context, *followed);
  return finish(context, **daemon, options, *followed, trap);
}

Result<int> run_get(Context& context, const GetOptions& options) {
  if (options.sources.size() > 1 && !options.to.empty())
    return Error{ErrorCode::InvalidInput,
                 "--to names one directory, but several releases are to be fetched",
                 "owrd get one after the other, each with its own --to"};
  // What is wrong with the last is better said before the first takes its hours.
  std::map<std::string, v1::GetRequest> requests;
  for (const auto& source : options.sources) {
    auto request = request_of(source, options);
    if (!request) return request.error();
    requests[source] = std::move(*request);
  }
  return for_each(context, options.sources, [&](const std::string& source) {
    return get_one(context, source, requests.at(source), options);
  });
}

}  // namespace

void add_get(CommandLine& line) {
  add_command<GetOptions>(
      line, line.root,
      {"get", kReleaseGroup, "Fetch a release, every byte verified",
       "owrd get acme/atlas\n"
       "owrd get acme/atlas:1.0 --require-attestations 2 --from nord,mit\n"
       "owrd get acme/atlas:1.0 --to ./atlas --include '*.json' --include 'model-00001*'\n"
       "owrd get acme/llama:1.0 --accept-license sha256:HEX\n"
       "owrd get acme/atlas:1.1 --reuse ~/models/atlas-1.0\n"
       "owrd get atlas.owr --peer 203.0.113.7:29170 --seed=1.5\n"
       "owrd get 'magnet:?xt=urn:btmh:1220…' --timeout 10m"},
      add_flags, run_get)
      ->alias("pull");
}

}  // namespace owrd::cli
