#include <algorithm>

#include "daemon/card/json_values.h"
#include "daemon/card/said_text.h"
#include "daemon/card/schema.h"
#include "daemon/card/suggest_parts.h"
#include "daemon/core/ref.h"
#include "daemon/core/text.h"

namespace owrd::card {
namespace {

constexpr std::size_t kConfigLimitBytes = 4 << 20;
/// Of a list in a manifest.
constexpr int kMostElements = 1024;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// In the form of BCP 47: two or three letters, perhaps subtags of at most eight letters and
/// digits. Cards also say "code" and "multilingual", which are no languages.
bool is_language(std::string_view text) {
  const auto primary = text.substr(0, text.find('-'));
  if (primary.size() < 2 || primary.size() > 3) return false;
  if (!std::all_of(primary.begin(), primary.end(), is_letter)) return false;
  for (std::size_t length = 0; const char letter : text.substr(primary.size())) {
    length = letter == '-' ? 0 : length + 1;
    if (length > 8 || !(letter == '-' || is_letter(letter) || (letter >= '0' && letter <= '9')))
      return false;
  }
  return !text.ends_with('-') && text.find("--") == text.npos;
}

/// Whether a list has room for one more.
template <class List>
bool has_room(const List& list) {
  return list.size() < kMostElements;
}

void suggest_model_name(const FrontMatter& card, Suggested& out) {
  const auto& name = card.evaluation.model_name;
  const auto last = name.substr(name.rfind('/') + 1);
  if (!out.said.model().empty() || !is_valid_name(last)) return;
  out.said.set_model(last);
  out.found.emplace_back("model: from the model-index of README.md");
}

void suggest_languages(const FrontMatter& card, Suggested& out) {
  for (const auto& language : card.languages) {
    if (is_language(language) && has_room(out.said.languages()))
      out.said.add_languages(language);
    else
      out.passed_over.push_back("README.md: " + quoted(language) + " is no BCP 47 language");
  }
  if (out.said.languages_size() > 0) out.found.emplace_back("languages: from README.md");
}

void suggest_tags(const FrontMatter& card, Suggested& out) {
  auto tags = card.tags;
  if (!card.pipeline_tag.empty()) tags.insert(tags.begin(), card.pipeline_tag);
  for (const auto& tag : tags) {
    const auto& said = out.said.tags();
    if (is_said_line(tag) && has_room(said) &&
        std::find(said.begin(), said.end(), tag) == said.end())
      out.said.add_tags(tag);
  }
  if (out.said.tags_size() > 0) out.found.emplace_back("tags: from README.md");
}

v1::Relation relation_of(const std::string& word) {
  const auto* value = find_word(*v1::Relation_descriptor(), word);
  return value ? static_cast<v1::Relation>(value->number()) : v1::RELATION_UNSPECIFIED;
}

void add_parent(const std::string& name, v1::Relation relation, Suggested& out) {
  auto& parent = *out.said.add_derived_from();
  parent.set_relation(relation);
  parent.set_name(name);
  if (is_repository(name)) parent.set_purl("pkg:huggingface/" + name);
}

void suggest_parents(const FrontMatter& card, Suggested& out) {
  for (const auto& model : card.base_models)
    if (is_said_line(model) && has_room(out.said.derived_from()))
      add_parent(model, relation_of(card.base_model_relation), out);
  if (out.said.derived_from_size() > 0) out.found.emplace_back("derived_from: from README.md");
}

void suggest_datasets(const FrontMatter& card, Suggested& out) {
  for (const auto& name : card.datasets) {
    if (!is_said_line(name) || !has_room(out.said.data().datasets())) continue;
    auto& dataset = *out.said.mutable_data()->add_datasets();
    dataset.set_name(name);
    if (is_full_repository(name)) dataset.set_url("https://huggingface.co/datasets/" + name);
  }
  if (out.said.data().datasets_size() > 0) out.found.emplace_back("data.datasets: from README.md");
}

void add_results(EvaluationResults results, const std::string& from, Suggested& out) {
  for (auto& benchmark : results.benchmarks)
    if (has_room(out.said.benchmarks())) *out.said.add_benchmarks() = std::move(benchmark);
  for (auto& warning : results.warnings) out.passed_over.push_back(std::move(warning));
  if (!results.benchmarks.empty()) out.found.push_back("benchmarks: from " + from);
}

bool is_results_file(std::string_view path) {
  return path.starts_with(".eval_results/") && (path.ends_with(".yaml") || path.ends_with(".yml"));
}

}  // namespace

void suggest_from_card(const FrontMatter& card, Suggested& out) {
  suggest_model_name(card, out);
  suggest_languages(card, out);
  suggest_tags(card, out);
  suggest_parents(card, out);
  suggest_datasets(card, out);
  add_results(card.evaluation, "README.md", out);
  if (!is_said_line(card.runtime_library)) return;
  out.said.mutable_inference()->add_runtimes()->set_name(card.runtime_library);
  out.found.emplace_back("inference.runtimes: from README.md");
}

void suggest_adapter_base(const Snapshot& snapshot, Suggested& out) {
  const auto text = snapshot.read("adapter_config.json", kConfigLimitBytes);
  const auto json =
      text ? JsonValues::parse(*text) : Result<JsonValues>(Error{ErrorCode::NotFound, ""});
  if (!json) return;
  const auto base = json->text("base_model_name_or_path").value_or("");
  for (auto& parent : *out.said.mutable_derived_from())
    if (parent.name() == base && parent.relation() == v1::RELATION_UNSPECIFIED)
      parent.set_relation(v1::RELATION_ADAPTER);
  const auto& parents = out.said.derived_from();
  const bool is_known = std::any_of(parents.begin(), parents.end(),
                                    [&](const auto& parent) { return parent.name() == base; });
  if (is_known || !is_full_repository(base)) return;
  add_parent(base, v1::RELATION_ADAPTER, out);
  out.found.emplace_back("derived_from: from adapter_config.json");
}

void suggest_eval_results(const Snapshot& snapshot, Suggested& out) {
  for (const auto& file : snapshot.files()) {
    if (!is_results_file(file.path)) continue;
    const auto text = snapshot.read(file.path, YamlLimits{}.bytes);
    if (!text) continue;
    auto results = parse_eval_results(*text, file.path);
    if (results)
      add_results(*std::move(results), file.path, out);
    else
      out.passed_over.push_back(results.error().message);
  }
}

}  // namespace owrd::card
