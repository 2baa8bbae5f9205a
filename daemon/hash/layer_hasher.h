#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "daemon/core/bytes.h"
#include "daemon/core/digest.h"

namespace owrd::hash {

/// Computes the piece layer of a file from its chunks, which may come in any order and on any
/// number of threads at once. Memory: one hash per piece, or per chunk where pieces are longer.
class LayerHasher {
 public:
  /// The sixteen blocks that are hashed at once at best, and no more than stays in a processor's
  /// cache.
  static constexpr std::uint64_t kChunkBytes = 256 * 1024;

  LayerHasher(std::uint64_t file_length, std::uint64_t piece_length);

  /// The bytes from `offset` on, a multiple of kChunkBytes: as many, or fewer where the file or a
  /// shorter piece ends. Different chunks may be added at the same time; nothing else may be done.
  void add(std::uint64_t offset, ByteView chunk);

  /// piece_count() of the file.
  std::size_t pieces() const { return pieces_; }
  /// As in the piece layer (of a file of one piece, the root); none while a chunk of it is missing.
  std::optional<Digest> piece(std::size_t index) const;

 private:
  /// A whole piece, or a part of one that is a chunk.
  struct Unit {
    Digest digest;
    bool is_known;
  };

  std::uint64_t file_length_;
  std::uint64_t piece_length_;
  std::uint64_t unit_length_;
  std::size_t pieces_;
  std::vector<Unit> units_;
};

}  // namespace owrd::hash
