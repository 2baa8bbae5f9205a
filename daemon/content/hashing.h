#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/content/files.h"
#include "daemon/content/jobs.h"
#include "daemon/content/scan.h"
#include "daemon/core/digest.h"
#include "daemon/core/result.h"
#include "daemon/hash/merkle.h"
#include "daemon/hash/range_hasher.h"

namespace owrd::content {

/// Of parts of files, by path: ascending, not overlapping.
using Ranges = std::map<std::string, std::vector<hash::Range>>;

/// Both digests of each file, in the order of `files`, on all cores, and those of the parts that
/// are asked for. Corrupt, naming it, when a file changes or vanishes meanwhile (its identity
/// before and after differs from the scan's).
Result<std::vector<hash::FileDigests>> hash_files(const std::filesystem::path& directory,
                                                  const std::vector<ScannedFile>& files,
                                                  std::uint64_t piece_length, const JobContext& job,
                                                  const Ranges& ranges = {});

/// A file and what it must be.
struct ExpectedFile {
  std::string path;
  std::uint64_t length;
  std::vector<Digest> layer;  ///< The root alone for a file of one piece; empty for an empty file
                              ///< or when not known.
  std::optional<Digest> pieces_root;
};

/// What a file was found to be.
struct CheckedFile {
  enum class State { Good, Missing, WrongLength, BadPieces, Unreadable };
  State state;
  std::uint64_t actual_length = 0;
  std::vector<std::uint32_t>
      bad_pieces;         ///< Within the file; with WrongLength, those that are bad or missing.
  std::string problem;    ///< "2 of 296 pieces bad (first at 1.1 GB)"; empty when good.
  FileIdentity identity;  ///< Before and after reading; of a file that changed meanwhile the state
                          ///< is Unreadable.
};

/// Reads each file and holds its pieces against the layer (without a layer, the whole against the
/// root). Merkle only. In the order given, on all cores. Fails only when cancelled.
Result<std::vector<CheckedFile>> check_files(const std::filesystem::path& directory,
                                             const std::vector<ExpectedFile>& files,
                                             std::uint64_t piece_length, const JobContext& job);

/// Copies files from one directory to another (reflink, else copy), which need not exist; durable
/// when it returns. Nothing of it stays when it fails.
Result<> copy_files(const std::filesystem::path& from, const std::filesystem::path& to,
                    const std::vector<std::string>& paths, const JobContext& job);

}  // namespace owrd::content
