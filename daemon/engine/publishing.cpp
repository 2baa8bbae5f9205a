#include "daemon/engine/publishing.h"

#include <algorithm>
#include <map>

#include "daemon/content/files.h"
#include "daemon/core/text.h"
#include "daemon/core/units.h"
#include "daemon/engine/looking_at.h"
#include "daemon/engine/settling.h"
#include "daemon/release/layers.h"
#include "daemon/release/path_rules.h"
#include "daemon/release/tensor_list.h"
#include "daemon/trust/envelope.h"
#include "daemon/trust/key.h"

namespace owrd::engine {
namespace {

/// No model and no version begins with a dot.
constexpr char kCopyingPrefix[] = ".copying-";

/// The most files of owrd's own in a release.
constexpr std::size_t kOwnFiles = 3;

/// The files of a manifest, and with them layers.owrd.
class FileTableMaker {
 public:
  explicit FileTableMaker(std::uint64_t piece_length) : piece_length_(piece_length) {}

  void add(const std::string& path, std::uint64_t length, v1::FileRole role,
           const hash::FileDigests& digests) {
    auto& file = files_[path];
    file.set_path(path);
    file.set_length(length);
    if (digests.pieces_root) file.set_pieces_root(digests.pieces_root->to_field());
    file.set_sha256(digests.sha256.to_field());
    file.set_role(role);
    if (digests.layer.size() > 1) layers_[path] = digests.layer;
  }
  void add(const std::string& path, ByteView bytes, v1::FileRole role) {
    hash::FileHasher hasher(bytes.size(), piece_length_);
    hasher.update(bytes);
    add(path, bytes.size(), role, hasher.finish());
  }

  /// Puts all files into the manifest, and gives the bytes of layers.owrd.
  Bytes finish(v1::Manifest& manifest) {
    std::vector<std::string> paths;
    for (const auto& [path, file] : files_) paths.push_back(path);
    std::sort(paths.begin(), paths.end(), release::tree_order);
    auto layers = release::encode_layers(paths, layers_);
    const std::string own(release::kLayersName);
    add(own, layers, v1::FILE_ROLE_LAYERS);
    paths.push_back(own);
    std::sort(paths.begin(), paths.end(), release::tree_order);
    for (const auto& path : paths) *manifest.add_files() = std::move(files_[path]);
    return layers;
  }

