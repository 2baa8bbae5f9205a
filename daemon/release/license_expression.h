#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/result.h"

namespace owrd::release {

/// A licence expression as a tree, by SPDX 2.3 annex D: WITH binds before AND, AND before OR.
struct LicenseExpression {
  enum class Kind { License, And, Or };
  Kind kind = Kind::License;
  std::string id;                           ///< Of a License; known or not.
  bool or_later = false;                    ///< A "+" is written onto the id.
  std::string exception;                    ///< After WITH; else empty.
  std::vector<LicenseExpression> operands;  ///< Of And and Or, two or more.
};

/// Reads the form alone: whether the ids are known is another question.
Result<LicenseExpression> parse_license_expression(std::string_view text);

}  // namespace owrd::release
