#include "daemon/worker/disk/reading.h"

#include <algorithm>
#include <span>
#include <vector>

#include "daemon/worker/disk/leaf_hashes.h"

namespace owrd::worker::disk {
namespace {

/// Read and hashed at once.
constexpr int kBlocksAtOnce = 64;

std::vector<ByteView> cut_into_blocks(std::span<const char> bytes) {
  std::vector<ByteView> blocks;
  for (std::size_t begin = 0; begin < bytes.size(); begin += kBlockBytes)
    blocks.push_back(std::as_bytes(
        bytes.subspan(begin, std::min<std::size_t>(kBlockBytes, bytes.size() - begin))));
  return blocks;
}

}  // namespace

int read(const std::shared_ptr<const Layout>& layout, const Layout::Place& place, char* into,
         OpenFiles& files, lt::storage_error& error) {
  const int fd = files.get(layout, place.file, error);
  if (fd < 0) return 0;
  int done = 0;
  while (done < place.length) {
    const auto moved = files.system().read(
        fd, {into + done, static_cast<std::size_t>(place.length - done)}, place.offset + done);
    if (moved.error != 0) {
      error = make_error(moved.error, place.file, lt::operation_t::file_read);
      break;
    }
    if (moved.bytes == 0) {
      error = {lt::errors::file_too_short, place.file, lt::operation_t::file_read};
      break;
    }
    done += static_cast<int>(moved.bytes);
  }
  if (error) files.close(*layout, place.file);
  return done;
}

void read_leaves(const std::shared_ptr<const Layout>& layout, const Layout::Place& piece,
                 OpenPieces::Leaves& leaves, OpenFiles& files, lt::storage_error& error) {
  std::vector<char> bytes(
      static_cast<std::size_t>(std::min(piece.length, kBlocksAtOnce * kBlockBytes)));
  for (auto leaf = leaves.begin(); leaf != leaves.end();) {
    leaf = std::find(leaf, leaves.end(), std::nullopt);
    const auto missing_end =
        std::find_if(leaf, leaves.end(), [](const auto& known) { return known.has_value(); });
    const auto count = std::min<std::ptrdiff_t>(missing_end - leaf, kBlocksAtOnce);
    const int begin = static_cast<int>(leaf - leaves.begin()) * kBlockBytes;
    const int length = std::min(static_cast<int>(count) * kBlockBytes, piece.length - begin);
    if (count == 0) return;
    if (read(layout, {piece.file, piece.offset + begin, length, 0}, bytes.data(), files, error) <
        length)
      return;
    const auto found =
        hash_leaves(cut_into_blocks(std::span(bytes).first(static_cast<std::size_t>(length))));
    leaf = std::copy(found.begin(), found.end(), leaf);
  }
}

}  // namespace owrd::worker::disk
