#include <functional>

#include "cli/command.h"
#include "cli/files.h"
#include "cli/key_names.h"
#include "cli/manifests.h"
#include "cli/passphrase.h"
#include "cli/records.h"
#include "daemon/exports/cyclonedx.h"
#include "daemon/exports/dsse.h"
#include "daemon/exports/in_toto.h"
#include "daemon/exports/minisign.h"
#include "daemon/exports/model_card.h"
#include "daemon/exports/model_signing.h"
#include "daemon/exports/openness_framework.h"
#include "daemon/exports/sha256sums.h"
#include "daemon/exports/spdx.h"

namespace owrd::cli {
namespace {

struct ExportOptions {
  std::string ref;
  std::string format;
  std::string file;
  std::string key;
  std::string passphrase_file;
};

const std::vector<std::string> kFormats = {"dsse",      "intoto", "oms",      "hf-card",   "mof",
                                           "cyclonedx", "spdx",   "minisign", "sha256sums"};

void add_flags(CLI::App& command, ExportOptions& options) {
  std::string names;
  for (const auto& format : kFormats) names += (names.empty() ? "" : ", ") + format;
  command.add_option("ref", options.ref, "The release")->required()->type_name("REF");
  command.add_option("--format", options.format, names)
      ->required()
      ->type_name("FORMAT")
      ->check(CLI::IsMember(kFormats));
  command
      .add_option("-o,--output", options.file,
                  "Where to write it; - is standard output (default: the format's own name)")
      ->type_name("FILE");
  command
      .add_option("--key", options.key,
                  "Your key, for formats that are signed: oms and minisign must be, intoto may be")
      ->type_name("NAME");
  add_passphrase_file(command, options.passphrase_file);
}

/// The key that is named, unlocked; nothing when none is.
Result<std::optional<trust::SecretKey>> signer_of(Context& context, const ExportOptions& options) {
  if (options.key.empty()) {
    if (options.format == "oms" || options.format == "minisign")
      return Error{ErrorCode::InvalidInput,
                   "--format " + options.format + " wants a key to sign with",
                   "owrd key ls shows yours; --key NAME"};
    return std::optional<trust::SecretKey>();
  }
  const auto file = context.keyring().find(options.key);
  if (!file) return file.error();
  auto keys = unlock_all(context, {*file}, options.passphrase_file);
  if (!keys) return keys.error();
  return std::optional(std::move(keys->front()));
}

std::vector<trust::Attestation> attestations_of(Context& context, Daemon& daemon,
                                                const std::string& ref) {
  std::vector<trust::Attestation> attestations;
  v1::AttestationsRequest request;
  request.set_ref(ref);
  const auto reply = daemon.client.call<v1::AttestationsReply>("Mirrors/Attestations", request);
  if (!reply) {
    context.output().warning("attestations are left out: " + reply.error().message);
    return attestations;
  }
  for (const auto& record : reply->attestations())
    if (auto attestation = trust::Attestation::verify(as_bytes(record.envelope())))
      attestations.push_back(std::move(*attestation));
  return attestations;
}

Result<exports::Exported> make(Context& context, Daemon& daemon, const SignedManifest& release,
                               const ExportOptions& options) {
  const auto signer = signer_of(context, options);
  if (!signer) return signer.error();
  const auto* key = *signer ? &**signer : nullptr;
  const auto& manifest = release.manifest;
  const exports::Origin origin{release.ref.substr(0, release.ref.find('/')), ""};
  if (options.format == "dsse") return exports::dsse(release.envelope, manifest.dir());
  if (options.format == "intoto")
    return exports::in_toto(manifest, attestations_of(context, daemon, release.ref), key);
  if (options.format == "oms") return exports::model_signing(manifest, *key);
  if (options.format == "hf-card") return exports::model_card(manifest, origin);
  if (options.format == "mof") return exports::openness_framework(manifest, origin);
  if (options.format == "cyclonedx") return exports::cyclonedx(manifest, origin);
  if (options.format == "spdx") return exports::spdx(manifest, origin);
  if (options.format == "minisign")
    return exports::minisign_signature(exports::sha256sums(manifest), manifest.created(),
                                       "sha256:" + manifest.release_id().to_hex(), *key);
  return exports::sha256sums(manifest);
}

Result<int> run_export(Context& context, const ExportOptions& options) {
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  const auto release = find_manifest(**daemon, options.ref);
  if (!release) return release.error();
  const auto exported = make(context, **daemon, *release, options);
  if (!exported) return exported.error();
  auto& output = context.output();
  if (options.file == "-") {
    output.raw(as_text(exported->bytes));
    return 0;
  }
  const auto file = options.file.empty() ? exported->suggested_name : options.file;
  // A name that nobody gave replaces nothing.
  const auto written = options.file.empty() ? write_new_file(file, exported->bytes)
                                            : write_file(file, exported->bytes);
  if (!written) return written.error();
  output.good("wrote " + file + "  (" + exported->media_type + ")");
  if (context.json())
    output.record(Json{{"ref", release->ref},
                       {"format", options.format},
                       {"path", absolute_path(file)},
                       {"media_type", exported->media_type},
                       {"bytes", exported->bytes.size()}});
  else
    output.result(file);
  return 0;
}

}  // namespace

void add_export(CommandLine& line) {
  add_command<ExportOptions>(
      line, line.root,
      {"export", kPublishGroup, "Write what a release says in others' formats",
       "owrd export acme/atlas:1.0 --format sha256sums -o SHA256SUMS\n"
       "owrd export acme/atlas:1.0 --format cyclonedx\n"
       "owrd export acme/atlas:1.0 --format oms --key acme-release -o model.sig"},
      add_flags, run_export);
}

}  // namespace owrd::cli
