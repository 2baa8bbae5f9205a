#include "daemon/release/components.h"
#include "daemon/release/openness.h"

// The clauses, in the order of Definition.md at commit 231445b of
// github.com/Open-Weights/Definition.
namespace owrd::release {
namespace {

/// By a grant of the licence, as the table knows it or, for unknown terms, as it is declared.
Clause by_grant(std::string name, v1::Answer known, v1::Answer declared, const std::string& what) {
  const auto answer = known == v1::ANSWER_UNSTATED ? declared : known;
  if (answer == v1::ANSWER_YES)
    return {std::move(name), Finding::Met, "the licence grants " + what};
  if (answer == v1::ANSWER_NO)
    return {std::move(name), Finding::Unmet, "the licence does not grant " + what};
  return {std::move(name), Finding::Undeclared,
          "the terms are not known, and no grant is declared"};
}

/// A grant for any purpose also needs that no purpose is excluded.
Clause for_any_purpose(Clause clause, const LicenseTerms& terms) {
  if (clause.finding != Finding::Met) return clause;
  if (terms.flags.field_of_use) clause = {clause.name, Finding::Unmet, "some uses are forbidden"};
  if (terms.grants.commercial == v1::ANSWER_NO)
    clause = {clause.name, Finding::Unmet, "commercial use is not granted"};
  return clause;
}

Clause access_to_weights(const v1::Manifest& manifest) {
  const std::string name = "access to the weights";
  if (has_file_of(manifest, v1::FILE_ROLE_WEIGHTS))
    return {name, Finding::Met, "the weights are in the release"};
  return {name, Finding::Unmet, "there are no weights in the release"};
}

bool has_hyperparameters(const v1::Manifest& manifest) {
  for (const auto& stage : manifest.recipe().stages())
    if (stage.hyperparameters_size() > 0) return true;
  return false;
}

bool has_method(const v1::Manifest& manifest) {
  for (const auto& stage : manifest.recipe().stages())
    if (!stage.method().empty()) return true;
  return !manifest.recipe().guide_path().empty();
}

bool has_data_description(const v1::DataInformation& data) {
  const bool is_described = data.datasets_size() > 0 || !data.collection().empty() ||
                            !data.statement_path().empty() || !data.card_path().empty();
  return is_described && !data.provenance().empty();
}

Clause training_information(const v1::Manifest& manifest) {
  const std::pair<const char*, bool> parts[] = {
      {"model architecture", !manifest.architecture().family().empty() ||
                                 !manifest.architecture().specification_path().empty()},
      {"training methodology", has_method(manifest)},
      {"description and provenance of the training data", has_data_description(manifest.data())},
      {"hyperparameters", has_hyperparameters(manifest)}};
  std::string absent;
  for (const auto& [name, is_there] : parts)
    if (!is_there) absent += (absent.empty() ? "not said: " : ", ") + std::string(name);
  const std::string name = "information on how the model was trained";
  if (absent.empty()) return {name, Finding::Met, "architecture, method, data, hyperparameters"};
  return {name, Finding::Undeclared, absent};
}

Clause no_discrimination(const v1::License& license, const LicenseTerms& terms) {
  const std::string name = "no discrimination of users, industries and purposes";
  if (terms.license_class == LicenseClass::Unknown)
    return {name, Finding::Undeclared,
            "the terms of " + license.spdx_expression() + " are not known"};
  std::string why;
  const auto add = [&](bool is_set, const char* what) {
    if (is_set) why += (why.empty() ? "" : ", ") + std::string(what);
  };
  add(terms.grants.use == v1::ANSWER_NO, "no use is granted");
  add(terms.grants.commercial == v1::ANSWER_NO, "commercial use is excluded");
  add(terms.flags.field_of_use, "some uses are forbidden");
  add(terms.flags.user_threshold, "users from a threshold on need other terms");
  add(terms.flags.region_limit, "some countries are excluded");
  if (!why.empty()) return {name, Finding::Unmet, why};
  return {name, Finding::Met, "the licence excludes nobody and no purpose"};
}

Clause training_software(const v1::Manifest& manifest) {
  const std::string name = "training software under an OSI-approved licence";
  const auto state = component_state(manifest, v1::COMPONENT_KIND_TRAINING_CODE);
  if (state.availability == v1::AVAILABILITY_UNSTATED)
    return {name, Finding::Undeclared, "nothing is said of the training code"};
  if (!state.is_accessible)
    return {name, Finding::Unmet, "training code: " + std::string(to_string(state.availability))};
  const auto terms = classify_license(state.license);
  if (terms.is_osi_approved || state.license == "CC0-1.0" || state.license == "Unlicense")
    return {name, Finding::Met, "training code under " + state.license};
  return {name, Finding::Unmet, state.license + " is not approved by the OSI"};
}

/// Whether notices may be given by a link. Known only of licences whose text says so.
Clause online_notices(const v1::License& license, const LicenseTerms& terms) {
  const std::string name = "notices by online reference";
  if (license.spdx_expression().starts_with("CC-BY-") || license.spdx_expression() == "CC0-1.0")
    return {name, Finding::Met, license.spdx_expression() + " accepts a link"};
  if (terms.license_class == LicenseClass::Unknown)
    return {name, Finding::Undeclared, "the terms are not known"};
  return {name, Finding::Undeclared,
          license.spdx_expression() + " is not known to accept a link in place of its text"};
}

}  // namespace

std::vector<Clause> open_weight_definition(const v1::Manifest& manifest) {
  const auto& license = manifest.license();
  const auto terms = classify_license(license.spdx_expression());
  const auto& declared = license.grants();
  return {access_to_weights(manifest),
          training_information(manifest),
          for_any_purpose(by_grant("use for any purpose", terms.grants.use, declared.use(), "use"),
                          terms),
          for_any_purpose(by_grant("modification for any purpose", terms.grants.modify,
                                   declared.modify(), "modification"),
                          terms),
          no_discrimination(license, terms),
          training_software(manifest),
          by_grant("redistribution, with or without modifications", terms.grants.redistribute,
                   declared.redistribute(), "redistribution"),
          online_notices(license, terms)};
}

}  // namespace owrd::release
