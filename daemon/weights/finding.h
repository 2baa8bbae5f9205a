#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace owrd::weights {

enum class Severity { Pass, Warn, Fail };

/// "pass", "warn", "fail".
std::string_view to_string(Severity severity);

/// One thing that an audit has to say of a file.
struct Finding {
  std::string rule;  ///< Stable, such as "pickle.dangerous".
  Severity severity = Severity::Warn;
  std::string message;  ///< One sentence.
  std::string detail = {};
};

using Findings = std::vector<Finding>;

/// The worst severity among them; Pass when there are none.
Severity worst(const Findings& findings);

}  // namespace owrd::weights
