#include "daemon/worker/disk/writing.h"

#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <span>

#include "daemon/worker/disk/leaf_hashes.h"

namespace owrd::worker::disk {
namespace {

/// Linux takes this many parts at once (UIO_MAXIOV).
constexpr std::size_t kMaxParts = 1024;

using Run = std::span<BlockWrite>;

/// The blocks at the beginning that lie side by side.
Run first_run(Run blocks) {
  std::size_t count = 1;
  while (count < blocks.size() && count < kMaxParts &&
         blocks[count].offset == blocks[count - 1].offset + blocks[count - 1].length)
    ++count;
  return blocks.first(count);
}

std::vector<iovec> make_parts(Run run) {
  std::vector<iovec> parts;
  parts.reserve(run.size());
  for (const auto& block : run)
    parts.push_back({block.data, static_cast<std::size_t>(block.length)});
  return parts;
}

/// Takes `bytes` off the front of the parts.
void advance(std::span<iovec>& parts, std::size_t bytes) {
  while (!parts.empty() && bytes >= parts.front().iov_len) {
    bytes -= parts.front().iov_len;
    parts = parts.subspan(1);
  }
  if (bytes == 0) return;
  parts.front().iov_base = static_cast<char*>(parts.front().iov_base) + bytes;
  parts.front().iov_len -= bytes;
}

/// How many bytes were written, and why not all.
Moved write_run(int fd, Run run, FileSystem& system) {
  auto all = make_parts(run);
  std::span<iovec> parts(all);
  std::size_t written = 0;
  while (!parts.empty()) {
    const auto moved =
        system.write(fd, parts, run.front().offset + static_cast<std::int64_t>(written));
    // A disk that takes nothing and gives no reason is a full one.
    if (moved.error != 0 || moved.bytes == 0)
      return {written, moved.error != 0 ? moved.error : ENOSPC};
    written += moved.bytes;
    advance(parts, moved.bytes);
  }
  return {written, 0};
}

void fail(Run blocks, const lt::storage_error& error) {
  for (auto& block : blocks) {
    block.leaf.reset();
    block.error = error;
  }
}

void hash(Run blocks) {
  std::vector<ByteView> views;
  views.reserve(blocks.size());
  for (const auto& block : blocks)
    views.push_back(std::as_bytes(std::span(block.data, static_cast<std::size_t>(block.length))));
  const auto leaves = hash_leaves(views);
  for (std::size_t i = 0; i < blocks.size(); ++i) blocks[i].leaf = leaves[i];
}

}  // namespace

void write(WriteBatch& batch, OpenFiles& files) {
  std::stable_sort(batch.blocks.begin(), batch.blocks.end(),
                   [](const BlockWrite& a, const BlockWrite& b) { return a.offset < b.offset; });
  lt::storage_error error;
  const int fd = files.get(batch.layout, batch.file, error);
  if (fd < 0) return fail(batch.blocks, error);

  hash(batch.blocks);
  for (Run left(batch.blocks); !left.empty();) {
    const Run run = first_run(left);
    left = left.subspan(run.size());
    const auto moved = write_run(fd, run, files.system());
    const auto end = run.front().offset + static_cast<std::int64_t>(moved.bytes);
    files.note_written(*batch.layout, batch.file, run.front().offset, end - run.front().offset);
    const auto failed = std::find_if(run.begin(), run.end(), [end](const BlockWrite& block) {
      return block.offset + block.length > end;
    });
    if (failed == run.end()) continue;
    error = make_error(moved.error, batch.file, lt::operation_t::file_write);
    fail({failed, run.end()}, error);
  }
  if (error) files.close(*batch.layout, batch.file);
}

}  // namespace owrd::worker::disk
