#include "daemon/release/label.h"

#include "daemon/release/components.h"

namespace owrd::release {
namespace {

bool is_open_model(const LabelParts& parts) { return parts.architecture && parts.inference_code; }

Label compute(const LabelParts& parts) {
  if (!is_open_model(parts)) return Label::None;
  if (parts.datasets && parts.weights) return Label::OM_OD_OW;
  if (parts.weights) return Label::OM_OW;
  return parts.datasets ? Label::OM_OD : Label::OM;
}

std::vector<std::string> lacks(const LabelParts& parts, Label label) {
  std::vector<std::string> out;
  if (!parts.architecture) out.emplace_back("model architecture");
  if (!parts.inference_code) out.emplace_back("inference code");
  if (label != Label::OM && label != Label::OM_OD && !parts.weights)
    out.emplace_back("model parameters");
  if (label != Label::OM && label != Label::OM_OW && !parts.datasets)
    out.emplace_back("training datasets");
  return out;
}

}  // namespace

LabelParts label_parts(const v1::Manifest& manifest) {
  const auto has = [&](v1::ComponentKind kind) {
    return component_state(manifest, kind).is_accessible;
  };
  return {
      has(v1::COMPONENT_KIND_MODEL_ARCHITECTURE), has(v1::COMPONENT_KIND_INFERENCE_CODE),
      has(v1::COMPONENT_KIND_FINAL_PARAMETERS),   has(v1::COMPONENT_KIND_DATASETS),
      has(v1::COMPONENT_KIND_TRAINING_CODE),      has(v1::COMPONENT_KIND_DATA_PREPROCESSING_CODE)};
}

LabelReport assess_label(const LabelParts& parts) {
  LabelReport report{compute(parts), {}, false};
  for (const auto label : {Label::OM, Label::OM_OW, Label::OM_OD, Label::OM_OD_OW})
    if (auto gap = lacks(parts, label); !gap.empty()) report.why.push_back({label, std::move(gap)});
  report.is_replicable =
      report.label == Label::OM_OD_OW && parts.training_code && parts.preprocessing_code;
  return report;
}

LabelReport label_of(const v1::Manifest& manifest) {
  const auto parts = label_parts(manifest);
  auto report = assess_label(parts);
  if (!parts.weights) report.label = Label::None;
  // Without weights there is no release, so these two are not within reach.
  std::erase_if(report.why, [](const LabelGap& gap) {
    return gap.label == Label::OM || gap.label == Label::OM_OD;
  });
  return report;
}

std::string_view to_string(Label label) {
  switch (label) {
    case Label::OM:
      return "OM";
    case Label::OM_OW:
      return "OM-OW";
    case Label::OM_OD:
      return "OM-OD";
    case Label::OM_OD_OW:
      return "OM-OD-OW";
    case Label::None:
      break;
  }
  return "none";
}

std::string_view long_name(Label label) {
  switch (label) {
    case Label::OM:
      return "Open Model";
    case Label::OM_OW:
      return "Open Model - Open Weights";
    case Label::OM_OD:
      return "Open Model - Open Dataset";
    case Label::OM_OD_OW:
      return "Open Model - Open Dataset - Open Weights";
    case Label::None:
      break;
  }
  return "No Open Model Label";
}

}  // namespace owrd::release
