#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace owrd::worker::disk {

/// How far one system call came.
struct Moved {
  std::size_t bytes = 0;
  int error = 0;  ///< An errno, or 0.
};

/// What the disk threads ask of the system about an open file. Tests refuse some of it.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  /// One pread(2): may give less than asked for; nothing at the end of the file.
  virtual Moved read(int fd, std::span<char> into, std::int64_t offset);
  virtual std::int64_t length(int fd);
  /// One pwritev(2): may take less than given. At most IOV_MAX parts.
  virtual Moved write(int fd, std::span<const iovec> parts, std::int64_t offset);
  /// Has the kernel begin to write this range to the disk, so that what is dirty stays little.
  ///
  /// Waits for nothing and takes no error: an error of the disk must stay unseen until whoever
  /// makes the bytes durable asks with fsync(2), for the kernel tells it once.
  virtual void start_writeback(int fd, std::int64_t offset, std::int64_t length);
};

}  // namespace owrd::worker::disk
