#include "daemon/release/standing.h"

namespace owrd::release {

Standing standing_of(const Feed& feed, const Digest& release_id) {
  Standing standing;
  for (const auto& each : feed.notices()) {
    if (!each.is_believed() || each.notice.release_id() != release_id) continue;
    switch (each.notice.kind()) {
      case v1::NOTICE_KIND_YANK:
        standing.yanked = &each;
        break;
      case v1::NOTICE_KIND_UNYANK:
        standing.yanked = nullptr;
        break;
      case v1::NOTICE_KIND_WITHDRAW:
        if (!standing.withdrawn) standing.withdrawn = &each;
        break;
      case v1::NOTICE_KIND_ADVISORY:
        standing.advisories.push_back(&each);
        break;
      default:
        break;
    }
  }
  return standing;
}

}  // namespace owrd::release
