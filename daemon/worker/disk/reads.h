#pragma once

#include <libtorrent/peer_request.hpp>
#include <memory>

#include "daemon/worker/disk/disk_thread.h"
#include "daemon/worker/disk/layout.h"
#include "daemon/worker/disk/read_cache.h"

namespace owrd::worker::disk {

/// Reads what peers ask for: whole chunks, which then answer for their neighbours too, or single
/// blocks where that does not pay.
class Reads {
 public:
  /// Bytes that are to be given back, or null and why. May be called from within read().
  using OnRead = ReadCache::OnSlice;

  Reads(std::size_t limit_bytes, DiskThread& thread) : cache_(limit_bytes), thread_(thread) {}

  void read(const std::shared_ptr<const Layout>& layout, const lt::peer_request& request,
            OnRead on_read);
  void give_back(char* bytes);

  void forget(const Layout& layout, lt::piece_index_t piece) { cache_.forget(layout, piece); }
  void forget(const Layout& layout) { cache_.forget(layout); }
  void trim() { cache_.trim(); }

 private:
  ReadCache::Chunk* find_or_fill(const std::shared_ptr<const Layout>& layout,
                                 const ReadCache::Key& key, const Layout::Place& piece);
  void read_block(const std::shared_ptr<const Layout>& layout, const Layout::Place& place,
                  OnRead on_read);

  ReadCache cache_;
  DiskThread& thread_;
};

}  // namespace owrd::worker::disk
