#include "daemon/worker/disk/write_queue.h"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace owrd::worker::disk {
namespace {

/// Written in one go: 4 MiB, a few milliseconds.
constexpr std::size_t kMaxBatch = 256;

}  // namespace

WriteQueue::WriteQueue(std::size_t limit_bytes, DiskThread& thread, Answers& answers,
                       OnWritten on_written)
    : buffers_(limit_bytes),
      thread_(thread),
      answers_(answers),
      on_written_(std::move(on_written)) {}

char* WriteQueue::copy(const char* bytes, int length) {
  char* const block = buffers_.take();
  std::memcpy(block, bytes, static_cast<std::size_t>(length));
  return block;
}

void WriteQueue::add(const std::shared_ptr<Storage>& storage, lt::file_index_t file,
                     BlockWrite block) {
  storage->queues[file].blocks.push_back(std::move(block));
  added_.emplace(storage, file);
}

void WriteQueue::submit() {
  for (const auto& [storage, file] : std::exchange(added_, {}))
    if (!storage->queues[file].is_writing) write_next(storage, file);
}

bool WriteQueue::is_full(const std::shared_ptr<lt::disk_observer>& observer) {
  if (!buffers_.is_full()) return false;
  if (observer) buffers_.add_waiting(observer);
  return true;
}

void WriteQueue::write_next(const std::shared_ptr<Storage>& storage, lt::file_index_t file) {
  auto& queue = storage->queues[file];
  queue.is_writing = !queue.blocks.empty();
  if (!queue.is_writing) {
    storage->queues.erase(file);
    return;
  }
  auto batch = std::make_shared<WriteBatch>(WriteBatch{storage->layout, file, {}});
  const auto end =
      queue.blocks.begin() + static_cast<std::ptrdiff_t>(std::min(queue.blocks.size(), kMaxBatch));
  batch->blocks.assign(std::make_move_iterator(queue.blocks.begin()), std::make_move_iterator(end));
  queue.blocks.erase(queue.blocks.begin(), end);
  thread_.run([this, storage, batch = std::move(batch)](OpenFiles& files) mutable {
    write(*batch, files);
    // What libtorrent gave must end on libtorrent's thread: nothing of it stays here.
    return [this, storage = std::move(storage), batch = std::move(batch)] {
      on_written(storage, *batch);
    };
  });
}

void WriteQueue::on_written(const std::shared_ptr<Storage>& storage, WriteBatch& batch) {
  for (auto& block : batch.blocks) {
    buffers_.give_back(block.data);
    on_written_(*storage, block);
  }
  for (const auto& waiting : buffers_.take_ready())
    answers_.add([waiting] {
      if (const auto observer = waiting.lock()) observer->on_disk();
    });
  write_next(storage, batch.file);
}

}  // namespace owrd::worker::disk
