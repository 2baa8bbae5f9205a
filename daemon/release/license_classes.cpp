#include "daemon/release/license_classes.h"

#include <algorithm>

#include "daemon/core/text.h"
#include "daemon/release/license_approvals.h"
#include "daemon/release/license_expression.h"
#include "daemon/release/license_ids.h"
#include "daemon/release/license_table.h"

namespace owrd::release {
namespace {

constexpr std::string_view kOwnPrefix = "LicenseRef-hf-";

// Where the Hugging Face id is not the SPDX id in lower case.
constexpr std::pair<std::string_view, std::string_view> kHuggingFace[] = {
    {"agpl-3.0", "AGPL-3.0-only"},
    {"gpl-2.0", "GPL-2.0-only"},
    {"gpl-3.0", "GPL-3.0-only"},
    {"lgpl-2.1", "LGPL-2.1-only"},
    {"lgpl-3.0", "LGPL-3.0-only"},
    {"c-uda", "C-UDA-1.0"},
    {"odc-by", "ODC-By-1.0"},
    {"odbl", "ODbL-1.0"},
    {"pddl", "PDDL-1.0"},
    {"openrail++", "LicenseRef-hf-openrail-pp"},
    {"openmdw-1.1", "LicenseRef-hf-openmdw-1.1"},
};
// Which of the family is not said.
constexpr std::string_view kFamilies[] = {"other", "unknown", "bsd", "cc", "gfdl", "gpl", "lgpl"};

/// The lesser of two answers: NO, then UNSTATED, then YES.
v1::Answer lesser(v1::Answer a, v1::Answer b) {
  if (a == v1::ANSWER_NO || b == v1::ANSWER_NO) return v1::ANSWER_NO;
  return a == v1::ANSWER_YES ? b : a;
}

LicenseTerms both(const LicenseTerms& a, const LicenseTerms& b) {
  LicenseTerms out;
  out.license_class = std::max(a.license_class, b.license_class);
  out.flags = {a.flags.acceptance_required || b.flags.acceptance_required,
               a.flags.field_of_use || b.flags.field_of_use,
               a.flags.pass_through || b.flags.pass_through,
               a.flags.user_threshold || b.flags.user_threshold,
               a.flags.naming_rule || b.flags.naming_rule,
               a.flags.region_limit || b.flags.region_limit};
  out.grants = {lesser(a.grants.use, b.grants.use), lesser(a.grants.modify, b.grants.modify),
                lesser(a.grants.redistribute, b.grants.redistribute),
                lesser(a.grants.commercial, b.grants.commercial)};
  out.is_osi_approved = a.is_osi_approved && b.is_osi_approved;
  out.is_fsf_libre = a.is_fsf_libre && b.is_fsf_libre;
  out.is_open_data = a.is_open_data && b.is_open_data;
  out.is_open_model = a.is_open_model && b.is_open_model;
  return out;
}

/// By the id alone; the table knows own terms without their prefix.
LicenseTerms look_up(std::string_view id) {
  if (id.starts_with(kOwnPrefix)) id.remove_prefix(kOwnPrefix.size());
  if (id == "openmdw-1.1") id = "OpenMDW-1.1";
  auto terms = find_license(id).value_or(LicenseTerms{});
  terms.is_osi_approved = is_osi_approved(id);
  terms.is_fsf_libre = is_fsf_libre(id);
  terms.is_open_data = is_open_data(id);
  terms.is_open_model = is_open_model_license(id);
  return terms;
}

LicenseTerms combine(const LicenseExpression& expression) {
  if (expression.kind == LicenseExpression::Kind::License) return look_up(expression.id);
  auto out = combine(expression.operands.front());
  for (std::size_t i = 1; i < expression.operands.size(); ++i) {
    const auto next = combine(expression.operands[i]);
    if (expression.kind == LicenseExpression::Kind::And)
      out = both(out, next);
    else if (next.license_class < out.license_class)
      out = next;
  }
  return out;
}

}  // namespace

std::string_view to_string(LicenseClass license_class) {
  switch (license_class) {
    case LicenseClass::Permissive:
      return "permissive";
    case LicenseClass::AttributionSharealike:
      return "attribution-sharealike";
    case LicenseClass::Copyleft:
      return "copyleft";
    case LicenseClass::ResponsibleUse:
      return "responsible-use";
    case LicenseClass::CommunityTerms:
      return "community-terms";
    case LicenseClass::Noncommercial:
      return "noncommercial";
    case LicenseClass::ResearchOnly:
      return "research-only";
    case LicenseClass::NoDerivatives:
      return "no-derivatives";
    case LicenseClass::Proprietary:
      return "proprietary";
    case LicenseClass::Unknown:
      break;
  }
  return "unknown";
}

LicenseTerms classify_license(std::string_view expression) {
  if (const auto spdx = spdx_of_hugging_face(expression); !spdx.empty()) return look_up(spdx);
  const auto parsed = parse_license_expression(expression);
  return parsed ? combine(*parsed) : LicenseTerms{};
}

bool asks_for_acceptance(const v1::License& license) {
  return license.acceptance_required() ||
         classify_license(license.spdx_expression()).flags.acceptance_required;
}

std::string spdx_of_hugging_face(std::string_view id) {
  const auto lower = ascii_lower(id);
  if (std::find(std::begin(kFamilies), std::end(kFamilies), lower) != std::end(kFamilies))
    return "";
  for (const auto& [theirs, spdx] : kHuggingFace)
    if (lower == theirs) return std::string(spdx);
  for (const auto spdx : known_license_ids())
    if (lower == ascii_lower(spdx)) return std::string(spdx);
  const auto own = own_terms();
  if (std::find(own.begin(), own.end(), lower) != own.end()) return std::string(kOwnPrefix) + lower;
  return "";
}

std::vector<std::string> flag_words(const LicenseFlags& flags) {
  std::vector<std::string> out;
  if (flags.acceptance_required) out.emplace_back("acceptance required");
  if (flags.field_of_use) out.emplace_back("field of use");
  if (flags.pass_through) out.emplace_back("pass through");
  if (flags.user_threshold) out.emplace_back("user threshold");
  if (flags.naming_rule) out.emplace_back("naming rule");
  if (flags.region_limit) out.emplace_back("region limit");
  return out;
}

}  // namespace owrd::release
