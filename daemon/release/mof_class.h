#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "owrd/v1/release.pb.h"

/// The class of the Model Openness Framework (arXiv:2403.13784), which counts components under open
/// licences.
namespace owrd::release {

enum class MofClass { Unclassified, III, II, I };
/// "Class III - Open Model", ….
std::string_view to_string(MofClass mof_class);

/// The components that are there, each with the SPDX expression of its licence; empty: none.
using LicensedComponents = std::map<v1::ComponentKind, std::string>;

struct MofReport {
  MofClass mof_class = MofClass::Unclassified;
  MofClass next = MofClass::III;     ///< The class itself when it is I.
  std::vector<std::string> missing;  ///< For the next class; a sentence each.
};

/// Class III: model architecture, final parameters, model card, data card, evaluation results, and
/// a technical report or research paper. II: also training, inference and evaluation code, and
/// evaluation data. I: also datasets, preprocessing code, intermediate parameters and the research
/// paper. Each under a licence that is_open() (license_classes.h).
MofReport mof_class(const LicensedComponents& components);

/// Those that are accessible (components.h).
LicensedComponents licensed_components(const v1::Manifest& manifest);

}  // namespace owrd::release
