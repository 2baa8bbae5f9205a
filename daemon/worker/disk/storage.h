#pragma once

#include <map>
#include <memory>
#include <vector>

#include "daemon/worker/disk/fence.h"
#include "daemon/worker/disk/layout.h"
#include "daemon/worker/disk/open_pieces.h"
#include "daemon/worker/disk/writing.h"

namespace owrd::worker::disk {

/// One torrent on the disk: its files, and what goes on with them.
struct Storage {
  /// Blocks of a file that wait for those before them to be written.
  struct Queue {
    std::vector<BlockWrite> blocks;
    bool is_writing = false;
  };

  std::shared_ptr<const Layout> layout;
  Fence fence;
  OpenPieces pieces;
  std::map<lt::file_index_t, Queue> queues;
};

}  // namespace owrd::worker::disk
