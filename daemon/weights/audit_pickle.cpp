#include "daemon/weights/audit_pickle.h"

#include <string>

#include "daemon/core/text.h"

namespace owrd::weights {
namespace {

constexpr std::size_t kShownGlobals = 20, kShownReasons = 10;

std::string detail_of(const PickleScan& scan) {
  std::string detail;
  std::size_t shown = 0;
  for (const auto& path : scan.globals) {
    if (++shown > kShownGlobals) break;
    detail += (detail.empty() ? "globals: " : ", ") + quoted(path);
  }
  shown = 0;
  for (const auto& reason : scan.reasons) {
    if (++shown > kShownReasons) break;
    detail += (detail.empty() ? "" : "; ") + reason;
  }
  return detail;
}

}  // namespace

Finding finding_of(const PickleScan& scan) {
  switch (scan.verdict) {
    case PickleVerdict::WeightsOnly:
      return {"pickle.weights-only", Severity::Pass,
              "is a pickle of weights alone, as PyTorch's weights_only takes it", detail_of(scan)};
    case PickleVerdict::Suspicious:
      return {"pickle.unknown", Severity::Fail,
              "is a pickle that needs more than weights do, and may run code", detail_of(scan)};
    case PickleVerdict::Dangerous:
      break;
  }
  return {"pickle.dangerous", Severity::Fail, "is a pickle that runs code", detail_of(scan)};
}

}  // namespace owrd::weights
