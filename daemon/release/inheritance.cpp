#include "daemon/release/inheritance.h"

#include <algorithm>
#include <vector>

#include "daemon/release/license_classes.h"

namespace owrd::release {
namespace {

bool states(const v1::UseRestrictions& use, v1::RestrictionKind kind) {
  return std::any_of(use.items().begin(), use.items().end(),
                     [kind](const v1::Restriction& item) { return item.kind() == kind; });
}

/// The flags that derived works must carry on and that neither licence nor manifest has.
std::vector<std::string> dropped(const LicenseFlags& parent, const LicenseFlags& own,
                                 const v1::UseRestrictions& use) {
  const bool has_policy =
      !use.policy_path().empty() || states(use, v1::RESTRICTION_KIND_ACCEPTABLE_USE_POLICY);
  std::vector<std::string> out;
  const auto check = [&](bool is_parents, bool is_carried, const char* what) {
    if (is_parents && !is_carried) out.emplace_back(what);
  };
  check(parent.field_of_use,
        own.field_of_use || has_policy || states(use, v1::RESTRICTION_KIND_FIELD_OF_USE),
        "field of use");
  check(parent.user_threshold,
        own.user_threshold || states(use, v1::RESTRICTION_KIND_USER_THRESHOLD), "user threshold");
  check(parent.naming_rule, own.naming_rule || states(use, v1::RESTRICTION_KIND_NAMING),
        "naming rule");
  check(parent.region_limit, own.region_limit || states(use, v1::RESTRICTION_KIND_REGION),
        "region limit");
  return out;
}

bool is_share_alike(LicenseClass license_class) {
  return license_class == LicenseClass::AttributionSharealike ||
         license_class == LicenseClass::Copyleft;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

}  // namespace

std::optional<std::string> find_inheritance_fault(const std::string& parent_license,
                                                  v1::Relation relation, const v1::License& license,
                                                  const v1::UseRestrictions& use) {
  const auto parent = classify_license(parent_license);
  const auto own = classify_license(license.spdx_expression());
  const auto own_commercial = own.grants.commercial == v1::ANSWER_UNSTATED
                                  ? license.grants().commercial()
                                  : own.grants.commercial;
  // Another file format makes no derived work (CC-BY-ND-4.0, section 2(a)(4)).
  if (parent.grants.modify == v1::ANSWER_NO && relation != v1::RELATION_CONVERTED)
    return parent_license + " does not grant derived works";
  if (parent.grants.redistribute == v1::ANSWER_NO)
    return parent_license + " does not grant redistribution";
  if (parent.grants.commercial == v1::ANSWER_NO && own_commercial == v1::ANSWER_YES)
    return parent_license + " does not grant commercial use, and " + license.spdx_expression() +
           " does";
  if (!parent.flags.pass_through) return std::nullopt;
  if (is_share_alike(parent.license_class) && !is_share_alike(own.license_class))
    return parent_license + " wants derived works under the same terms, and " +
           license.spdx_expression() + " is " + std::string(to_string(own.license_class));
  const auto lost = dropped(parent.flags, own.flags, use);
  if (lost.empty()) return std::nullopt;
  return parent_license + " must be passed on with its " + joined(lost) + ", which neither " +
         license.spdx_expression() + " nor the use restrictions state";
}

}  // namespace owrd::release
