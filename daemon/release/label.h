#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "owrd/v1/release.pb.h"

/// The Open Model Label: which parts of a model are to be had. Computed, never declared, and blind
/// to licences (aimodels.org, "Labeling AI Models").
namespace owrd::release {

enum class Label { None, OM, OM_OW, OM_OD, OM_OD_OW };

/// What the label depends on. Each part counts when it is accessible (components.h).
struct LabelParts {
  bool architecture = false;
  bool inference_code = false;
  bool weights = false;
  bool datasets = false;  ///< All that the model was trained on.
  bool training_code = false;
  bool preprocessing_code = false;
};
LabelParts label_parts(const v1::Manifest& manifest);

/// What one label, higher than the computed one, still lacks.
struct LabelGap {
  Label label;
  std::vector<std::string> lacks;
};

struct LabelReport {
  Label label;
  std::vector<LabelGap> why;  ///< The lowest first; empty for OM-OD-OW.
  /// OM-OD-OW, and the code for training and preprocessing: what the label promises by
  /// "replication" can be tried.
  bool is_replicable;
};

/// Of anything that consists of these parts, be it a release or not: OM and OM-OD come out here
/// alone.
LabelReport assess_label(const LabelParts& parts);
/// Of a release, which holds its weights: OM-OW, OM-OD-OW or none.
LabelReport label_of(const v1::Manifest& manifest);

/// "OM", "OM-OW", "OM-OD", "OM-OD-OW" or "none".
std::string_view to_string(Label label);
/// "Open Model - Open Weights", ….
std::string_view long_name(Label label);

}  // namespace owrd::release
