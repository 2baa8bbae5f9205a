#pragma once

#include <cstddef>
#include <libtorrent/disk_observer.hpp>
#include <memory>
#include <vector>

#include "daemon/worker/disk/arena.h"

namespace owrd::worker::disk {

/// Where blocks lie from their arrival until they are written, and the back-pressure: when as many
/// are in use as the limit says, the peers who bring more are noted, and all of them told when half
/// are free again.
class WriteBuffers {
 public:
  explicit WriteBuffers(std::size_t limit_bytes);

  /// Room for a block. Also beyond the limit: each peer may bring a block or two before it stops.
  char* take();
  void give_back(char* block);

  bool is_full() const { return in_use_ >= limit_; }
  std::size_t in_use() const { return in_use_; }
  void add_waiting(std::weak_ptr<lt::disk_observer> observer);
  /// Those to be told now, once for each time that they were added.
  std::vector<std::weak_ptr<lt::disk_observer>> take_ready();
  /// Hands the memory back to the system if no block is in use.
  void trim();

 private:
  std::size_t limit_;
  Arena arena_;
  std::vector<char*> free_;
  std::size_t in_use_ = 0;
  std::vector<std::weak_ptr<lt::disk_observer>> waiting_;
};

}  // namespace owrd::worker::disk
