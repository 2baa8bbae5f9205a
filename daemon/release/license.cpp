#include <algorithm>
#include <string>
#include <vector>

#include "daemon/core/suggest.h"
#include "daemon/core/text.h"
#include "daemon/release/license_expression.h"
#include "daemon/release/license_ids.h"
#include "daemon/release/manifest.h"

namespace owrd::release {
namespace {

using Ids = std::span<const std::string_view>;

constexpr std::string_view kOwnPrefix = "LicenseRef-";

bool contains(Ids ids, std::string_view id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// Lower case without punctuation: people write "apache2" and "cc by 4".
std::string skeleton(std::string_view id) {
  std::string out;
  for (const char c : id) {
    if (c >= 'A' && c <= 'Z') out += static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
  }
  return out;
}

std::string nearest_id(std::string_view id, Ids known) {
  // The SPDX list has withdrawn "GPL-3.0" and its like for being ambiguous.
  if (const auto only = std::string(id) + "-only"; contains(known, only)) return only;
  std::vector<std::string> skeletons;
  for (const auto candidate : known) skeletons.push_back(skeleton(candidate));
  const std::vector<std::string_view> candidates(skeletons.begin(), skeletons.end());
  const auto match = nearest(skeleton(id), candidates);
  if (!match) return "";
  const auto place = std::find(skeletons.begin(), skeletons.end(), *match);
  return std::string(known[static_cast<std::size_t>(place - skeletons.begin())]);
}

Error unknown(std::string_view expression, std::string_view id, Ids known,
              const std::string& kind) {
  const std::string own = "--license LicenseRef-NAME names a licence that is not on the SPDX list";
  const auto near = nearest_id(id, known);
  const auto what = "licence " + quoted(expression) + ": " + quoted(id) + " is no known " + kind;
  if (near.empty()) return Error{ErrorCode::InvalidInput, what, own};
  return Error{ErrorCode::InvalidInput, what + "; the nearest is " + quoted(near),
               "--license " + near + "; " + own};
}

bool is_own(const LicenseExpression& license) {
  return license.id.starts_with(kOwnPrefix) && license.id.size() > kOwnPrefix.size() &&
         !license.or_later;
}

Result<> check_ids(std::string_view text, const LicenseExpression& expression) {
  for (const auto& operand : expression.operands)
    if (auto done = check_ids(text, operand); !done) return done;
  if (expression.kind != LicenseExpression::Kind::License) return Done{};
  if (!is_own(expression) && !contains(known_license_ids(), expression.id))
    return unknown(text, expression.id, known_license_ids(), "SPDX licence id");
  const auto& exception = expression.exception;
  if (!exception.empty() && !contains(known_exception_ids(), exception))
    return unknown(text, exception, known_exception_ids(), "SPDX licence exception");
  return Done{};
}

}  // namespace

Result<> check_license(std::string_view expression) {
  const auto parsed = parse_license_expression(expression);
  if (!parsed) return parsed.error();
  return check_ids(expression, *parsed);
}

}  // namespace owrd::release
