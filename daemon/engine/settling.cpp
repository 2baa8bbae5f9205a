#include "daemon/engine/settling.h"

#include <algorithm>

#include "daemon/content/audit_report.h"
#include "daemon/content/files.h"
#include "daemon/content/writers.h"
#include "daemon/hash/merkle.h"
#include "daemon/release/path_rules.h"

namespace owrd::engine {
namespace {

using content::CheckedFile;

bool is_there(const std::filesystem::path& directory, const std::string& path) {
  return static_cast<bool>(content::identify(directory, path));
}

/// The files that need reading, checked where they are; the others are good as they stand.
Result<std::vector<CheckedFile>> check(const std::filesystem::path& directory,
                                       const std::vector<StagedFile>& files,
                                       std::uint64_t piece_length, const content::JobContext& job) {
  std::vector<content::ExpectedFile> unread;
  std::vector<std::size_t> place;
  std::vector<CheckedFile> results(files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto identity = content::identify(directory, files[i].expected.path);
    if (identity && files[i].checked && *files[i].checked == *identity) {
      results[i].state = CheckedFile::State::Good;
      results[i].identity = *identity;
      continue;
    }
    unread.push_back(files[i].expected);
    place.push_back(i);
  }
  auto checked = content::check_files(directory, unread, piece_length, job);
  if (!checked) return checked.error();
  for (std::size_t i = 0; i < place.size(); ++i) results[place[i]] = std::move((*checked)[i]);
  return results;
}

/// What is good may still harm whoever uses it.
Result<> audit(const std::filesystem::path& staging, const std::vector<StagedFile>& files,
               const std::vector<CheckedFile>& checks, const AuditPolicy& policy,
               const content::JobContext& job) {
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto& path = files[i].expected.path;
    const bool is_own = path == release::kProofName || path == release::kLayersName ||
                        path == release::kTensorsName;
    if (!is_own && checks[i].state == CheckedFile::State::Good) paths.push_back(path);
  }
  const auto audited = content::audit_files(staging, paths, job);
  if (!audited) return audited.error();
  return content::judge_audit(*audited, policy.allow, policy.remedy);
}

Result<> make_wanted_empty_files(const std::filesystem::path& directory,
                                 const std::vector<StagedFile>& files) {
  for (const auto& file : files) {
    if (file.expected.length != 0 || is_there(directory, file.expected.path)) continue;
    if (const auto made = content::make_empty_file(directory, file.expected.path); !made)
      return made.error();
  }
  return Done{};
}

/// Fetching pieces makes no file shorter.
Result<> cut_what_is_too_long(const std::filesystem::path& staging,
                              const std::vector<StagedFile>& files,
                              const std::vector<CheckedFile>& checks) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto& file = files[i].expected;
    if (checks[i].actual_length <= file.length || !is_there(staging, file.path)) continue;
    if (const auto cut = content::cut_file(staging, file.path, file.length); !cut)
      return cut.error();
  }
  return Done{};
}

/// What is staged may be written to. A file that has another name as well is copied, so that
/// nothing is written to the other.
Result<> move_to_staging(const std::filesystem::path& directory, const std::string& path,
                         const content::JobContext& job) {
  const auto staging = staging_directory(directory);
  if (!content::has_other_names(directory, path))
    return content::move_file(directory, staging, path);
  if (const auto copied = content::copy_files(directory, staging, {path}, job); !copied)
    return copied.error();
  return content::remove_files(directory, {path});
}

/// Moves bad files to the staging directory, where their bad pieces can be fetched again.
Result<> move_bad_away(const std::filesystem::path& directory, const std::vector<StagedFile>& files,
                       const std::vector<CheckedFile>& checks, const content::JobContext& job) {
  const auto staging = staging_directory(directory);
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto& path = files[i].expected.path;
    if (checks[i].state == CheckedFile::State::Good || !is_there(directory, path)) continue;
    if (is_there(staging, path))
      if (const auto removed = content::remove_files(staging, {path}); !removed)
        return removed.error();
    if (const auto made = content::make_directory(staging); !made) return made.error();
    if (const auto moved = move_to_staging(directory, path, job); !moved) return moved.error();
  }
  return cut_what_is_too_long(staging, files, checks);
}

void append(std::vector<SettledFile>& to, const std::vector<StagedFile>& files,
            std::vector<CheckedFile> checks) {
  for (std::size_t i = 0; i < files.size(); ++i)
    to.push_back({files[i].index, std::move(checks[i])});
}

}  // namespace

std::filesystem::path staging_directory(const std::filesystem::path& directory) {
  return directory / ".owrd-partial";
}

