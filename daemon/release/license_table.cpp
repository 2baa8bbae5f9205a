#include "daemon/release/license_table.h"

#include <algorithm>

namespace owrd::release {
namespace {

using Class = LicenseClass;
using Ids = std::span<const std::string_view>;

constexpr auto kYes = v1::ANSWER_YES;
constexpr auto kNo = v1::ANSWER_NO;
constexpr LicenseGrants kAll{kYes, kYes, kYes, kYes};
constexpr LicenseGrants kNotCommercial{kYes, kYes, kYes, kNo};
constexpr LicenseGrants kVerbatim{kYes, kNo, kYes, kYes};
constexpr LicenseGrants kVerbatimNotCommercial{kYes, kNo, kYes, kNo};

constexpr std::string_view kPermissive[] = {"0BSD",
                                            "AAL",
                                            "AFL-2.1",
                                            "AFL-3.0",
                                            "Apache-1.0",
                                            "Apache-1.1",
                                            "Apache-2.0",
                                            "Artistic-1.0",
                                            "Artistic-2.0",
                                            "BlueOak-1.0.0",
                                            "BSD-1-Clause",
                                            "BSD-2-Clause",
                                            "BSD-2-Clause-Patent",
                                            "BSD-3-Clause",
                                            "BSD-3-Clause-Clear",
                                            "BSD-3-Clause-LBNL",
                                            "BSD-4-Clause",
                                            "BSD-Source-Code",
                                            "BSL-1.0",
                                            "CC-BY-1.0",
                                            "CC-BY-2.0",
                                            "CC-BY-2.5",
                                            "CC-BY-3.0",
                                            "CC-BY-4.0",
                                            "CC-PDDC",
                                            "CC0-1.0",
                                            "CDLA-Permissive-1.0",
                                            "CDLA-Permissive-2.0",
                                            "CECILL-B",
                                            "CERN-OHL-P-2.0",
                                            "DL-DE-BY-2.0",
                                            "DL-DE-ZERO-2.0",
                                            "ECL-2.0",
                                            "EFL-2.0",
                                            "etalab-2.0",
                                            "HPND",
                                            "ICU",
                                            "ISC",
                                            "LiLiQ-P-1.1",
                                            "MIT",
                                            "MIT-0",
                                            "MIT-CMU",
                                            "MIT-Modern-Variant",
                                            "MS-PL",
                                            "MulanPSL-1.0",
                                            "MulanPSL-2.0",
                                            "NCSA",
                                            "NIST-PD",
                                            "O-UDA-1.0",
                                            "ODC-By-1.0",
                                            "OGL-Canada-2.0",
                                            "OGL-UK-3.0",
                                            "OpenMDW-1.0",
                                            "OpenMDW-1.1",
                                            "OpenSSL",
                                            "PDDL-1.0",
                                            "PostgreSQL",
                                            "PSF-2.0",
                                            "Python-2.0",
                                            "Unicode-3.0",
                                            "Unicode-DFS-2016",
                                            "Unlicense",
                                            "UPL-1.0",
                                            "W3C",
                                            "WTFPL",
                                            "X11",
                                            "Zlib",
                                            "ZPL-2.1",
                                            "apple-ascl"};

constexpr std::string_view kShareAlike[] = {"CC-BY-SA-1.0", "CC-BY-SA-2.0", "CC-BY-SA-2.5",
                                            "CC-BY-SA-3.0", "CC-BY-SA-4.0", "CDLA-Sharing-1.0",
                                            "ODbL-1.0"};

constexpr std::string_view kCopyleft[] = {"AGPL-3.0-only",
                                          "AGPL-3.0-or-later",
                                          "APSL-2.0",
                                          "CAL-1.0",
                                          "CDDL-1.0",
                                          "CDDL-1.1",
                                          "CECILL-2.1",
                                          "CECILL-C",
                                          "CERN-OHL-S-2.0",
                                          "CERN-OHL-W-2.0",
                                          "CPAL-1.0",
                                          "CPL-1.0",
                                          "EPL-1.0",
                                          "EPL-2.0",
                                          "EUPL-1.1",
                                          "EUPL-1.2",
                                          "GFDL-1.2-only",
                                          "GFDL-1.2-or-later",
                                          "GFDL-1.3-only",
                                          "GFDL-1.3-or-later",
                                          "GPL-1.0-only",
                                          "GPL-1.0-or-later",
                                          "GPL-2.0-only",
                                          "GPL-2.0-or-later",
                                          "GPL-3.0-only",
                                          "GPL-3.0-or-later",
                                          "IPL-1.0",
                                          "LGPL-2.0-only",
                                          "LGPL-2.0-or-later",
                                          "LGPL-2.1-only",
                                          "LGPL-2.1-or-later",
                                          "LGPL-3.0-only",
                                          "LGPL-3.0-or-later",
                                          "LiLiQ-R-1.1",
                                          "LPL-1.02",
                                          "MPL-1.1",
                                          "MPL-2.0",
                                          "MPL-2.0-no-copyleft-exception",
                                          "MS-RL",
                                          "NGPL",
                                          "NOSL",
                                          "NPOSL-3.0",
                                          "OSL-2.1",
                                          "OSL-3.0",
                                          "QPL-1.0",
                                          "RPL-1.5",
                                          "SimPL-2.0",
                                          "Vim",
                                          "lgpl-lr"};

struct Row {
  std::string_view id;
  Class license_class;
  LicenseGrants grants;
  LicenseFlags flags;
};

// Terms that are not like the others of their class. Each row follows the text of the licence; the
// letters are the flags in the order of LicenseFlags.
constexpr LicenseFlags flagged(std::string_view letters) {
  LicenseFlags out;
  for (const char c : letters) {
    if (c == 'a') out.acceptance_required = true;
    if (c == 'f') out.field_of_use = true;
    if (c == 'p') out.pass_through = true;
    if (c == 'u') out.user_threshold = true;
    if (c == 'n') out.naming_rule = true;
    if (c == 'r') out.region_limit = true;
  }
  return out;
}

constexpr Row kRows[] = {
    // Copyleft and permissive ones with a rule on names.
    {"LPPL-1.3c", Class::Permissive, kAll, flagged("n")},
    {"OFL-1.1", Class::Copyleft, kAll, flagged("pn")},
    // Not to be offered as a service, or not in production, without other terms.
    {"BUSL-1.1", Class::CommunityTerms, {kYes, kYes, kYes, kNo}, flagged("fp")},
    {"Elastic-2.0", Class::CommunityTerms, kAll, flagged("fp")},
    {"SSPL-1.0", Class::Copyleft, kAll, flagged("fp")},
    {"PolyForm-Small-Business-1.0.0", Class::CommunityTerms, kAll, flagged("u")},
    {"PolyForm-Noncommercial-1.0.0", Class::Noncommercial, kNotCommercial, flagged("")},
    // For computational use alone.
    {"C-UDA-1.0", Class::ResponsibleUse, kAll, flagged("fp")},
    // Responsible use: BigScience, BigCode, CreativeML, DeepSeek, Falcon.
    {"Hippocratic-2.1", Class::ResponsibleUse, kAll, flagged("fp")},
    {"openrail", Class::ResponsibleUse, kAll, flagged("fp")},
    {"openrail-pp", Class::ResponsibleUse, kAll, flagged("fp")},
    {"bigscience-openrail-m", Class::ResponsibleUse, kAll, flagged("fp")},
    {"bigscience-bloom-rail-1.0", Class::ResponsibleUse, kAll, flagged("fp")},
    {"bigcode-openrail-m", Class::ResponsibleUse, kAll, flagged("fp")},
    {"creativeml-openrail-m", Class::ResponsibleUse, kAll, flagged("fp")},
    {"deepseek", Class::ResponsibleUse, kAll, flagged("fp")},
    {"falcon-llm-license", Class::ResponsibleUse, kAll, flagged("fpn")},
    // Community terms. Llama: 700 million users; from 3 on names begin with "Llama"; from 3.2 on
    // multimodal models are not for the European Union.
    {"llama2", Class::CommunityTerms, kAll, flagged("afpu")},
    {"llama3", Class::CommunityTerms, kAll, flagged("afpun")},
    {"llama3.1", Class::CommunityTerms, kAll, flagged("afpun")},
    {"llama3.2", Class::CommunityTerms, kAll, flagged("afpunr")},
    {"llama3.3", Class::CommunityTerms, kAll, flagged("afpunr")},
    {"llama4", Class::CommunityTerms, kAll, flagged("afpunr")},
    {"gemma", Class::CommunityTerms, kAll, flagged("afp")},
    {"health-ai-developer-foundations", Class::CommunityTerms, kAll, flagged("afp")},
    {"falcon-180b", Class::CommunityTerms, kAll, flagged("fp")},
    {"tongyi-qianwen", Class::CommunityTerms, kAll, flagged("u")},
    {"qwen", Class::CommunityTerms, kAll, flagged("un")},
    {"tencent-hunyuan-community", Class::CommunityTerms, kAll, flagged("fpunr")},
    {"stabilityai-ai-community", Class::CommunityTerms, kAll, flagged("fpun")},
    {"nvidia-open-model-license", Class::CommunityTerms, kAll, flagged("fn")},
    {"jamba-open-model-license", Class::CommunityTerms, kAll, flagged("fpu")},
    {"modified-mit", Class::CommunityTerms, kAll, flagged("un")},
    {"yi-license", Class::CommunityTerms, kAll, flagged("fp")},
    // Research.
    {"mrl", Class::ResearchOnly, kNotCommercial, flagged("afp")},
    {"mnpl", Class::ResearchOnly, kNotCommercial, flagged("afp")},
    {"qwen-research", Class::ResearchOnly, kNotCommercial, flagged("pn")},
    {"tongyi-qianwen-research", Class::ResearchOnly, kNotCommercial, flagged("p")},
    {"deepfloyd-if-license", Class::ResearchOnly, kNotCommercial, flagged("afp")},
    {"apple-amlr", Class::ResearchOnly, kNotCommercial, flagged("fp")},
    {"fair-noncommercial-research-license", Class::ResearchOnly, kNotCommercial, flagged("afp")},
    {"intel-research", Class::ResearchOnly, kNotCommercial, flagged("fp")},
    {"h-research", Class::ResearchOnly, kNotCommercial, flagged("fp")},
    {"exaone", Class::ResearchOnly, kNotCommercial, flagged("fpn")},
    {"flux-1-dev-non-commercial-license", Class::Noncommercial, kNotCommercial, flagged("afp")},
    // Nothing is granted.
    {"proprietary", Class::Proprietary, {kNo, kNo, kNo, kNo}, flagged("")},
};

bool contains(Ids ids, std::string_view id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

LicenseTerms terms(Class license_class, const LicenseGrants& grants, const LicenseFlags& flags) {
  LicenseTerms out;
  out.license_class = license_class;
  out.grants = grants;
  out.flags = flags;
  return out;
}

bool has_version(std::string_view id, std::string_view family) {
  return id.starts_with(family) && id.size() > family.size() && id[family.size()] >= '0' &&
         id[family.size()] <= '9';
}

/// In every version and port of a country.
std::optional<LicenseTerms> find_creative_commons(std::string_view id) {
  if (has_version(id, "CC-BY-NC-ND-"))
    return terms(Class::NoDerivatives, kVerbatimNotCommercial, {});
  if (has_version(id, "CC-BY-NC-SA-"))
    return terms(Class::Noncommercial, kNotCommercial, flagged("p"));
  if (has_version(id, "CC-BY-NC-")) return terms(Class::Noncommercial, kNotCommercial, {});
  if (has_version(id, "CC-BY-ND-")) return terms(Class::NoDerivatives, kVerbatim, {});
  if (has_version(id, "CC-BY-SA-")) return terms(Class::AttributionSharealike, kAll, flagged("p"));
  if (has_version(id, "CC-BY-")) return terms(Class::Permissive, kAll, {});
  return std::nullopt;
}

}  // namespace

std::optional<LicenseTerms> find_license(std::string_view id) {
  if (contains(kPermissive, id)) return terms(Class::Permissive, kAll, {});
  if (contains(kShareAlike, id)) return terms(Class::AttributionSharealike, kAll, flagged("p"));
  if (contains(kCopyleft, id)) return terms(Class::Copyleft, kAll, flagged("p"));
  for (const auto& row : kRows)
    if (row.id == id) return terms(row.license_class, row.grants, row.flags);
  return find_creative_commons(id);
}

std::vector<std::string_view> own_terms() {
  std::vector<std::string_view> out;
  for (const auto& row : kRows)
    if (row.id.front() >= 'a' && row.id.front() <= 'z') out.push_back(row.id);
  out.push_back("apple-ascl");
  out.push_back("lgpl-lr");
  return out;
}

}  // namespace owrd::release
