#include "daemon/release/evaluation.h"

#include <utility>

#include "daemon/core/text.h"
#include "daemon/release/components.h"
#include "daemon/release/license_classes.h"

namespace owrd::release {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

std::string approvals(const LicenseTerms& terms) {
  std::vector<std::string> by;
  if (terms.is_osi_approved) by.emplace_back("OSI approved");
  if (terms.is_fsf_libre) by.emplace_back("FSF libre");
  if (terms.is_open_data) by.emplace_back("open data licence");
  if (terms.is_open_model) by.emplace_back("open model licence");
  return by.empty() ? "approved by none of OSI, FSF and the open data lists" : joined(by);
}

std::string grants_line(const LicenseGrants& grants) {
  const auto part = [](const char* name, v1::Answer answer) {
    return std::string(name) + " " + std::string(to_string(answer));
  };
  return part("grants: use", grants.use) + ", " + part("modify", grants.modify) + ", " +
         part("redistribute", grants.redistribute) + ", " +
         part("commercial use", grants.commercial);
}

/// The grants of the table, and what is declared where the table does not know.
LicenseGrants effective_grants(const v1::License& license, const LicenseTerms& terms) {
  const auto pick = [](v1::Answer known, v1::Answer declared) {
    return known == v1::ANSWER_UNSTATED ? declared : known;
  };
  const auto& declared = license.grants();
  return {pick(terms.grants.use, declared.use()), pick(terms.grants.modify, declared.modify()),
          pick(terms.grants.redistribute, declared.redistribute()),
          pick(terms.grants.commercial, declared.commercial())};
}

/// The texts about how the data came to be, by name.
std::vector<std::pair<std::string, bool>> data_statements(const v1::DataInformation& data) {
  return {{"provenance", !data.provenance().empty()},
          {"collection", !data.collection().empty()},
          {"selection", !data.selection().empty()},
          {"labelling", !data.labelling().empty()},
          {"filtering", !data.filtering().empty()}};
}

/// How the training data are to be had, a line for each dataset; whether all are accessible.
bool add_datasets(const v1::DataInformation& data, std::vector<std::string>& reasons) {
  int count = 0;
  bool is_open = true;
  for (const auto& dataset : data.datasets()) {
    if (!is_training_data(dataset)) continue;
    ++count;
    is_open = is_open && is_accessible(dataset);
    auto line =
        "dataset " + quoted(dataset.name()) + ": " + std::string(to_string(dataset.availability()));
    if (dataset.availability() == v1::AVAILABILITY_PUBLIC_URL && !is_accessible(dataset))
      line += ", not pinned by a digest or a whole commit";
    reasons.push_back(line);
  }
  if (count == 0) reasons.emplace_back("no training dataset is listed");
  return count > 0 && is_open;
}

std::vector<std::pair<std::string, const v1::CodePart*>> code_parts(
    const v1::CodeInformation& code) {
  return {{"architecture", &code.architecture()},   {"training", &code.training()},
          {"inference", &code.inference()},         {"evaluation", &code.evaluation()},
          {"preprocessing", &code.preprocessing()}, {"tokenizer", &code.tokenizer()}};
}

}  // namespace

Verdict evaluate_license(const v1::License& license) {
  const auto terms = classify_license(license.spdx_expression());
  Verdict verdict{std::string(to_string(terms.license_class)), {}};
  verdict.reasons.push_back("licence " + license.spdx_expression() + ": " + approvals(terms));
  verdict.reasons.push_back(grants_line(effective_grants(license, terms)));
  const auto flags = flag_words(terms.flags);
  if (!flags.empty()) verdict.reasons.push_back("conditions: " + joined(flags));
  if (license.acceptance_required() && !terms.flags.acceptance_required)
    verdict.reasons.emplace_back("the publisher wants the terms to be accepted");
  verdict.reasons.emplace_back(license.text_path().empty()
                                   ? "the text of the licence is not in the release"
                                   : "text: " + license.text_path());
  return verdict;
}

