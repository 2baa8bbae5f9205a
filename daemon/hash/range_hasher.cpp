#include "daemon/hash/range_hasher.h"

#include <algorithm>

namespace owrd::hash {

void RangeHasher::update(ByteView bytes) {
  const auto end = offset_ + bytes.size();
  while (digests_.size() < ranges_.size() && ranges_[digests_.size()].begin < end) {
    const auto& range = ranges_[digests_.size()];
    const auto from = std::max(range.begin, offset_);
    const auto to = std::min(range.end, end);
    current_.update(bytes.subspan(static_cast<std::size_t>(from - offset_),
                                  static_cast<std::size_t>(to - from)));
    if (range.end > end) break;
    digests_.push_back(current_.finish());
    current_ = Sha256();
    skip_empty();
  }
  offset_ = end;
}

void RangeHasher::skip_empty() {
  while (digests_.size() < ranges_.size() &&
         ranges_[digests_.size()].begin == ranges_[digests_.size()].end)
    digests_.push_back(sha256({}));
}

}  // namespace owrd::hash
