#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "daemon/content/descriptor.h"

namespace owrd::content {

/// One pass through a file, about front to back: has the kernel read ahead as far as it will, and
/// leaves the page cache as it was. What had to be fetched is dropped when it has been read, what
/// was there stays.
///
/// The kernel's own reading ahead is much faster than asking it for ranges (POSIX_FADV_WILLNEED),
/// which it fetches page by page, but it wants to see one reader: all threads read through the
/// same descriptor, side by side.
class OnePass {
 public:
  /// What a job reads in all may stay when it is no more than this: it pushes nothing out.
  static constexpr std::uint64_t kKeptBytes = 64 * 1024 * 1024;
  /// What stays or is dropped as a whole.
  static constexpr std::uint64_t kSegmentBytes = 16 * 1024 * 1024;

  /// To be made before anything is read. `job_bytes` is what the job reads in all.
  OnePass(const Descriptor& file, std::uint64_t file_bytes, std::uint64_t job_bytes);

  /// These bytes, which lie within one segment, were read, and will not be again. From any thread.
  void finish(const Descriptor& file, std::uint64_t offset, std::uint64_t length);

 private:
  struct Segment {
    bool was_absent = false;
    std::atomic<std::uint64_t> unread{0};  ///< Bytes.
  };

  std::vector<Segment> segments_;  ///< None when everything may stay.
};

}  // namespace owrd::content
