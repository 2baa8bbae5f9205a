#include "daemon/release/standing.h"

#include "daemon/release/publication_rules.h"

namespace owrd::release {

Standing standing_of(const Feed& feed, const Digest& release_id) {
  Standing standing;
  if (const auto* listed = feed.find(release_id)) standing.stage = listed->stage;
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
      case v1::NOTICE_KIND_STAGE:
        if (check_promotion(standing.stage, each.notice.message().stage()))
          standing.stage = each.notice.message().stage();
        break;
      default:
        break;
    }
  }
  return standing;
}

}  // namespace owrd::release
