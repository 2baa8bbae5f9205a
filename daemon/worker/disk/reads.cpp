#include "daemon/worker/disk/reads.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "daemon/worker/disk/reading.h"

namespace owrd::worker::disk {
namespace {

constexpr int kChunkBytes = ReadCache::kChunkBytes;

struct BlockRead {
  std::shared_ptr<const Layout> layout;
  Layout::Place place;
  Reads::OnRead on_read;
  std::unique_ptr<char[]> bytes;
  lt::storage_error error = {};
};

}  // namespace

void Reads::read(const std::shared_ptr<const Layout>& layout, const lt::peer_request& request,
                 OnRead on_read) {
  const auto place = layout->locate(request);
  const auto piece = layout->locate(request.piece);
  const int offset = request.start % kChunkBytes;
  const bool is_in_one_chunk = place->padding == 0 && offset + place->length <= kChunkBytes;
  auto* const chunk =
      is_in_one_chunk && piece->length > kBlockBytes
          ? find_or_fill(layout, {layout.get(), request.piece, request.start / kChunkBytes}, *piece)
          : nullptr;
  if (!chunk) return read_block(layout, *place, std::move(on_read));
  if (chunk->is_filling) {
    chunk->waiting.push_back({offset, place->length, std::move(on_read)});
  } else {
    on_read(cache_.share(*chunk, offset, place->length), {});
  }
}

ReadCache::Chunk* Reads::find_or_fill(const std::shared_ptr<const Layout>& layout,
                                      const ReadCache::Key& key, const Layout::Place& piece) {
  if (auto* const found = cache_.find(key)) return found;
  const int begin = key.index * kChunkBytes;
  const Layout::Place place{piece.file, piece.offset + begin,
                            std::min(piece.length - begin, kChunkBytes), 0};
  auto* const chunk = cache_.make(key, place.length);
  if (!chunk) return nullptr;
  thread_.run([this, chunk, layout, place, memory = chunk->memory](OpenFiles& files) {
    lt::storage_error error;
    const int length = disk::read(layout, place, memory, files, error);
    return [this, chunk, length, error] { cache_.fill(*chunk, length, error); };
  });
  return chunk;
}

void Reads::read_block(const std::shared_ptr<const Layout>& layout, const Layout::Place& place,
                       OnRead on_read) {
  auto block = std::make_shared<BlockRead>(
      BlockRead{layout, place, std::move(on_read),
                std::make_unique<char[]>(static_cast<std::size_t>(place.length + place.padding))});
  thread_.run([block = std::move(block)](OpenFiles& files) mutable {
    disk::read(block->layout, block->place, block->bytes.get(), files, block->error);
    // What libtorrent gave must end on libtorrent's thread: nothing of it stays here.
    return [block = std::move(block)] {
      block->on_read(block->error ? nullptr : block->bytes.release(), block->error);
    };
  });
}

void Reads::give_back(char* bytes) {
  if (!cache_.give_back(bytes)) delete[] bytes;
}

}  // namespace owrd::worker::disk
