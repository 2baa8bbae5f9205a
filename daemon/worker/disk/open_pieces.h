#pragma once

#include <functional>
#include <libtorrent/sha1_hash.hpp>
#include <libtorrent/units.hpp>
#include <map>
#include <optional>
#include <vector>

namespace owrd::worker::disk {

/// The pieces of one torrent that are being written: the leaf hashes of the blocks that came, and
/// what waits for the last write.
class OpenPieces {
 public:
  /// One hash a block; none for a block that did not come since the piece was opened.
  using Leaves = std::vector<std::optional<lt::sha256_hash>>;

  /// A block of the piece is on its way to the disk.
  void begin_write(lt::piece_index_t piece);
  /// It is written, or, without a leaf, could not be. May run what waits for the last one.
  void end_write(lt::piece_index_t piece, int block, const std::optional<lt::sha256_hash>& leaf);
  bool is_writing(lt::piece_index_t piece) const;
  /// Runs `then` when no block of the piece is on its way: now, or from end_write().
  void when_written(lt::piece_index_t piece, std::function<void()> then);

  /// A block could not be written since the piece was opened.
  bool has_failed(lt::piece_index_t piece) const;
  Leaves leaves(lt::piece_index_t piece, int first_block, int block_count) const;
  /// Forgets the piece, unless a block of it is on its way.
  void close(lt::piece_index_t piece);

 private:
  struct Piece {
    Leaves leaves;
    int writing = 0;
    bool has_failed = false;
    std::vector<std::function<void()>> waiting;
  };
  std::map<lt::piece_index_t, Piece> pieces_;
};

}  // namespace owrd::worker::disk
