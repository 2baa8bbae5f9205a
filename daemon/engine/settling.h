#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "daemon/content/hashing.h"
#include "daemon/content/jobs.h"
#include "daemon/release/layers.h"
#include "daemon/release/manifest.h"
#include "daemon/release/torrent.h"

/// The long acts on a release's files, for Jobs: they take values, block, and return values.
namespace owrd::engine {

/// Where the files of a release are while they are not yet proven: on the file system of their
/// final place.
std::filesystem::path staging_directory(const std::filesystem::path& directory);

/// A file on its way from the staging directory to its final name.
struct StagedFile {
  std::uint32_t index;
  content::ExpectedFile expected;
  /// Set when its bytes were hashed already: it is not read again while it is still this file.
  std::optional<content::FileIdentity> checked;
};

struct SettledFile {
  std::uint32_t index;
  content::CheckedFile check;
};

/// What the audit may hand over.
struct AuditPolicy {
  std::vector<std::string> allow;  ///< Rules that are let through (content/audit_report.h).
  std::string remedy;              ///< How to let through what is refused.
};

/// Makes the staged bytes durable, hashes and audits them, and gives each good file its final name.
/// A file that is at its final place already is checked there. A bad file is in the staging
/// directory afterwards. Fails when the file system does; Unsafe, with nothing handed over, when
/// the audit refuses a file. Without a policy nothing is audited: it was before.
Result<std::vector<SettledFile>> settle_files(const std::filesystem::path& directory,
                                              std::vector<StagedFile> files,
                                              std::uint64_t piece_length,
                                              const std::optional<AuditPolicy>& policy,
                                              const content::JobContext& job);

/// What becomes of files that are found under final names.
enum class TakeUp {
  Look,      ///< They stay, and it is said how they are.
  Complete,  ///< Likewise, but nothing is said of one that is still in the staging directory.
  Replace,  ///< Bad ones are moved to the staging directory, where their bad pieces can be fetched.
};

/// Hashes what a directory holds under final names.
Result<std::vector<SettledFile>> take_up_files(const std::filesystem::path& directory,
                                               std::vector<StagedFile> files,
                                               std::uint64_t piece_length, TakeUp how,
                                               const content::JobContext& job);

/// What tells of a file that is seeded, and the file to look at.
struct WatchedFile {
  std::uint32_t index;
  std::string path;
  content::FileIdentity identity;
};
/// Those that are not what they were: their index, and what they are now (nothing: vanished).
struct ChangedFile {
  std::uint32_t index;
  std::optional<content::FileIdentity> identity;
};
std::vector<ChangedFile> find_changed(const std::filesystem::path& directory,
                                      const std::vector<WatchedFile>& files);

/// The piece layers that a directory holds for a release, if they are there and fold to the
/// manifest's roots.
std::optional<release::Layers> read_layers(const std::filesystem::path& directory,
                                           const release::Manifest& manifest);

/// What file `index` of the torrent must be, as far as `layers` tells.
content::ExpectedFile expected_file(const release::Torrent& torrent, std::size_t index,
                                    const release::Layers* layers);

/// The piece layers of all files of more than one piece, by root, as the swarm wants them: the
/// manifest's, and those of owrd's own two files, computed from their bytes.
struct LayerOfRoot {
  Digest root;
  std::vector<Digest> hashes;
};
std::vector<LayerOfRoot> layers_by_root(const release::Torrent& torrent,
                                        const release::Layers& layers, ByteView proof,
                                        ByteView layers_bytes);

}  // namespace owrd::engine
