#include "daemon/worker/disk/open_files.h"

#include <algorithm>

namespace owrd::worker::disk {
namespace {

/// Enough to be worth a disk's while, and little beside what a machine may hold dirty.
constexpr std::int64_t kWritebackBytes = std::int64_t{8} * 1024 * 1024;

}  // namespace

lt::storage_error make_error(int number, lt::file_index_t file, lt::operation_t operation) {
  return {lt::error_code(number, boost::system::system_category()), file, operation};
}

OpenFiles::OpenFiles(FileSystem& system, FileOpener& opener, Access access, std::size_t limit)
    : system_(system), opener_(opener), access_(access), limit_(limit) {}

int OpenFiles::get(const std::shared_ptr<const Layout>& layout, lt::file_index_t file,
                   lt::storage_error& error) {
  const Key key{layout.get(), file};
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    files_.splice(files_.begin(), files_, found->second);
    return files_.front().descriptor.get();
  }
  int number = 0;
  auto descriptor = opener_.open(*layout, file, access_, number);
  if (!descriptor.is_open()) {
    error = make_error(number, file, lt::operation_t::file_open);
    return -1;
  }
  if (files_.size() >= limit_) {
    by_key_.erase(files_.back().key);
    files_.pop_back();
  }
  files_.push_front({key, layout, std::move(descriptor)});
  by_key_[key] = files_.begin();
  return files_.front().descriptor.get();
}

void OpenFiles::note_written(const Layout& layout, lt::file_index_t file, std::int64_t offset,
                             std::int64_t length) {
  auto& written = *by_key_.at({&layout, file});
  if (written.dirty_bytes == 0) written.dirty_begin = written.dirty_end = offset;
  written.dirty_bytes += length;
  written.dirty_begin = std::min(written.dirty_begin, offset);
  written.dirty_end = std::max(written.dirty_end, offset + length);
  if (written.dirty_bytes < kWritebackBytes) return;
  written.dirty_bytes = 0;
  system_.start_writeback(written.descriptor.get(), written.dirty_begin,
                          written.dirty_end - written.dirty_begin);
}

void OpenFiles::close(const Layout& layout, lt::file_index_t file) {
  const auto found = by_key_.find({&layout, file});
  if (found == by_key_.end()) return;
  files_.erase(found->second);
  by_key_.erase(found);
}

void OpenFiles::close(const Layout& layout) {
  for (auto file = files_.begin(); file != files_.end();) {
    if (file->key.first == &layout) {
      by_key_.erase(file->key);
      file = files_.erase(file);
    } else {
      ++file;
    }
  }
}

}  // namespace owrd::worker::disk
