#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "daemon/content/hashing.h"
#include "daemon/content/jobs.h"
#include "daemon/core/digest.h"
#include "daemon/core/result.h"

namespace owrd::content {

/// A file on disk that may hold pieces of another.
struct ReuseSource {
  std::filesystem::path path;  ///< Symbolic links are followed: whoever named it meant that.
  /// Its own piece layer, for the same piece length: a piece is read only where the two agree.
  /// Empty when it is not known: then every piece is read.
  std::vector<Digest> layer;
  /// It is the whole file, and nobody will write to it: it may get a second name instead of a copy.
  bool may_link = false;
  /// Given up at once when its first piece is not the file's.
  bool is_guess = false;
};

/// A file of which pieces are missing, and where they may be.
struct ReusableFile {
  ExpectedFile expected;             ///< With its layer.
  std::vector<bool> missing;         ///< By piece of the file.
  std::vector<ReuseSource> sources;  ///< The first that has a piece gives it.
};

/// Brings missing pieces of `directory`'s files from where they lie already: by a second name for
/// the whole file, by sharing blocks (reflink), else by copying, at equal offsets only. Every piece
/// is held against the layer, linked files as well. Makes files and their parents as needed;
/// durable when it returns. Gives the pieces that are there now, by file, counted within it. What
/// cannot be read is passed over; fails when `directory` cannot be written (NoSpace, Denied, Io),
/// and when cancelled: what was brought until then stays, and counts for nothing.
Result<std::vector<std::vector<std::uint32_t>>> reuse_pieces(const std::filesystem::path& directory,
                                                             const std::vector<ReusableFile>& files,
                                                             std::uint64_t piece_length,
                                                             const JobContext& job);

}  // namespace owrd::content
