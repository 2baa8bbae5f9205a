#include "daemon/release/mof_class.h"

#include "daemon/release/components.h"
#include "daemon/release/license_classes.h"

namespace owrd::release {
namespace {

using Kinds = std::vector<v1::ComponentKind>;

/// What a class needs beyond the one below it.
Kinds needs(MofClass mof_class) {
  switch (mof_class) {
    case MofClass::III:
      return {v1::COMPONENT_KIND_MODEL_ARCHITECTURE, v1::COMPONENT_KIND_FINAL_PARAMETERS,
              v1::COMPONENT_KIND_MODEL_CARD, v1::COMPONENT_KIND_DATA_CARD,
              v1::COMPONENT_KIND_EVALUATION_RESULTS};
    case MofClass::II:
      return {v1::COMPONENT_KIND_TRAINING_CODE, v1::COMPONENT_KIND_INFERENCE_CODE,
              v1::COMPONENT_KIND_EVALUATION_CODE, v1::COMPONENT_KIND_EVALUATION_DATA};
    case MofClass::I:
      return {v1::COMPONENT_KIND_DATASETS, v1::COMPONENT_KIND_DATA_PREPROCESSING_CODE,
              v1::COMPONENT_KIND_INTERMEDIATE_PARAMETERS, v1::COMPONENT_KIND_RESEARCH_PAPER};
    case MofClass::Unclassified:
      break;
  }
  return {};
}

/// Why the component does not count; empty when it does.
std::string fault(const LicensedComponents& components, v1::ComponentKind kind) {
  const std::string name(to_string(kind));
  const auto found = components.find(kind);
  if (found == components.end()) return name + ": not provided";
  if (found->second.empty()) return name + ": no licence";
  if (classify_license(found->second).is_open()) return "";
  return name + ": " + found->second + " is no open licence";
}

std::vector<std::string> missing_for(const LicensedComponents& components, MofClass mof_class) {
  std::vector<std::string> out;
  for (const auto kind : needs(mof_class))
    if (auto what = fault(components, kind); !what.empty()) out.push_back(std::move(what));
  if (mof_class == MofClass::III &&
      !fault(components, v1::COMPONENT_KIND_TECHNICAL_REPORT).empty() &&
      !fault(components, v1::COMPONENT_KIND_RESEARCH_PAPER).empty()) {
    const bool has_paper = components.contains(v1::COMPONENT_KIND_RESEARCH_PAPER) &&
                           !components.contains(v1::COMPONENT_KIND_TECHNICAL_REPORT);
    out.push_back(fault(components, has_paper ? v1::COMPONENT_KIND_RESEARCH_PAPER
                                              : v1::COMPONENT_KIND_TECHNICAL_REPORT));
  }
  return out;
}

}  // namespace

std::string_view to_string(MofClass mof_class) {
  switch (mof_class) {
    case MofClass::III:
      return "Class III - Open Model";
    case MofClass::II:
      return "Class II - Open Tooling Model";
    case MofClass::I:
      return "Class I - Open Science Model";
    case MofClass::Unclassified:
      break;
  }
  return "Unclassified";
}

MofReport mof_class(const LicensedComponents& components) {
  MofReport report;
  for (const auto next : {MofClass::III, MofClass::II, MofClass::I}) {
    report.next = next;
    report.missing = missing_for(components, next);
    if (!report.missing.empty()) return report;
    report.mof_class = next;
  }
  return report;
}

LicensedComponents licensed_components(const v1::Manifest& manifest) {
  LicensedComponents out;
  for (int number = 1; number <= v1::ComponentKind_MAX; ++number) {
    const auto kind = static_cast<v1::ComponentKind>(number);
    const auto state = component_state(manifest, kind);
    if (state.is_accessible) out.emplace(kind, state.license);
  }
  return out;
}

}  // namespace owrd::release
