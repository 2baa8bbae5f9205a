#include "daemon/engine/known_get.h"

namespace owrd::engine {

KnownGet decide(const KnownRelease& known) {
  if (known.goes_elsewhere && !known.is_complete) return KnownGet::RefuseUnfinished;
  if (known.goes_elsewhere)
    return known.is_whole && known.has_all ? KnownGet::Copy : KnownGet::RefuseIncomplete;
  if (!known.is_complete) return known.has_all ? KnownGet::Join : KnownGet::Extend;
  return known.is_whole && known.has_all ? KnownGet::Confirm : KnownGet::Extend;
}

}  // namespace owrd::engine
