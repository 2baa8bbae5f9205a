#include "daemon/release/components.h"
#include "daemon/release/openness.h"

// The Open Source AI Definition 1.0, "Preferred form to make modifications to machine-learning
// systems".
namespace owrd::release {
namespace {

void add(std::string& list, const std::string& what) { list += (list.empty() ? "" : "; ") + what; }

/// Every training dataset is to be had, or is public or third parties' and said where.
bool lists_datasets(const v1::DataInformation& data, std::string& absent) {
  bool all_accessible = true;
  int count = 0;
  for (const auto& dataset : data.datasets()) {
    if (!is_training_data(dataset)) continue;
    ++count;
    const bool is_open = is_accessible(dataset);
    all_accessible = all_accessible && is_open;
    const bool is_said = dataset.availability() != v1::AVAILABILITY_UNSTATED &&
                         (!dataset.url().empty() || !dataset.description().empty());
    if (!is_open && !is_said) add(absent, "dataset " + dataset.name() + " is not described");
  }
  if (count == 0) add(absent, "no training dataset is listed");
  return count > 0 && all_accessible;
}

Clause data_information(const v1::Manifest& manifest) {
  const std::string name = "data information";
  const auto& data = manifest.data();
  if (data.ByteSizeLong() == 0)
    return {name, Finding::Undeclared, "nothing is said of the training data"};
  std::string absent;
  const bool all_accessible = lists_datasets(data, absent);
  const std::pair<const char*, bool> texts[] = {{"provenance", !data.provenance().empty()},
                                                {"collection", !data.collection().empty()},
                                                {"selection", !data.selection().empty()},
                                                {"labelling", !data.labelling().empty()},
                                                {"filtering", !data.filtering().empty()}};
  for (const auto& [text, is_said] : texts)
    if (!is_said) add(absent, std::string(text) + " is not said");
  if (!all_accessible && data.unshareable_described() != v1::ANSWER_YES)
    add(absent, "data that cannot be shared are not said to be described");
  const auto card = component_state(manifest, v1::COMPONENT_KIND_DATA_CARD);
  if (!classify_license(card.license).is_open())
    add(absent, "the terms of the information, " + card.license + ", are not open");
  if (absent.empty()) return {name, Finding::Met, "all training data are to be had or described"};
  return {name, Finding::Unmet, absent};
}

Clause code(const v1::Manifest& manifest) {
  const std::string name = "code";
  std::string absent;
  bool is_said = false;
  for (const auto kind : {v1::COMPONENT_KIND_DATA_PREPROCESSING_CODE,
                          v1::COMPONENT_KIND_TRAINING_CODE, v1::COMPONENT_KIND_MODEL_ARCHITECTURE,
                          v1::COMPONENT_KIND_EVALUATION_CODE, v1::COMPONENT_KIND_INFERENCE_CODE}) {
    const auto state = component_state(manifest, kind);
    is_said = is_said || state.availability != v1::AVAILABILITY_UNSTATED;
    const std::string part(to_string(kind));
    if (!state.is_accessible)
      add(absent, part + ": " + std::string(to_string(state.availability)));
    else if (!classify_license(state.license).is_osi_approved)
      add(absent, part + ": " + state.license + " is not approved by the OSI");
  }
  if (!is_said) return {name, Finding::Undeclared, "nothing is said of the code"};
  if (!absent.empty()) return {name, Finding::Unmet, absent};
  return {name, Finding::Met, "all code that trained and runs the model, under approved licences"};
}

/// A name to be borne and terms to be kept do not forbid a use; anything else does, and so does
/// what is not known.
bool forbids_use(const v1::UseRestrictions& use) {
  for (const auto& item : use.items())
    if (item.kind() != v1::RESTRICTION_KIND_NAMING &&
        item.kind() != v1::RESTRICTION_KIND_PASS_THROUGH)
      return true;
  return !use.policy_path().empty();
}

Clause parameters(const v1::Manifest& manifest) {
  const std::string name = "parameters";
  const auto state = component_state(manifest, v1::COMPONENT_KIND_FINAL_PARAMETERS);
  if (!state.is_accessible) return {name, Finding::Unmet, "there are no weights in the release"};
  const auto terms = classify_license(state.license);
  if (terms.license_class == LicenseClass::Unknown && !terms.is_open())
    return {name, Finding::Undeclared, "the terms of " + state.license + " are not known"};
  if (!terms.is_open()) return {name, Finding::Unmet, state.license + " is no open licence"};
  if (forbids_use(manifest.use())) return {name, Finding::Unmet, "the publisher restricts the use"};
  return {name, Finding::Met, "the weights are in the release, under " + state.license};
}

}  // namespace

OpenSourceAi open_source_ai(const v1::Manifest& manifest) {
  return {data_information(manifest), code(manifest), parameters(manifest)};
}

}  // namespace owrd::release
