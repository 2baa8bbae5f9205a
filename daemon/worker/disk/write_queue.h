#pragma once

#include <functional>
#include <libtorrent/disk_observer.hpp>
#include <memory>
#include <set>
#include <utility>

#include "daemon/worker/disk/answers.h"
#include "daemon/worker/disk/disk_thread.h"
#include "daemon/worker/disk/storage.h"
#include "daemon/worker/disk/write_buffers.h"

namespace owrd::worker::disk {

/// What arrived and is to be written. Of each file one batch is on its way at a time; what comes
/// meanwhile makes the next, so the faster blocks come, the more of them are written at once.
class WriteQueue {
 public:
  /// Told of each block when its outcome is known.
  using OnWritten = std::function<void(Storage&, BlockWrite&)>;

  WriteQueue(std::size_t limit_bytes, DiskThread& thread, Answers& answers, OnWritten on_written);

  /// Copies the bytes, to be given to add().
  char* copy(const char* bytes, int length);
  /// Takes the block, whose data copy() gave.
  void add(const std::shared_ptr<Storage>& storage, lt::file_index_t file, BlockWrite block);
  /// Begins to write what was added.
  void submit();
  /// True when the buffers are full: then the observer is told when half of them are free.
  bool is_full(const std::shared_ptr<lt::disk_observer>& observer);

  std::size_t buffers_in_use() const { return buffers_.in_use(); }
  void trim() { buffers_.trim(); }

 private:
  void write_next(const std::shared_ptr<Storage>& storage, lt::file_index_t file);
  void on_written(const std::shared_ptr<Storage>& storage, WriteBatch& batch);

  WriteBuffers buffers_;
  DiskThread& thread_;
  Answers& answers_;
  OnWritten on_written_;
  std::set<std::pair<std::shared_ptr<Storage>, lt::file_index_t>> added_;
};

}  // namespace owrd::worker::disk
