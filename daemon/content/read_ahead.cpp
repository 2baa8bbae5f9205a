#include "daemon/content/read_ahead.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace owrd::content {
namespace {

/// Whether the page of this byte is in the page cache. Nothing is read, and so nothing is fetched:
/// a read that must not wait (RWF_NOWAIT) fetches what it does not find. Of a file that is another
/// user's the kernel says yes.
bool is_cached(const Descriptor& file, std::uint64_t offset) {
  const auto page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  void* const page = ::mmap(nullptr, page_bytes, PROT_READ, MAP_SHARED, file.get(),
                            static_cast<off_t>(offset - offset % page_bytes));
  if (page == MAP_FAILED) return true;
  unsigned char state = 1;
  const bool is_known = ::mincore(page, page_bytes, &state) == 0;
  ::munmap(page, page_bytes);
  return !is_known || (state & 1) != 0;
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
