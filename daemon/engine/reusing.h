#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "daemon/content/jobs.h"
#include "daemon/engine/belief.h"
#include "daemon/release/layers.h"

/// Before the network is asked: what a release needs and the disk has already. A job, like those of
/// settling.h.
namespace owrd::engine {

/// A release that is here, whole or in part.
struct OtherRelease {
  std::filesystem::path directory;
  Believed believed;
  std::vector<bool> verified;  ///< By file: it is under its final name, and was hashed.
  bool may_link;               ///< Its files and those that are missing are both the store's own.
};

/// A file of which pieces are missing.
struct MissingFile {
  std::uint32_t index;
  std::vector<bool> pieces;  ///< By piece of the file: missing.
};

struct ReuseRequest {
  std::filesystem::path directory;  ///< The release's; pieces go into its staging directory.
  Believed believed;
  release::Layers layers;
  std::vector<MissingFile> files;
  std::vector<OtherRelease> others;
  std::vector<std::filesystem::path> directories;  ///< Named by somebody; they may hold anything.
};

/// Pieces that are staged and durable now, counted within the file.
struct ReusedFile {
  std::uint32_t index;
  std::vector<std::uint32_t> pieces;
};

/// A file is looked for by its root in all other releases, and under its path in other versions of
/// the same model; in named directories under its path, and behind any name if it is of the same
/// length and begins alike. Fails when the staging directory cannot be written, and when cancelled.
Result<std::vector<ReusedFile>> reuse_files(const ReuseRequest& request,
                                            const content::JobContext& job);

}  // namespace owrd::engine