 private:
  const std::uint64_t piece_length_;
  std::map<std::string, v1::File> files_;
  release::Layers layers_;
};

/// The licence's text: the shortest path of its role, which is the one at the top.
std::string license_text(const std::vector<content::ScannedFile>& files) {
  std::string shortest;
  for (const auto& file : files)
    if (file.role == v1::FILE_ROLE_LICENSE &&
        (shortest.empty() || file.path.size() < shortest.size()))
      shortest = file.path;
  return shortest;
}

/// The licence by the request, else by what the publisher says; its text, unless they say where it
/// is, is the file of its role.
void set_license(v1::Manifest& message, const PrepareRequest& request,
                 const std::vector<content::ScannedFile>& files) {
  auto& license = *message.mutable_license();
  if (!request.license.empty()) license.set_spdx_expression(request.license);
  if (license.text_path().empty()) license.set_text_path(license_text(files));
}

/// Why a directory without weights is no release.
Error no_release(const PrepareRequest& request, const content::Scan& scan) {
  v1::Manifest message;
  for (const auto& file : scan.files) {
    auto& added = *message.add_files();
    added.set_path(file.path);
    added.set_length(file.identity.size);
    added.set_role(file.role);
  }
  release::PublicationFacts facts;
  facts.api_endpoints = request.api_endpoints;
  const auto refusals = release::find_refusals(message, facts);
  const bool is_special = !refusals.empty() && refusals.front().name != "no-weights";
  return is_special ? refusals.front().error : *scan.without_weights;
}

void warn_of_findings(PreparedRelease& prepared, const std::vector<content::AuditedFile>& audited) {
  std::size_t count = 0;
  for (const auto& file : audited)
    for (const auto& finding : file.findings)
      if (finding.severity != weights::Severity::Pass) ++count;
  if (count != 0)
    prepared.warnings.push_back(
        "the audit has " + std::to_string(count) + (count == 1 ? " finding" : " findings") +
        ", which go into the manifest: owrd audit " + shell_quote(prepared.directory.string()));
}

void warn_of_what_is_missing(PreparedRelease& prepared) {
  const auto has = [&](v1::FileRole role) {
    return std::any_of(prepared.files.begin(), prepared.files.end(),
                       [&](const content::ScannedFile& file) { return file.role == role; });
  };
  if (!has(v1::FILE_ROLE_LICENSE))
    prepared.warnings.push_back("no LICENSE file: the licence's text is not part of the release");
  if (!has(v1::FILE_ROLE_CARD))
    prepared.warnings.push_back("no README.md: the release has no model card");
}

Result<> check_unchanged(const PreparedRelease& prepared) {
  for (const auto& file : prepared.files) {
    const auto identity = content::identify(prepared.directory, file.path);
    if (!identity || *identity != file.identity)
      return Error{ErrorCode::Corrupt,
                   (prepared.directory / file.path).string() +
                       (identity ? " was changed" : " has vanished") + " since it was hashed",
                   "let it be finished, then publish again"};
  }
  return Done{};
}

Result<> write_own_files(const std::filesystem::path& directory, const PreparedRelease& prepared,
                         const Believed& believed) {
  std::vector<std::string> ours;
  const auto write = [&](std::string_view name, ByteView bytes) {
    auto written = content::write_file(directory, std::string(name), bytes);
    if (written) ours.emplace_back(name);
    return written;
  };
  auto written = write(release::kLayersName, prepared.layers);
  if (written && !prepared.tensors.empty())
    written = write(release::kTensorsName, prepared.tensors);
  if (written) written = write(release::kProofName, believed.proof);
  // What it did not get to is another release's.
  if (!written && !ours.empty())
    if (const auto removed = content::remove_files(directory, ours); !removed) return removed;
  return written;
}

Result<std::vector<content::FileIdentity>> identify_all(const std::filesystem::path& directory,
                                                        const release::Torrent& torrent) {
  std::vector<content::FileIdentity> identities;
  for (const auto& file : torrent.files) {
    const auto identity = content::identify(directory, file.path);
    if (!identity) return identity.error();
    identities.push_back(*identity);
  }
  return identities;
}

/// Where a copy is made before it is moved to its place as a whole.
std::filesystem::path copying_directory(const std::filesystem::path& copy_to,
                                        const Believed& believed) {
  return copy_to.parent_path() / (kCopyingPrefix + believed.manifest.release_id().to_hex());
}

Result<> make_copy(const PreparedRelease& prepared, const Believed& believed,
                   const std::filesystem::path& to, const content::JobContext& job) {
  if (const auto removed = content::remove_tree(to); !removed) return removed.error();
  std::vector<std::string> paths;
  for (const auto& file : prepared.files) paths.push_back(file.path);
  if (const auto copied = content::copy_files(prepared.directory, to, paths, job); !copied)
    return copied.error();
  if (const auto unchanged = check_unchanged(prepared); !unchanged) return unchanged.error();
  if (const auto written = write_own_files(to, prepared, believed); !written)
    return written.error();
  const auto layers = read_layers(to, believed.manifest);
  std::vector<StagedFile> files;
  for (std::size_t i = 0; i < believed.torrent.files.size(); ++i)
    files.push_back({static_cast<std::uint32_t>(i),
                     expected_file(believed.torrent, i, layers ? &*layers : nullptr),
                     std::nullopt});
  const auto checked =
      take_up_files(to, std::move(files), believed.torrent.piece_length, TakeUp::Look, job);
  if (!checked) return checked.error();
  for (const auto& file : *checked)
    if (file.check.state != content::CheckedFile::State::Good)
      return Error{ErrorCode::Corrupt,
                   "the copy of " + believed.torrent.files[file.index].path +
                       " is not what was hashed: " + file.check.problem,
                   "check the disk under " + to.parent_path().string()};
  return Done{};
}

/// A copy that was in its place when its commit was killed is nobody's, and in the way of the next.
/// It is told by its files: their names and lengths are those that are published now.
Result<> remove_interrupted_copy(const std::filesystem::path& copy,
                                 const PreparedRelease& prepared) {
  const auto there = content::scan_directory(copy);
  const auto is_same = [](const content::ScannedFile& a, const content::ScannedFile& b) {
    return a.path == b.path && a.identity.size == b.identity.size;
  };
  if (!there || !std::equal(there->files.begin(), there->files.end(), prepared.files.begin(),
                            prepared.files.end(), is_same))
    return Done{};
  return content::remove_tree(copy);
}

Result<std::vector<content::FileIdentity>> place_copy(const PreparedRelease& prepared,
                                                      const Believed& believed,
                                                      const std::filesystem::path& copy_to,
                                                      const content::JobContext& job) {
  const auto copying = copying_directory(copy_to, believed);
  auto made = make_copy(prepared, believed, copying, job);
  if (made) made = remove_interrupted_copy(copy_to, prepared);
  if (made) made = content::move_directory(copying, copy_to);
  if (made) return identify_all(copy_to, believed.torrent);
  if (const auto removed = content::remove_tree(copying); !removed) return removed.error();
  return made.error();
}

/// What release.owrd says of a release that is not this publisher's model, or that it is none.
void warn_of_another_release(PreparedRelease& prepared) {
  const std::string name(release::kProofName);
  if (!content::identify(prepared.directory, name)) return;
  const auto limit = trust::envelope_limit_bytes(trust::PayloadKind::Manifest);
  const auto proof = content::read_file(prepared.directory, name, limit);
  const auto envelope = proof ? trust::parse_envelope(*proof, trust::PayloadKind::Manifest)
                              : Result<trust::Envelope>(proof.error());
  const auto manifest = envelope ? release::Manifest::parse(envelope->payload)
                                 : Result<release::Manifest>(envelope.error());
  if (!manifest)
    prepared.warnings.push_back(name + " is there, is no manifest, and will be replaced");
  else if (manifest->publisher_id() != prepared.manifest.publisher_id() ||
           manifest->model() != prepared.manifest.model())
    prepared.warnings.push_back(name + " of another release is there, " + manifest->model() + ":" +
                                manifest->version() + " of the publisher " +
                                trust::fingerprint(manifest->publisher_id()) +
                                ", and will be replaced: to keep it, publish a copy with --copy");
}

}  // namespace

Result<PreparedRelease> prepare_release(const PrepareRequest& request, const Digest& publisher_id,
                                        std::int64_t created, const content::JobContext& job) {
  auto scan = content::scan_directory(request.directory);
  if (!scan) return scan.error();
  if (scan->without_weights) return no_release(request, *scan);
  auto looked = look_at(request, scan->files, job);
  if (!looked) return looked.error();
  std::uint64_t total = 0;
  for (const auto& file : scan->files) total += file.identity.size;
  const auto piece_length = release::choose_piece_length(total, scan->files.size() + kOwnFiles);
  const auto digests =
      content::hash_files(request.directory, scan->files, piece_length, job, looked->ranges);
  if (!digests) return digests.error();

  auto message = request.said;
  message.set_publisher_id(publisher_id.to_field());
  message.set_model(request.model);
  message.set_version(request.version);
  message.set_created(created);
  message.set_dir(request.model + "-" + request.version);
  message.set_piece_length(piece_length);
  message.set_private_swarm(request.private_swarm);
  set_license(message, request, scan->files);
  for (const auto& tracker : request.trackers) message.add_trackers(tracker);
  *message.add_audits() =
      content::audit_record(looked->audited, request.allow, request.allow_reason, created);

  FileTableMaker table(piece_length);
  for (std::size_t i = 0; i < scan->files.size(); ++i)
    table.add(scan->files[i].path, scan->files[i].identity.size, scan->files[i].role,
              (*digests)[i]);
  set_digests(looked->tensors, scan->files, *digests);
  Bytes tensors;
  if (looked->tensors.files_size() != 0) {
    tensors = release::encode_tensor_list(looked->tensors);
    table.add(std::string(release::kTensorsName), tensors, v1::FILE_ROLE_OTHER);
  }
  auto layers = table.finish(message);

  auto manifest = release::make_manifest(message);
  if (!manifest)
    return Error{manifest.error().code, manifest.error().message,
                 "correct it in release.toml, or in the command"};
  const auto facts = facts_of(request, manifest->message(), scan->files, *looked);
  if (!facts) return facts.error();
  if (const auto checked = release::check_publication(manifest->message(), *facts); !checked)
    return checked.error();
  PreparedRelease prepared{std::move(*manifest),     request.directory,  std::move(scan->files),
                           std::move(layers),        std::move(tensors), std::move(scan->left_out),
                           std::move(scan->warnings)};
  warn_of_what_is_missing(prepared);
  warn_of_findings(prepared, looked->audited);
  if (!looked->card_problem.empty())
    prepared.warnings.push_back("the front matter cannot be read: " + looked->card_problem);
  warn_of_another_release(prepared);
  return prepared;
}

bool is_same_content(const release::Manifest& a, const release::Manifest& b) {
  // An audit of the same files may be a later owrd's.
  const auto content_of = [](v1::Manifest message) {
    message.clear_created();
    auto& audits = *message.mutable_audits();
    audits.erase(
        std::remove_if(audits.begin(), audits.end(),
                       [](const v1::Audit& audit) { return audit.kind() == content::kAuditKind; }),
        audits.end());
    return message.SerializeAsString();
  };
  return content_of(a.message()) == content_of(b.message());
}

Result<std::vector<content::FileIdentity>> place_release(const PreparedRelease& prepared,
                                                         const Believed& believed,
                                                         const std::filesystem::path& copy_to,
                                                         const content::JobContext& job) {
  if (!copy_to.empty()) return place_copy(prepared, believed, copy_to, job);
  if (const auto unchanged = check_unchanged(prepared); !unchanged) return unchanged.error();
  if (const auto written = write_own_files(prepared.directory, prepared, believed); !written)
    return written.error();
  auto identities = identify_all(prepared.directory, believed.torrent);
  if (!identities) return identities.error();
  // What was hashed, and not what may have taken its place meanwhile, is what will be seeded.
  if (const auto unchanged = check_unchanged(prepared); !unchanged) {
    if (const auto removed = remove_own_files(prepared.directory); !removed) return removed.error();
    return unchanged.error();
  }
  for (const auto& file : prepared.files)
    (*identities)[*believed.torrent.find(file.path)] = file.identity;
  return identities;
}

Result<> remove_own_files(const std::filesystem::path& directory) {
  return content::remove_files(directory,
                               {std::string(release::kProofName), std::string(release::kLayersName),
                                std::string(release::kTensorsName)});
}

bool is_copying_directory(const std::filesystem::path& directory) {
  return directory.filename().string().starts_with(kCopyingPrefix);
}

}  // namespace owrd::engine
