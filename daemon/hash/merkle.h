#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "daemon/core/bytes.h"
#include "daemon/core/digest.h"
#include "daemon/hash/blocks.h"
#include "daemon/hash/sha256.h"

/// The merkle trees of BEP 52: leaves are the SHA-256 of 16 KiB blocks (the last one short, not
/// padded), missing leaves are 32 zero bytes, the tree is binary and balanced.
namespace owrd::hash {

/// A power of two, 16 KiB to 128 MiB.
bool is_valid_piece_length(std::uint64_t piece_length);

/// How many pieces a file has: 0 for an empty one.
std::uint64_t piece_count(std::uint64_t file_length, std::uint64_t piece_length);

/// The hash of one piece, as it stands in the piece layer: the tree over `piece_length / 16 KiB`
/// leaves. `piece` is at most piece_length bytes and not empty.
Digest piece_hash(ByteView piece, std::uint64_t piece_length);

/// The hashes of neighbouring pieces, as they stand in the piece layer. `bytes` begins where a
/// piece begins, ends where one or the file ends, and is not empty.
std::vector<Digest> piece_hashes(ByteView bytes, std::uint64_t piece_length);

/// The hash of one piece from the hashes of its parts, which are pieces of a shorter length; parts
/// that the file does not reach are missing.
Digest join_pieces(std::span<const Digest> parts, std::uint64_t part_length,
                   std::uint64_t piece_length);

/// The hash of a whole file that is no longer than one piece (its tree has only as many leaves,
/// rounded up to a power of two, as the file has blocks). `bytes` is not empty.
Digest small_file_root(ByteView bytes);

/// Folds a piece layer to the file's root. `layer` has piece_count() hashes, at least one; with
/// exactly one piece the hash is the root itself.
Digest root_of_layer(const std::vector<Digest>& layer, std::uint64_t piece_length);

/// Both digests of a file, and its piece layer.
struct FileDigests {
  Digest sha256;
  /// None for an empty file.
  std::optional<Digest> pieces_root;
  /// piece_count() hashes; of a file of at most one piece, the root alone; of an empty file,
  /// nothing.
  std::vector<Digest> layer;
  /// Of parts of the file, where they were asked for.
  std::vector<Digest> ranges = {};
};

/// Computes FileDigests from the bytes of a file in order, in one pass; best fed 256 KiB or more at
/// a time. Memory: the piece layer, and the leaves of one piece and of what is fed at a time.
class FileHasher {
 public:
  FileHasher(std::uint64_t file_length, std::uint64_t piece_length);

  void update(ByteView bytes);
  /// Once, after exactly file_length bytes.
  FileDigests finish();

 private:
  std::size_t leaves_per_piece() const { return piece_length_ / kBlockBytes; }
  void end_pieces(std::size_t leaves);

  std::uint64_t file_length_;
  std::uint64_t piece_length_;
  std::uint64_t seen_ = 0;
  Sha256 flat_;
  Bytes block_;
  std::vector<Digest> leaves_;
  std::vector<Digest> layer_;
};

}  // namespace owrd::hash
