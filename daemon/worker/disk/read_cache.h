#pragma once

#include <cstdint>
#include <functional>
#include <libtorrent/error_code.hpp>
#include <vector>

#include "daemon/worker/disk/arena.h"
#include "daemon/worker/disk/layout.h"

namespace owrd::worker::disk {

/// Chunks of pieces, each read once and handed out in slices that share its memory.
///
/// A chunk gives way to another when no slice of it is out, and all of it was handed out or it was
/// not asked for in a long while. So many slow peers cannot make each other's chunks be read again
/// and again: when none gives way there is no room, and a block is read on its own.
class ReadCache {
 public:
  static constexpr int kChunkBytes = 1024 * 1024;

  struct Key {
    const Layout* layout;
    lt::piece_index_t piece;
    int index;  ///< Of the chunk in the piece.
    friend bool operator==(const Key&, const Key&) = default;
  };
  /// Who waits for the read: a slice, or null and why.
  using OnSlice = std::function<void(char*, const lt::storage_error&)>;

  explicit ReadCache(std::size_t limit_bytes);

  struct Chunk {
    Key key{};
    char* memory = nullptr;
    int length = 0;  ///< 0: free.
    int slices = 0;  ///< Out.
    bool is_filling = false;
    bool is_stale = false;  ///< Not to be found; free when no slice is out.
    std::int64_t handed_out = 0;
    std::int64_t last_use = 0;
    struct Wait {
      int offset;
      int length;
      OnSlice on_slice;
    };
    std::vector<Wait> waiting;  ///< For it to be filled.
  };

  /// A chunk that is filled or being filled; null when there is none.
  Chunk* find(const Key& key);
  /// A chunk to be filled with so many bytes; null when there is no room.
  Chunk* make(const Key& key, int length);
  /// `read` bytes are there; when that is less than all, `error` says why. Answers who waits, and
  /// keeps a whole chunk.
  void fill(Chunk& chunk, int read, const lt::storage_error& error);

  char* share(Chunk& chunk, int offset, int length);
  /// False when it is no slice of a chunk.
  bool give_back(const char* slice);

  /// Its bytes change: nothing that was read before is handed out any more.
  void forget(const Layout& layout, lt::piece_index_t piece);
  void forget(const Layout& layout);
  /// Drops the chunks of which no slice is out and hands their memory back to the system.
  void trim();

 private:
  void retire(Chunk& chunk);
  void free_if_unused(Chunk& chunk);
  bool gives_way(const Chunk& chunk) const;

  Arena arena_;
  std::vector<Chunk> chunks_;
  std::int64_t uses_ = 0;
};

}  // namespace owrd::worker::disk
