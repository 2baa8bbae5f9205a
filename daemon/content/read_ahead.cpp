#include "daemon/content/read_ahead.h"

#include <fcntl.h>
#include <sys/uio.h>

namespace owrd::content {
namespace {

/// Whether one byte can be had without a disk. A file system that cannot say is taken not to.
bool is_cached(const Descriptor& file, std::uint64_t offset) {
  std::byte byte{};
  const iovec one{&byte, 1};
  return ::preadv2(file.get(), &one, 1, static_cast<off_t>(offset), RWF_NOWAIT) == 1;
}

}  // namespace

void ReadAhead::expect(std::size_t part, const Descriptor& file, std::uint64_t offset,
                       std::uint64_t length) {
  // Two bytes speak for all: parts are fetched and dropped as a whole, by everybody.
  if (is_cached(file, offset) && is_cached(file, offset + length - 1)) return;
  ::posix_fadvise(file.get(), static_cast<off_t>(offset), static_cast<off_t>(length),
                  POSIX_FADV_WILLNEED);
  if (!was_absent_.empty()) was_absent_[part] = true;
}

void ReadAhead::finish(std::size_t part, const Descriptor& file, std::uint64_t offset,
                       std::uint64_t length) {
  if (was_absent_.empty() || !was_absent_[part]) return;
  ::posix_fadvise(file.get(), static_cast<off_t>(offset), static_cast<off_t>(length),
                  POSIX_FADV_DONTNEED);
}

}  // namespace owrd::content
