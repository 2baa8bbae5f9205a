#include "daemon/worker/disk/file_system.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace owrd::worker::disk {
namespace {

template <class Call>
Moved repeat_when_interrupted(const Call& call) {
  for (;;) {
    const ssize_t moved = call();
    if (moved >= 0) return {static_cast<std::size_t>(moved), 0};
    if (errno != EINTR) return {0, errno};
  }
}

}  // namespace

Moved FileSystem::read(int fd, std::span<char> into, std::int64_t offset) {
  return repeat_when_interrupted([&] { return ::pread(fd, into.data(), into.size(), offset); });
}

std::int64_t FileSystem::length(int fd) { return ::lseek(fd, 0, SEEK_END); }

Moved FileSystem::write(int fd, std::span<const iovec> parts, std::int64_t offset) {
  return repeat_when_interrupted(
      [&] { return ::pwritev(fd, parts.data(), static_cast<int>(parts.size()), offset); });
}

void FileSystem::start_writeback(int fd, std::int64_t offset, std::int64_t length) {
  ::sync_file_range(fd, offset, length, SYNC_FILE_RANGE_WRITE);
}

}  // namespace owrd::worker::disk
