#include "daemon/release/components.h"

#include <algorithm>

namespace owrd::release {
namespace {

constexpr std::size_t kDigestBytes = 32;

bool is_whole_commit(std::string_view commit) {
  return (commit.size() == 40 || commit.size() == 64) &&
         std::all_of(commit.begin(), commit.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

template <class Part>
bool is_there(const Part& part, bool is_pinned) {
  if (part.availability() == v1::AVAILABILITY_IN_RELEASE) return part.paths_size() > 0;
  return part.availability() == v1::AVAILABILITY_PUBLIC_URL && !part.url().empty() && is_pinned;
}

ComponentState in_release(bool is_there) {
  if (!is_there) return {};
  return {v1::AVAILABILITY_IN_RELEASE, true, ""};
}

ComponentState of_code(const v1::CodePart& part) {
  return {part.availability(), is_accessible(part), part.license()};
}

/// All datasets that `is_meant` takes, as one component: as accessible as the least accessible one,
/// under all their licences.
template <class Predicate>
ComponentState of_datasets(const v1::DataInformation& data, Predicate is_meant) {
  ComponentState out;
  bool is_first = true;
  for (const auto& dataset : data.datasets()) {
    if (!is_meant(dataset)) continue;
    const bool is_open = is_accessible(dataset);
    if (is_first || (out.is_accessible && !is_open)) out.availability = dataset.availability();
    out.is_accessible = is_open && (is_first || out.is_accessible);
    if (!dataset.license().empty()) {
      if (!out.license.empty()) out.license += " AND ";
      out.license += "(" + dataset.license() + ")";
    }
    is_first = false;
  }
  if (is_first) out.availability = data.availability();
  return out;
}

const v1::Component* find_component(const v1::Manifest& manifest, v1::ComponentKind kind) {
  for (const auto& component : manifest.components())
    if (component.kind() == kind) return &component;
  return nullptr;
}

ComponentState implied_state(const v1::Manifest& manifest, v1::ComponentKind kind) {
  const auto& code = manifest.code();
  switch (kind) {
    case v1::COMPONENT_KIND_MODEL_ARCHITECTURE:
      return of_code(code.architecture());
    case v1::COMPONENT_KIND_TRAINING_CODE:
      return of_code(code.training());
    case v1::COMPONENT_KIND_INFERENCE_CODE:
      return of_code(code.inference());
    case v1::COMPONENT_KIND_EVALUATION_CODE:
      return of_code(code.evaluation());
    case v1::COMPONENT_KIND_DATA_PREPROCESSING_CODE:
      return of_code(code.preprocessing());
    case v1::COMPONENT_KIND_FINAL_PARAMETERS:
      return in_release(has_file_of(manifest, v1::FILE_ROLE_WEIGHTS));
    case v1::COMPONENT_KIND_MODEL_METADATA:
      return in_release(has_file_of(manifest, v1::FILE_ROLE_CONFIG));
    case v1::COMPONENT_KIND_MODEL_CARD:
      return in_release(has_file_of(manifest, v1::FILE_ROLE_CARD));
    case v1::COMPONENT_KIND_DATA_CARD:
      return in_release(!manifest.data().card_path().empty());
    case v1::COMPONENT_KIND_EVALUATION_RESULTS:
      return in_release(manifest.benchmarks_size() > 0);
    case v1::COMPONENT_KIND_DATASETS:
      return of_datasets(manifest.data(), is_training_data);
    case v1::COMPONENT_KIND_EVALUATION_DATA:
      return of_datasets(manifest.data(),
                         [](const v1::Dataset& dataset) { return dataset.role() == "test"; });
    default:
      return {};
  }
}

}  // namespace

ComponentState component_state(const v1::Manifest& manifest, v1::ComponentKind kind) {
  auto state = implied_state(manifest, kind);
  // Parameters are in the release by being there, whatever is said of them.
  if (const auto* component = find_component(manifest, kind)) {
    if (kind != v1::COMPONENT_KIND_FINAL_PARAMETERS)
      state = {component->availability(), is_accessible(*component), component->license()};
    else if (!component->license().empty())
      state.license = component->license();
  }
  if (state.license.empty()) state.license = manifest.license().spdx_expression();
  return state;
}

bool is_accessible(const v1::Component& component) {
  return is_there(component, component.sha256().size() == kDigestBytes);
}

bool is_accessible(const v1::CodePart& part) {
  return is_there(part, part.sha256().size() == kDigestBytes || is_whole_commit(part.commit()));
}

bool is_accessible(const v1::Dataset& dataset) {
  return is_there(dataset,
                  dataset.sha256().size() == kDigestBytes || is_whole_commit(dataset.revision()));
}

bool is_training_data(const v1::Dataset& dataset) {
  return dataset.role() != "test" && dataset.role() != "validation";
}

bool has_file_of(const v1::Manifest& manifest, v1::FileRole role) {
  return std::any_of(
      manifest.files().begin(), manifest.files().end(),
      [role](const v1::File& file) { return file.role() == role && file.length() > 0; });
}

std::string_view to_string(v1::ComponentKind kind) {
  constexpr std::string_view kNames[] = {"unknown component",
                                         "model architecture",
                                         "final model parameters",
                                         "intermediate model parameters",
                                         "model metadata",
                                         "datasets",
                                         "data preprocessing code",
                                         "training code",
                                         "inference code",
                                         "evaluation code",
                                         "supporting libraries and tools",
                                         "evaluation data",
                                         "evaluation results",
                                         "model card",
                                         "data card",
                                         "sample model outputs",
                                         "technical report",
                                         "research paper"};
  return kNames[v1::ComponentKind_IsValid(kind) ? kind : 0];
}

std::string_view to_string(v1::Availability availability) {
  switch (availability) {
    case v1::AVAILABILITY_IN_RELEASE:
      return "in the release";
    case v1::AVAILABILITY_PUBLIC_URL:
      return "at a public URL";
    case v1::AVAILABILITY_GATED:
      return "gated";
    case v1::AVAILABILITY_ON_REQUEST:
      return "on request";
    case v1::AVAILABILITY_SCRIPT:
      return "as a script that makes it";
    case v1::AVAILABILITY_NOT_PROVIDED:
      return "not provided";
    default:
      return "not stated";
  }
}

}  // namespace owrd::release
