#pragma once

#include <cstdint>
#include <filesystem>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "daemon/engine/belief.h"
#include "daemon/engine/engine.h"
#include "daemon/engine/observers.h"

namespace owrd::engine {

/// A directory as it was hashed, ready to be signed for.
struct PreparedRelease {
  release::Manifest manifest;
  std::filesystem::path directory;
  std::vector<content::ScannedFile> files;
  Bytes layers;   ///< layers.owrd.
  Bytes tensors;  ///< tensors.owrd; empty: no weights say anything.
  std::vector<content::LeftOut> left_out;
  std::vector<std::string> warnings;
};

/// Everything that a Prepare does, as a job: scans, hashes, makes the manifest. Writes nothing.
Result<PreparedRelease> prepare_release(const PrepareRequest& request, const Digest& publisher_id,
                                        std::int64_t created, const content::JobContext& job);

/// Whether two manifests describe the same content under the same terms (when and by whom signed
/// apart).
bool is_same_content(const release::Manifest& a, const release::Manifest& b);

/// Everything that a Commit does on disk, as a job: writes owrd's own files beside the others, none
/// of which may have changed since they were hashed; or, unless `copy_to` is empty, makes a copy of
/// all, hashes it, and only then moves it there. Gives the identity of each file of the torrent, in
/// its order. When it fails, it leaves things as they were.
Result<std::vector<content::FileIdentity>> place_release(const PreparedRelease& prepared,
                                                         const Believed& believed,
                                                         const std::filesystem::path& copy_to,
                                                         const content::JobContext& job);

/// Takes owrd's own files away again.
Result<> remove_own_files(const std::filesystem::path& directory);

/// Whether this is where such a copy is being made.
bool is_copying_directory(const std::filesystem::path& directory);

}  // namespace owrd::engine
