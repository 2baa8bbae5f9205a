#include "daemon/worker/disk/write_buffers.h"

#include <utility>

#include "daemon/worker/disk/layout.h"

namespace owrd::worker::disk {

WriteBuffers::WriteBuffers(std::size_t limit_bytes)
    : limit_(limit_bytes / kBlockBytes), arena_(limit_ * kBlockBytes) {
  // The last is taken first, and memory that was used lately is used again.
  for (std::size_t i = limit_; i-- > 0;) free_.push_back(arena_.at(i * kBlockBytes));
}

char* WriteBuffers::take() {
  ++in_use_;
  if (free_.empty()) return new char[kBlockBytes];
  char* const block = free_.back();
  free_.pop_back();
  return block;
}

void WriteBuffers::give_back(char* block) {
  --in_use_;
  if (arena_.holds(block)) {
    free_.push_back(block);
  } else {
    delete[] block;
  }
}

void WriteBuffers::add_waiting(std::weak_ptr<lt::disk_observer> observer) {
  waiting_.push_back(std::move(observer));
}

std::vector<std::weak_ptr<lt::disk_observer>> WriteBuffers::take_ready() {
  if (in_use_ > limit_ / 2) return {};
  return std::exchange(waiting_, {});
}

void WriteBuffers::trim() {
  if (in_use_ == 0) arena_.trim(0, arena_.size());
}

}  // namespace owrd::worker::disk
