#include "daemon/worker/disk/read_cache.h"

#include <algorithm>
#include <utility>

namespace owrd::worker::disk {

ReadCache::ReadCache(std::size_t limit_bytes)
    : arena_(limit_bytes / kChunkBytes * kChunkBytes), chunks_(limit_bytes / kChunkBytes) {
  for (std::size_t i = 0; i < chunks_.size(); ++i) chunks_[i].memory = arena_.at(i * kChunkBytes);
}

ReadCache::Chunk* ReadCache::find(const Key& key) {
  const auto found = std::find_if(chunks_.begin(), chunks_.end(), [&](const Chunk& chunk) {
    return chunk.length > 0 && !chunk.is_stale && chunk.key == key;
  });
  return found == chunks_.end() ? nullptr : &*found;
}

/// Not asked for while all chunks could have been handed out several times.
bool ReadCache::gives_way(const Chunk& chunk) const {
  const auto long_while =
      static_cast<std::int64_t>(chunks_.size()) * (kChunkBytes / kBlockBytes) * 4;
  return !chunk.is_filling && chunk.slices == 0 &&
         (chunk.handed_out >= chunk.length || uses_ - chunk.last_use > long_while);
}

ReadCache::Chunk* ReadCache::make(const Key& key, int length) {
  Chunk* oldest = nullptr;
  for (auto& chunk : chunks_) {
    if (chunk.length > 0 && !gives_way(chunk)) continue;
    if (!oldest || chunk.last_use < oldest->last_use) oldest = &chunk;
  }
  ++uses_;
  if (!oldest) return nullptr;
  retire(*oldest);
  oldest->key = key;
  oldest->length = length;
  oldest->is_filling = true;
  oldest->last_use = uses_;
  return oldest;
}

void ReadCache::fill(Chunk& chunk, int read, const lt::storage_error& error) {
  chunk.is_filling = false;
  if (read < chunk.length) chunk.is_stale = true;
  for (const auto& wait : std::exchange(chunk.waiting, {})) {
    if (wait.offset + wait.length <= read) {
      wait.on_slice(share(chunk, wait.offset, wait.length), {});
    } else {
      wait.on_slice(nullptr, error);
    }
  }
  free_if_unused(chunk);
}

char* ReadCache::share(Chunk& chunk, int offset, int length) {
  ++chunk.slices;
  chunk.handed_out += length;
  chunk.last_use = ++uses_;
  return chunk.memory + offset;
}

bool ReadCache::give_back(const char* slice) {
  if (!arena_.holds(slice)) return false;
  auto& chunk = chunks_[arena_.offset_of(slice) / kChunkBytes];
  --chunk.slices;
  free_if_unused(chunk);
  return true;
}

void ReadCache::forget(const Layout& layout, lt::piece_index_t piece) {
  for (auto& chunk : chunks_)
    if (chunk.length > 0 && chunk.key.layout == &layout && chunk.key.piece == piece) retire(chunk);
}

void ReadCache::forget(const Layout& layout) {
  for (auto& chunk : chunks_)
    if (chunk.length > 0 && chunk.key.layout == &layout) retire(chunk);
}

void ReadCache::trim() {
  for (auto& chunk : chunks_) {
    if (chunk.length > 0) {
      if (chunk.is_filling || chunk.slices > 0) continue;
      retire(chunk);
    }
    arena_.trim(arena_.offset_of(chunk.memory), kChunkBytes);
  }
}

void ReadCache::retire(Chunk& chunk) {
  chunk.is_stale = true;
  free_if_unused(chunk);
}

void ReadCache::free_if_unused(Chunk& chunk) {
  if (!chunk.is_stale || chunk.is_filling || chunk.slices > 0) return;
  char* const memory = chunk.memory;
  chunk = {};
  chunk.memory = memory;
}

}  // namespace owrd::worker::disk
