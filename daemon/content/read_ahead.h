#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "daemon/content/descriptor.h"

namespace owrd::content {

/// Keeps the disk busy ahead of those who read a list of parts once and in order, and leaves the
/// page cache as it was: what had to be fetched is dropped when it has been read, what was there
/// stays. From any number of threads, each part by one at a time.
class ReadAhead {
 public:
  /// What a job reads in all may stay when it is no more than this: it pushes nothing out.
  static constexpr std::uint64_t kKeptBytes = 64 * 1024 * 1024;

  ReadAhead(std::size_t parts, std::uint64_t job_bytes)
      : was_absent_(job_bytes > kKeptBytes ? parts : 0) {}

  /// Returns at once; the kernel fetches what the page cache does not have.
  void expect(std::size_t part, const Descriptor& file, std::uint64_t offset, std::uint64_t length);
  /// The part was read, and will not be again.
  void finish(std::size_t part, const Descriptor& file, std::uint64_t offset, std::uint64_t length);

 private:
  std::vector<std::atomic<bool>> was_absent_;  ///< By part; empty when everything may stay.
};

}  // namespace owrd::content