Result<std::vector<SettledFile>> settle_files(const std::filesystem::path& directory,
                                              std::vector<StagedFile> files,
                                              std::uint64_t piece_length,
                                              const std::optional<AuditPolicy>& policy,
                                              const content::JobContext& job) {
  const auto staging = staging_directory(directory);
  const auto placed =
      std::stable_partition(files.begin(), files.end(), [&](const StagedFile& file) {
        return file.expected.length != 0 && is_there(staging, file.expected.path);
      });
  const std::vector<StagedFile> staged(files.begin(), placed);
  const std::vector<StagedFile> final(placed, files.end());

  std::vector<std::string> paths;
  for (const auto& file : staged) paths.push_back(file.expected.path);
  if (const auto synced = content::sync_files(staging, paths); !synced) return synced.error();
  if (const auto made = make_wanted_empty_files(directory, final); !made) return made.error();
  // The worker has let go of them. One that was taken over could go on writing to what was hashed.
  if (const auto alone = content::wait_for_writers(staging, paths, job); !alone)
    return alone.error();

  auto staged_checks = check(staging, staged, piece_length, job);
  if (!staged_checks) return staged_checks.error();
  if (policy)
    if (const auto safe = audit(staging, staged, *staged_checks, *policy, job); !safe)
      return safe.error();
  auto final_checks = check(directory, final, piece_length, job);
  if (!final_checks) return final_checks.error();
  if (const auto moved = move_bad_away(directory, final, *final_checks, job); !moved)
    return moved.error();

  if (const auto cut = cut_what_is_too_long(staging, staged, *staged_checks); !cut)
    return cut.error();
  for (std::size_t i = 0; i < staged.size(); ++i) {
    if ((*staged_checks)[i].state != CheckedFile::State::Good) continue;
    const auto& path = staged[i].expected.path;
    if (const auto moved = content::move_file(staging, directory, path); !moved)
      return moved.error();
    const auto identity = content::identify(directory, path);
    if (!identity) return identity.error();
    (*staged_checks)[i].identity = *identity;
  }
  std::vector<SettledFile> settled;
  append(settled, staged, std::move(*staged_checks));
  append(settled, final, std::move(*final_checks));
  return settled;
}

Result<std::vector<SettledFile>> take_up_files(const std::filesystem::path& directory,
                                               std::vector<StagedFile> files,
                                               std::uint64_t piece_length, TakeUp how,
                                               const content::JobContext& job) {
  auto checks = check(directory, files, piece_length, job);
  if (!checks) return checks.error();
  std::vector<SettledFile> settled;
  const auto staging = staging_directory(directory);
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto& check = (*checks)[i];
    const bool is_on_its_way = how != TakeUp::Look && check.state == CheckedFile::State::Missing &&
                               is_there(staging, files[i].expected.path);
    if (!is_on_its_way) settled.push_back({files[i].index, check});
  }
  if (how != TakeUp::Replace) return settled;
  if (const auto moved = move_bad_away(directory, files, *checks, job); !moved)
    return moved.error();
  return settled;
}

std::vector<ChangedFile> find_changed(const std::filesystem::path& directory,
                                      const std::vector<WatchedFile>& files) {
  std::vector<ChangedFile> changed;
  for (const auto& file : files) {
    const auto identity = content::identify(directory, file.path);
    if (!identity)
      changed.push_back({file.index, std::nullopt});
    else if (*identity != file.identity)
      changed.push_back({file.index, *identity});
  }
  return changed;
}

std::optional<release::Layers> read_layers(const std::filesystem::path& directory,
                                           const release::Manifest& manifest) {
  const auto length = release::layers_length(manifest.files(), manifest.piece_length());
  // Where no file is longer than a piece, there is nothing to read, and perhaps no file yet.
  if (length == 0) return release::Layers();
  const auto bytes = content::read_file(directory, std::string(release::kLayersName), length);
  if (!bytes) return std::nullopt;
  auto layers = release::parse_layers(*bytes, manifest);
  if (!layers) return std::nullopt;
  return std::move(*layers);
}

content::ExpectedFile expected_file(const release::Torrent& torrent, std::size_t index,
                                    const release::Layers* layers) {
  const auto& file = torrent.files[index];
  content::ExpectedFile expected{file.path, file.length, {}, file.pieces_root};
  if (file.piece_count == 1) expected.layer = {*file.pieces_root};
  if (file.piece_count > 1 && layers) {
    const auto layer = layers->find(file.path);
    if (layer != layers->end()) expected.layer = layer->second;
  }
  return expected;
}

std::vector<LayerOfRoot> layers_by_root(const release::Torrent& torrent,
                                        const release::Layers& layers, ByteView proof,
                                        ByteView layers_bytes) {
  std::vector<LayerOfRoot> by_root;
  for (const auto& file : torrent.files) {
    if (file.piece_count < 2) continue;
    const bool is_proof = file.path == release::kProofName;
    if (is_proof || file.path == release::kLayersName) {
      hash::FileHasher hasher(file.length, torrent.piece_length);
      hasher.update(is_proof ? proof : layers_bytes);
      by_root.push_back({*file.pieces_root, hasher.finish().layer});
      continue;
    }
    const auto layer = layers.find(file.path);
    if (layer != layers.end()) by_root.push_back({*file.pieces_root, layer->second});
  }
  return by_root;
}

}  // namespace owrd::engine
