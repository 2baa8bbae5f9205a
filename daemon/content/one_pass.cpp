#include "daemon/content/one_pass.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

namespace owrd::content {
namespace {

/// Tells of single bytes of a file whether the page cache has them. Nothing is read, and so nothing
/// is fetched: a read that must not wait (RWF_NOWAIT) fetches what it does not find.
class Residence {
 public:
  Residence(const Descriptor& file, std::uint64_t bytes)
      : bytes_(bytes), pages_(::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, file.get(), 0)) {}
  ~Residence() {
    if (pages_ != MAP_FAILED) ::munmap(pages_, bytes_);
  }
  Residence(const Residence&) = delete;
  Residence& operator=(const Residence&) = delete;

  /// Of a file that is another user's the kernel says yes; so does this when it says nothing.
  bool has(std::uint64_t offset) const {
    if (pages_ == MAP_FAILED) return true;
    static const auto kPageBytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    auto* const page = static_cast<char*>(pages_) + (offset - offset % kPageBytes);
    unsigned char state = 1;
    return ::mincore(page, 1, &state) != 0 || (state & 1) != 0;
  }

 private:
  const std::uint64_t bytes_;
  void* const pages_;
};

}  // namespace

OnePass::OnePass(const Descriptor& file, std::uint64_t file_bytes, std::uint64_t job_bytes)
    : segments_(job_bytes > kKeptBytes ? (file_bytes + kSegmentBytes - 1) / kSegmentBytes : 0) {
  if (!segments_.empty()) {
    const Residence residence(file, file_bytes);
    std::uint64_t begin = 0;
    for (auto& segment : segments_) {
      segment.unread = std::min(kSegmentBytes, file_bytes - begin);
      // Two bytes speak for all: segments are fetched and dropped as a whole, by everybody.
      segment.was_absent = !residence.has(begin) || !residence.has(begin + segment.unread - 1);
      begin += kSegmentBytes;
    }
  }
  ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
}

void OnePass::finish(const Descriptor& file, std::uint64_t offset, std::uint64_t length) {
  if (segments_.empty()) return;
  auto& segment = segments_[offset / kSegmentBytes];
  if (segment.unread.fetch_sub(length) != length || !segment.was_absent) return;
  const auto begin = offset - offset % kSegmentBytes;
  ::posix_fadvise(file.get(), static_cast<off_t>(begin), static_cast<off_t>(kSegmentBytes),
                  POSIX_FADV_DONTNEED);
}

}  // namespace owrd::content
