#pragma once

#include <cstdint>
#include <vector>

#include "daemon/core/bytes.h"
#include "daemon/core/digest.h"
#include "daemon/hash/sha256.h"

namespace owrd::hash {

/// [begin, end), in bytes from the beginning of a file.
struct Range {
  std::uint64_t begin;
  std::uint64_t end;
};

/// SHA-256 of parts of a file that is read from front to back.
class RangeHasher {
 public:
  /// The ranges ascend and do not overlap.
  explicit RangeHasher(std::vector<Range> ranges) : ranges_(std::move(ranges)) { skip_empty(); }

  /// The next bytes of the file.
  void update(ByteView bytes);
  /// Once, after all bytes: a digest for each range.
  std::vector<Digest> finish() { return std::move(digests_); }

 private:
  void skip_empty();

  const std::vector<Range> ranges_;
  std::vector<Digest> digests_;  ///< As many as are through.
  std::uint64_t offset_ = 0;
  Sha256 current_;
};

}  // namespace owrd::hash
