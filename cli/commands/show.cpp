#include "cli/command.h"
#include "cli/records.h"
#include "cli/trust_records.h"
#include "cli/wording.h"
#include "daemon/core/text.h"
#include "daemon/core/units.h"
#include "daemon/release/distribution.h"
#include "daemon/release/manifest.h"
#include "daemon/trust/envelope.h"

namespace owrd::cli {
namespace {

struct ShowOptions {
  std::string ref;
  bool files = false;
  bool manifest = false;
};

void add_flags(CLI::App& command, ShowOptions& options) {
  command.add_option("ref", options.ref, "The release")->required()->type_name("REF");
  auto* files = command.add_flag("--files", options.files, "List its files");
  command.add_flag("--manifest", options.manifest, "Print what was signed, as JSON")
      ->excludes(files);
}

/// Those that are known of the release. That they cannot be had is said, and no reason to show
/// nothing.
v1::AttestationsReply find_attestations(Context& context, Daemon& daemon, const std::string& ref) {
  v1::AttestationsRequest request;
  request.set_ref(ref);
  auto reply = daemon.client.call<v1::AttestationsReply>("Mirrors/Attestations", request);
  if (reply) return *reply;
  context.output().warning("its attestations are not known: " + reply.error().message);
  return {};
}

/// Whose it is comes from who was pinned: what a mirror calls itself proves nothing.
std::string attestation_of(const v1::AttestationRecord& attestation) {
  const auto who =
      attestation.has_mirror()
          ? attestation.mirror().name() + " (" + attestation.mirror().fingerprint() + ")"
          : "a mirror that is not pinned and calls itself " + quoted(attestation.mirror_name());
  return who + ", hashed on " + format_time(attestation.verified());
}

/// As it is seen from here.
release::DistributionReport observed(const v1::ReleaseRecord& release,
                                     const v1::AttestationsReply& attestations) {
  release::ObservedSources sources;
  const bool is_seeded_here = release.state() == v1::RELEASE_STATE_SEEDING;
  sources.independent_sources = release.seeds() + (is_seeded_here ? 1 : 0);
  for (const auto& attestation : attestations.attestations())
    if (attestation.has_mirror() && !attestation.mirror().is_own()) ++sources.attested_mirrors;
  return release::classify_distribution(sources);
}

Json json_of(const v1::ShowReleaseReply& reply, const v1::AttestationsReply& attestations) {
  auto record = release_record(reply.release());
  record["created"] = format_time(reply.created());
  record["piece_length"] = reply.piece_length();
  record["magnet"] = reply.magnet();
  record["signed_by"] = strings(reply.signed_by());
  record["endpoints"] = strings(reply.endpoints());
  auto files = Json::array();
  for (const auto& file : reply.files()) files.push_back(file_record(file));
  record["file_list"] = files;
  record["distribution"] = release::to_string(observed(reply.release(), attestations).distribution);
  record["attestations"] = Json::array();
  for (const auto& attestation : attestations.attestations())
    record["attestations"].push_back(attestation_record(attestation));
  return record;
}

std::string state_of(const v1::ReleaseRecord& release) {
  auto text = state_name(release.state()) + ", " +
              percent(release.bytes_verified(), release.bytes_wanted()) + " of " +
              format_size(release.bytes_wanted());
  if (release.partial()) text += " selected";
  if (!release.detail().empty()) text += ": " + release.detail();
  return text;
}

std::string distribution_of(const v1::ReleaseRecord& release,
                            const v1::AttestationsReply& attestations) {
  const auto report = observed(release, attestations);
  return std::string(release::to_string(report.distribution)) + ": " + report.why;
}

Table summary_of(const v1::ShowReleaseReply& reply, const v1::AttestationsReply& attestations) {
  const auto& release = reply.release();
  Table table{{{""}, {""}}, {}};
  const auto add = [&table](const char* name, const std::string& value) {
    if (!value.empty()) table.rows.push_back({Cell(name), Cell(value)});
  };
  add("ref", release.ref());
  add("release id", release.release_id().empty() ? "" : "sha256:" + release.release_id());
  add("created", reply.created() == 0 ? "" : format_time(reply.created()));
  add("publisher", release.publisher_id());
  add("signed by", joined(reply.signed_by()));
  add("license", release.license());
  add("files", count_of(release.files(), "file") + ", " + format_size(release.bytes_total()));
  add("piece length", reply.piece_length() == 0 ? "" : piece_size(reply.piece_length()));
  add("state", state_of(release));
  add("directory", release.directory());
  add("distribution", distribution_of(release, attestations));
  add("swarm", count_of(release.peers(), "peer") + ", " + count_of(release.seeds(), "seed"));
  add("infohash", release.infohash());
  add("magnet", reply.magnet());
  add("endpoints", joined(reply.endpoints()));
  add("damaged", joined(release.damaged_files()));
  for (const auto& attestation : attestations.attestations())
    add("attested by", attestation_of(attestation));
  return table;
}

Table files_of(const v1::ShowReleaseReply& reply) {
  Table table{{{"PATH"}, {"SIZE", true}, {"HAVE", true}, {"ROLE"}, {"SHA256"}}, {}};
  for (const auto& file : reply.files())
    table.rows.push_back({file.path(),
                          {format_size(file.length()), std::to_string(file.length())},
                          file.wanted() ? percent(file.bytes_verified(), file.length()) : "-",
                          file.role(),
                          file.sha256()});
  return table;
}

/// Read from the signed bytes themselves, not from what the daemon says of them.
Result<Json> manifest_of(const v1::ShowReleaseReply& reply) {
  const auto envelope =
      trust::parse_envelope(as_bytes(reply.envelope()), trust::PayloadKind::Manifest);
  if (!envelope) return envelope.error();
  const auto manifest = release::Manifest::parse(envelope->payload);
  if (!manifest) return manifest.error();
  auto files = Json::array();
  for (const auto& file : manifest->files())
    files.push_back(
        Json{{"path", file.path},
             {"length", file.length},
             {"pieces_root", file.pieces_root ? Json(file.pieces_root->to_hex()) : Json()},
             {"sha256", file.sha256.to_hex()},
             {"role", v1::FileRole_Name(file.role)}});
  auto signatures = Json::array();
  for (const auto& signature : envelope->signatures)
    signatures.push_back(
        Json{{"key_id", signature.key_id.to_hex()}, {"signature", to_hex(signature.bytes)}});
  const auto& message = manifest->message();
  return Json{
      {"release_id", manifest->release_id().to_hex()},
      {"publisher_id", manifest->publisher_id().to_hex()},
      {"model", manifest->model()},
      {"version", manifest->version()},
      {"created", format_time(manifest->created())},
      {"dir", manifest->dir()},
      {"piece_length", manifest->piece_length()},
      {"private_swarm", message.private_swarm()},
      {"license",
       {{"spdx_expression", manifest->license()}, {"text_path", message.license().text_path()}}},
      {"trackers", strings(message.trackers())},
      {"required_features", strings(message.required_features())},
      {"files", files},
      {"signatures", signatures}};
}

Result<int> run_show(Context& context, const ShowOptions& options) {
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  v1::ShowReleaseRequest request;
  request.set_ref(options.ref);
  const auto reply = (*daemon)->client.call<v1::ShowReleaseReply>("Releases/Show", request);
  if (!reply) return reply.error();
  auto& output = context.output();
  if (options.manifest) {
    const auto manifest = manifest_of(*reply);
    if (!manifest) return manifest.error();
    if (context.json())
      output.record(*manifest);
    else
      output.raw(manifest->dump(2) + "\n");
    return 0;
  }
  if (output.look().quiet && !context.json()) {
    output.result(reply->release().directory());
    return 0;
  }
  if (options.files && !context.json()) {
    output.table(files_of(*reply));
    return 0;
  }
  const auto attestations = find_attestations(context, **daemon, options.ref);
  if (context.json())
    output.record(json_of(*reply, attestations));
  else
    output.table(summary_of(*reply, attestations));
  return 0;
}

}  // namespace

void add_show(CommandLine& line) {
  add_command<ShowOptions>(line, line.root,
                           {"show", kReleaseGroup, "Show what is known of one release",
                            "owrd show acme/atlas:1.0\nowrd show acme/atlas:1.0 --files\nowrd show "
                            "acme/atlas:1.0 --manifest"},
                           add_flags, run_show);
}

}  // namespace owrd::cli
