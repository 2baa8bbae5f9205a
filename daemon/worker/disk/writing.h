#pragma once

#include <cstdint>
#include <functional>
#include <libtorrent/error_code.hpp>
#include <libtorrent/sha1_hash.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "daemon/worker/disk/layout.h"
#include "daemon/worker/disk/open_files.h"

namespace owrd::worker::disk {

/// A block that came from a peer, on its way to the disk.
struct BlockWrite {
  lt::piece_index_t piece;
  int block;  ///< In the piece.
  std::int64_t offset;
  char* data;
  int length;
  std::function<void(const lt::storage_error&)> handler;

  // The outcome: a leaf, or an error.
  std::optional<lt::sha256_hash> leaf = {};
  lt::storage_error error = {};
};

/// Blocks of one file.
struct WriteBatch {
  std::shared_ptr<const Layout> layout;
  lt::file_index_t file;
  std::vector<BlockWrite> blocks;
};

/// Hashes and writes all blocks; those that lie side by side at once. Of two of the same place the
/// later one stays. On a disk thread.
void write(WriteBatch& batch, OpenFiles& files);

}  // namespace owrd::worker::disk