Verdict evaluate_data(const v1::DataInformation& data) {
  if (data.ByteSizeLong() == 0) return {"not stated", {"nothing is said of the training data"}};
  Verdict verdict;
  if (data.availability() != v1::AVAILABILITY_UNSTATED)
    verdict.reasons.push_back("training data: " + std::string(to_string(data.availability())));
  const bool is_open = add_datasets(data, verdict.reasons);
  std::size_t said = 0;
  std::vector<std::string> unsaid;
  const auto statements = data_statements(data);
  for (const auto& [name, is_said] : statements) {
    if (is_said)
      ++said;
    else
      unsaid.push_back(name);
  }
  if (!unsaid.empty()) verdict.reasons.push_back("not said: " + joined(unsaid));
  const bool is_empty = said == 0 && data.datasets_size() == 0 && data.statement_path().empty() &&
                        data.card_path().empty();
  if (is_open)
    verdict.word = "open";
  else if (is_empty)
    verdict.word = data.availability() == v1::AVAILABILITY_UNSTATED ? "not stated" : "not provided";
  else
    verdict.word = unsaid.empty() ? "described" : "partly described";
  return verdict;
}

Verdict evaluate_code(const v1::CodeInformation& code) {
  if (code.ByteSizeLong() == 0) return {"not stated", {"nothing is said of the code"}};
  Verdict verdict;
  std::size_t accessible = 0, stated = 0;
  const auto parts = code_parts(code);
  for (const auto& [name, part] : parts) {
    if (is_accessible(*part)) ++accessible;
    if (part->availability() != v1::AVAILABILITY_UNSTATED) ++stated;
    auto line = name + ": " + std::string(to_string(part->availability()));
    if (part->availability() == v1::AVAILABILITY_PUBLIC_URL && !is_accessible(*part))
      line += ", not pinned by a digest or a whole commit";
    verdict.reasons.push_back(line);
  }
  if (code.remote_code_required())
    verdict.reasons.emplace_back("to load the model, code of the release must run");
  if (accessible == parts.size())
    verdict.word = "complete";
  else if (accessible > 0)
    verdict.word = "partial";
  else
    verdict.word = stated > 0 ? "not provided" : "not stated";
  return verdict;
}

Verdict evaluate_use(const v1::UseRestrictions& use) {
  Verdict verdict;
  for (const auto& item : use.items()) {
    auto line = std::string(to_string(item.kind()));
    if (!item.text().empty()) line += ": " + item.text();
    if (!item.clause().empty()) line += " (" + item.clause() + ")";
    verdict.reasons.push_back(line);
  }
  if (!use.policy_path().empty()) verdict.reasons.push_back("policy: " + use.policy_path());
  if (!verdict.reasons.empty()) {
    verdict.word = "restricted";
  } else if (use.none_declared()) {
    verdict = {"unrestricted", {"the publisher says that there are no restrictions"}};
  } else {
    verdict = {"not stated", {"nothing is said of use restrictions"}};
  }
  return verdict;
}

Evaluation evaluate(const v1::Manifest& manifest) {
  return {evaluate_license(manifest.license()), evaluate_data(manifest.data()),
          evaluate_code(manifest.code()), evaluate_use(manifest.use())};
}

Result<> check_grants(const v1::License& license) {
  const auto known = classify_license(license.spdx_expression()).grants;
  const auto& declared = license.grants();
  const struct {
    const char* name;
    v1::Answer known, declared;
  } pairs[] = {{"use", known.use, declared.use()},
               {"modify", known.modify, declared.modify()},
               {"redistribute", known.redistribute, declared.redistribute()},
               {"commercial", known.commercial, declared.commercial()}};
  for (const auto& pair : pairs) {
    const bool is_answer = pair.declared == v1::ANSWER_YES || pair.declared == v1::ANSWER_NO;
    if (!is_answer || pair.known == v1::ANSWER_UNSTATED || pair.known == pair.declared) continue;
    return Error{ErrorCode::InvalidInput,
                 std::string("grant mismatch: license.grants.") + pair.name + " says " +
                     std::string(to_string(pair.declared)) + ", but " + license.spdx_expression() +
                     " says " + std::string(to_string(pair.known)),
                 "remove the grant from release.toml, or name the licence that grants it"};
  }
  return Done{};
}

std::string_view to_string(v1::Answer answer) {
  if (answer == v1::ANSWER_YES) return "yes";
  return answer == v1::ANSWER_NO ? "no" : "not stated";
}

std::string_view to_string(v1::RestrictionKind kind) {
  constexpr std::string_view kNames[] = {
      "other",          "field of use",         "noncommercial", "research only",
      "user threshold", "no competing model",   "region",        "naming",
      "pass through",   "acceptable use policy"};
  return kNames[v1::RestrictionKind_IsValid(kind) ? kind : 0];
}

}  // namespace owrd::release
