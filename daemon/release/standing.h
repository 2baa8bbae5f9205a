#pragma once

#include <vector>

#include "daemon/core/digest.h"
#include "daemon/release/feed.h"

namespace owrd::release {

/// What a publisher says of a release in its notices, all in all. Pointers into the feed.
struct Standing {
  const ListedNotice* yanked = nullptr;     ///< The newest yank that is not taken back.
  const ListedNotice* withdrawn = nullptr;  ///< The first withdrawal; there is no way back.
  std::vector<const ListedNotice*> advisories;
  /// What its publisher has made of it by now; stages only go forward.
  v1::Stage stage = v1::STAGE_UNSPECIFIED;

  /// Names and channels pass it over.
  bool is_skipped() const { return yanked || withdrawn; }
  bool is_public() const { return stage == v1::STAGE_UNSPECIFIED || stage == v1::STAGE_PUBLIC; }
};
/// By the notices that are believed.
Standing standing_of(const Feed& feed, const Digest& release_id);

}  // namespace owrd::release
