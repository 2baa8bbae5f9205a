#include "daemon/weights/finding.h"

#include <algorithm>

namespace owrd::weights {

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::Pass:
      return "pass";
    case Severity::Warn:
      return "warn";
    case Severity::Fail:
      return "fail";
  }
  return "fail";
}

Severity worst(const Findings& findings) {
  auto severity = Severity::Pass;
  for (const auto& finding : findings) severity = std::max(severity, finding.severity);
  return severity;
}

}  // namespace owrd::weights
