#include <algorithm>

#include "cli/command.h"
#include "cli/drafts.h"
#include "cli/files.h"
#include "cli/passphrase.h"
#include "cli/publishers.h"
#include "cli/records.h"
#include "cli/release_keys.h"
#include "cli/wording.h"
#include "daemon/content/audit_report.h"
#include "daemon/core/ref.h"
#include "daemon/core/units.h"
#include "daemon/release/description.h"
#include "daemon/release/manifest.h"
#include "daemon/release/torrent.h"
#include "daemon/trust/envelope.h"

namespace owrd::cli {
namespace {

struct PublishOptions {
  std::string directory;
  std::string as;
  std::string license;
  std::string description;
  std::vector<std::string> allow;
  std::string reason;
  std::vector<std::string> keys;
  std::vector<std::string> trackers;
  std::string passphrase_file;
  bool copy = false;
  bool private_swarm = false;
  bool dry_run = false;
  bool detach = false;
};

void add_flags(CLI::App& command, PublishOptions& options) {
  command.add_option("directory", options.directory, "The release: its files, and nothing else")
      ->required()
      ->type_name("DIR");
  command.add_option("--as", options.as, "PUBLISHER/MODEL:VERSION")->required()->type_name("REF");
  command.add_option("--license", options.license, "An SPDX licence expression")->type_name("SPDX");
  command
      .add_option("--description", options.description,
                  "What you say of the release (default: release.toml in DIR, which owrd init "
                  "writes)")
      ->type_name("FILE");
  add_repeatable(command, "--allow", options.allow,
                 "Publish what the audit refuses by this rule, or a family such as pickle; may be "
                 "repeated")
      ->type_name("RULE");
  command.add_option("--reason", options.reason, "Why that is let through: for the manifest")
      ->type_name("TEXT");
  add_repeatable(command, "--key", options.keys,
                 "The key to sign with; may be repeated (default: the only one that fits)")
      ->type_name("NAME");
  add_repeatable(command, "--tracker", options.trackers, "An announce URL; may be repeated")
      ->type_name("URL");
  command.add_flag("--private", options.private_swarm, "Peers only from the trackers (BEP 27)");
  command.add_flag("--copy", options.copy, "Put a copy into the store instead of seeding in place");
  add_passphrase_file(command, options.passphrase_file);
  command.add_flag("-n,--dry-run", options.dry_run, "The same review, nothing written");
  command.add_flag("-d,--detach", options.detach, "Keep a private daemon alive to seed it");
}

/// What the publisher says, by the file that is named or the one in the directory; none is needed.
Result<> describe(const PublishOptions& options, v1::PrepareRequest& request) {
  const auto file = options.description.empty()
                        ? std::filesystem::path(options.directory) / kDescriptionName
                        : std::filesystem::path(options.description);
  std::error_code ignored;
  const auto status = std::filesystem::symlink_status(file, ignored);
  if (options.description.empty() && status.type() == std::filesystem::file_type::not_found)
    return Done{};
  if (options.description.empty() && !std::filesystem::is_regular_file(status))
    return Error{ErrorCode::InvalidInput, file.string() + " is no regular file",
                 "to take another one: --description FILE"};
  const auto description = read_description(file);
  if (!description) return description.error();
  const auto contradicts = [&](const char* field, const std::string& said,
                               const std::string& asked) {
    return Error{ErrorCode::InvalidInput,
                 file.string() + ": " + field + " is " + said + ", but --as says " + asked,
                 "make both say the same"};
  };
  const auto& said = description->said;
  if (!said.model().empty() && said.model() != request.model())
    return contradicts("model", said.model(), request.model());
  if (!said.version().empty() && said.version() != request.version())
    return contradicts("version", said.version(), request.version());
  request.set_said(release::publishers_part(said).SerializeAsString());
  request.set_stated_label(description->stated_label);
  for (const auto& endpoint : description->api_endpoints) request.add_api_endpoints(endpoint);
  return Done{};
}

Result<v1::PrepareRequest> request_of(const PublishOptions& options) {
  const auto ref = parse_ref(options.as);
  if (!ref) return ref.error();
  if (ref->publisher.empty() || ref->label.empty() || ref->release_id)
    return Error{ErrorCode::InvalidInput,
                 "--as " + options.as + ": expected PUBLISHER/MODEL:VERSION",
                 "--as acme/atlas:1.0"};
  if (!options.license.empty())
    if (const auto valid = release::check_license(options.license); !valid) return valid.error();
  v1::PrepareRequest request;
  request.set_directory(absolute_path(options.directory));
  request.set_publisher(ref->publisher);
  request.set_model(ref->model);
  request.set_version(ref->label);
  request.set_license(options.license);
  request.set_private_swarm(options.private_swarm);
  for (const auto& rule : options.allow) request.add_allow(rule);
  request.set_allow_reason(options.reason);
  if (const auto described = describe(options, request); !described) return described.error();
  for (const auto& tracker : options.trackers) {
    if (const auto valid = release::check_tracker(tracker); !valid) return valid.error();
    request.add_trackers(tracker);
  }
  return request;
}

using SecretKeys = std::vector<trust::SecretKey>;

Result<v1::Prepared> prepare(Context& context, Daemon& daemon, const v1::PrepareRequest& request,
                             const SignalTrap& trap) {
  Progress progress(context.output(), context.hashing_progress());
  std::optional<v1::Prepared> prepared;
  const auto end = daemon.client.stream<v1::PrepareEvent>(
      "Publishing/Prepare", request,
      [&](const v1::PrepareEvent& event) {
        if (event.has_progress()) progress.hashing(event.progress());
        if (event.has_prepared()) prepared = event.prepared();
        return true;
      },
      &trap);
  progress.end();
  if (!end) return end.error();
  if (*end == StreamEnd::Signalled)
    return Error{ErrorCode::Cancelled, "stopped; nothing was published"};
  if (!prepared)
    return Error{ErrorCode::Internal, "the daemon ended the preparation without a manifest"};
  return *prepared;
}

bool has_trackers_of(const v1::PrepareRequest& request, const release::Manifest& manifest) {
  const auto& asked = request.trackers();
  const auto& prepared = manifest.message().trackers();
  return std::equal(asked.begin(), asked.end(), prepared.begin(), prepared.end());
}

/// All that the publisher says is in the manifest as it was said, and nothing that was not; the
/// licence, and owrd's own audit, apart.
bool says_what_was_said(const release::Manifest& manifest, const v1::PrepareRequest& request) {
  v1::Manifest said;
  if (!said.ParseFromString(request.said())) return false;
  auto prepared = release::publishers_part(manifest.message());
  auto& audits = *prepared.mutable_audits();
  const bool has_own = !audits.empty() && audits.rbegin()->kind() == content::kAuditKind;
  if (has_own) audits.RemoveLast();
  said.clear_license();
  prepared.clear_license();
  return said.SerializeAsString() == prepared.SerializeAsString();
}

bool is_what_was_asked_for(const release::Manifest& manifest, const v1::PrepareRequest& request,
                           const v1::PublisherRecord& publisher) {
  return manifest.publisher_id().to_hex() == publisher.id() &&
         manifest.model() == request.model() && manifest.version() == request.version() &&
         (request.license().empty() || manifest.license() == request.license()) &&
         manifest.message().private_swarm() == request.private_swarm() &&
         has_trackers_of(request, manifest) && says_what_was_said(manifest, request);
}

/// What is about to be signed is read from the very bytes, and must be what was asked for.
Result<release::Manifest> check_manifest(const v1::Prepared& prepared,
                                         const v1::PrepareRequest& request,
                                         const v1::PublisherRecord& publisher) {
  auto manifest = release::Manifest::parse(as_bytes(prepared.manifest()));
  if (!manifest) return manifest;
  if (is_what_was_asked_for(*manifest, request, publisher)) return manifest;
  return Error{ErrorCode::Internal,
               "the daemon prepared another release than it was asked for; nothing was signed",
               "owrd status   (compare its version with: owrd version)"};
}

void show_left_out(Output& output, const v1::Prepared& prepared) {
  constexpr int kMost = 10;
  for (int i = 0; i < std::min(prepared.left_out_size(), kMost); ++i) {
    const auto& left_out = prepared.left_out(i);
    output.note("  left out      " + left_out.path() + " (" + left_out.reason() + ")");
  }
  if (prepared.left_out_size() > kMost)
    output.note("  left out      and " + std::to_string(prepared.left_out_size() - kMost) +
                " more");
}

void show_review(Context& context, const v1::PrepareRequest& request, const v1::Prepared& prepared,
                 const release::Manifest& manifest, const std::vector<trust::KeyFile>& keys,
                 bool is_dry_run) {
  auto& output = context.output();
  output.note(request.publisher() + "/" + manifest.model() + ":" + manifest.version() + "   from " +
              request.directory());
  // It counts when it was made, so the one of a dry run will not come again.
  if (!is_dry_run) output.note("  release id    sha256:" + manifest.release_id().to_hex());
  output.note("  files         " + count_of(prepared.files(), "file") + ", " +
              format_size(prepared.bytes()) + ", and release.owrd");
  output.note("  piece length  " + piece_size(prepared.piece_length()));
  output.note("  licence       " + (manifest.license().empty() ? "none" : manifest.license()));
  for (const auto& key : keys)
    output.note("  key           " + key.name + " (" + trust::fingerprint(key.public_key.id()) +
                ")");
  for (const auto& tracker : manifest.message().trackers())
    output.note("  tracker       " + tracker);
  if (manifest.message().private_swarm())
    output.note("  swarm         private: peers only from the trackers");
  show_left_out(output, prepared);
  for (const auto& warning : prepared.warnings()) output.warning(warning);
}

Result<v1::Committed> commit(Context& context, Daemon& daemon, const std::string& envelope,
                             const PublishOptions& options, const SignalTrap& trap) {
  v1::CommitRequest request;
  request.set_envelope(envelope);
  request.set_copy(options.copy);
  request.set_detach(options.detach);
  Progress progress(context.output(), context.hashing_progress());
  std::optional<v1::Committed> committed;
  const auto end = daemon.client.stream<v1::CommitEvent>(
      "Publishing/Commit", request,
      [&](const v1::CommitEvent& event) {
        if (event.has_progress()) progress.hashing(event.progress());
        if (event.has_committed()) committed = event.committed();
        return true;
      },
      &trap);
  progress.end();
  if (!end) return end.error();
  if (*end == StreamEnd::Signalled)
    return Error{ErrorCode::Cancelled, "stopped while publishing",
                 "owrd publish again; what is there is used"};
  if (!committed)
    return Error{ErrorCode::Internal, "the daemon ended the publication without a release"};
  return *committed;
}

int finish(Context& context, const v1::Committed& committed, const PublishOptions& options) {
  const auto& release = committed.release();
  auto& output = context.output();
  output.good("published " + release.ref() + ", " + state_name(release.state()) + " from " +
              release.directory());
  if (!committed.stays_seeding() && !options.detach)
    output.hint("nothing seeds it once this command has ended; to seed:  owrd seed --detach " +
                release.ref());
  if (context.json())
    output.record(Json{{"ref", release.ref()},
                       {"release_id", release.release_id()},
                       {"btmh", "1220" + release.infohash()},
                       {"infohash", release.infohash()},
                       {"magnet", committed.magnet()},
                       {"files", release.files()},
                       {"bytes", release.bytes_total()},
                       {"path", release.directory()},
                       {"seeding", release.state() == v1::RELEASE_STATE_SEEDING}});
  else
    output.result(committed.magnet());
  return 0;
}

/// The signed manifest; nothing when the person does not want it.
Result<std::optional<std::string>> sign(Context& context, const release::Manifest& manifest,
                                        const std::string& as,
                                        const std::vector<trust::KeyFile>& files,
                                        const PublishOptions& options,
                                        std::optional<SecretKeys> keys) {
  const auto is_sure = context.confirm("Sign and publish " + as + "?");
  if (!is_sure) return is_sure.error();
  if (!*is_sure) return std::optional<std::string>();
  if (!keys) {
    auto opened = unlock_all(context, files, options.passphrase_file);
    if (!opened) return opened.error();
    keys = std::move(*opened);
  }
  return std::optional(seal_with(trust::PayloadKind::Manifest, manifest.payload(), *keys));
}

int exit_code_of(const SignalTrap& trap, int otherwise) {
  return trap.caught() == 0 ? otherwise : 128 + trap.caught();
}

/// A signal is no error: what it means is said, and the exit code is the signal's.
template <class T>
Result<int> failed(Context& context, const Result<T>& result, const SignalTrap& trap) {
  if (trap.caught() == 0) return result.error();
  context.output().note(result.error().message);
  return exit_code_of(trap, 1);
}

Result<int> run_publish(Context& context, const PublishOptions& options) {
  const auto request = request_of(options);
  if (!request) return request.error();
  const auto found = context.commanded_daemon();
  if (!found) return found.error();
  auto& daemon = **found;
  const auto shown = show_publisher(daemon, request->publisher());
  if (!shown) return shown.error();
  const auto& publisher = shown->publisher();
  const auto chain = chain_of(*shown);
  if (!chain) return chain.error();
  // Hashing may take hours: a missing key or a wrong passphrase is better found before.
  const auto files = choose_release_keys(
      context.keyring(), {chain->newest(), publisher.petname(), request->model()}, options.keys);
  if (!files) return files.error();
  std::optional<SecretKeys> keys;
  if (!options.dry_run && !context.can_ask()) {
    auto opened = unlock_all(context, *files, options.passphrase_file);
    if (!opened) return opened.error();
    keys = std::move(*opened);
  }

  std::optional<SignalTrap> trap(std::in_place);
  const auto prepared = prepare(context, daemon, *request, *trap);
  if (!prepared) return failed(context, prepared, *trap);
  trap.reset();
  const auto manifest = check_manifest(*prepared, *request, publisher);
  if (!manifest) return manifest.error();
  show_review(context, *request, *prepared, *manifest, *files, options.dry_run);
  if (options.dry_run) {
    context.output().note("would publish it     (dry run, nothing written)");
    return 0;
  }
  auto envelope = prepared->envelope();
  if (!envelope.empty()) {
    context.output().note(
        "this very content is published already; it is seeded, and nothing is left to sign");
  } else {
    const auto signed_one = sign(context, *manifest, options.as, *files, options, std::move(keys));
    if (!signed_one) return signed_one.error();
    if (!*signed_one) {
      context.output().note("nothing was published");
      return 1;
    }
    envelope = **signed_one;
  }
  trap.emplace();
  const auto committed = commit(context, daemon, envelope, options, *trap);
  if (!committed) return failed(context, committed, *trap);
  return finish(context, *committed, options);
}

}  // namespace

void add_publish(CommandLine& line) {
  add_command<PublishOptions>(
      line, line.root,
      {"publish", kPublishGroup, "Sign a directory as a release and seed it in place",
       "owrd publish ./atlas --as acme/atlas:1.0 --license Apache-2.0\n"
       "owrd publish ./atlas --as acme/atlas:1.0 --license Apache-2.0 -n\n"
       "owrd publish ./atlas --as acme/atlas:1.0 --license Apache-2.0 -y --json"},
      add_flags, run_publish);
}

}  // namespace owrd::cli
