#include "daemon/exports/card_front_matter.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "daemon/core/text.h"
#include "daemon/exports/names.h"
#include "daemon/release/license_classes.h"
#include "daemon/release/lineage.h"

namespace owrd::exports {
namespace {

constexpr std::string_view kDatasetsUrl = "https://huggingface.co/datasets/";

/// The hub's id of one SPDX id; empty where it has none, and for expressions.
std::string hub_license(const std::string& expression) {
  constexpr std::string_view kHubOnly = "LicenseRef-hf-";
  if (expression.starts_with(kHubOnly)) return expression.substr(kHubOnly.size());
  const auto lower = ascii_lower(expression);
  return release::spdx_of_hugging_face(lower) == expression ? lower : "";
}

void add_license(Json& out, const v1::License& license) {
  const auto id = hub_license(license.spdx_expression());
  out["license"] = id.empty() ? "other" : id;
  if (!id.empty()) return;
  add(out, "license_name", license.name().empty() ? license.spdx_expression() : license.name());
  add(out, "license_link", license.text_path().empty() ? license.url() : license.text_path());
}

/// The hub knows one relation, to all base models.
void add_base_models(Json& out, const v1::Manifest& message) {
  auto models = Json::array();
  std::string relation;
  bool is_one_relation = true;
  for (const auto& parent : message.derived_from()) {
    const auto repository = hugging_face_repository(parent.purl());
    if (repository.empty()) continue;
    const std::string its(release::hugging_face_relation(parent.relation()));
    is_one_relation = is_one_relation && (models.empty() || its == relation);
    relation = its;
    models.push_back(repository);
  }
  add_list(out, "base_model", std::move(models));
  if (is_one_relation) add(out, "base_model_relation", relation);
}

Json datasets_of(const v1::Manifest& message) {
  auto out = Json::array();
  for (const auto& dataset : message.data().datasets())
    if (dataset.url().starts_with(kDatasetsUrl))
      out.push_back(dataset.url().substr(kDatasetsUrl.size()));
  return out;
}

Json metrics_of(const v1::Manifest& message) {
  auto out = Json::array();
  for (const auto& benchmark : message.benchmarks())
    if (!benchmark.metric().empty() &&
        std::find(out.begin(), out.end(), benchmark.metric()) == out.end())
      out.push_back(benchmark.metric());
  return out;
}

/// A number where the text is one, so that the hub can compare it.
Json number_or_text(const std::string& text) {
  double number = 0;
  const auto* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  return parsed.ec == std::errc() && parsed.ptr == end ? Json(number) : Json(text);
}

Json result_of(const v1::Benchmark& benchmark) {
  const auto& task = benchmark.task();
  const auto& name = benchmark.dataset().empty() ? task : benchmark.dataset();
  Json dataset{{"type", name}, {"name", name}};
  add(dataset, "config", benchmark.config());
  add(dataset, "split", benchmark.split());
  add(dataset, "revision", benchmark.revision());
  Json metric{{"type", benchmark.metric()}, {"value", number_or_text(benchmark.value())}};
  Json out{{"task", Json{{"type", task}}},
           {"dataset", std::move(dataset)},
           {"metrics", Json::array({std::move(metric)})}};
  if (!benchmark.source_url().empty())
    out["source"] = Json{{"name", benchmark.harness().empty() ? "source" : benchmark.harness()},
                         {"url", benchmark.source_url()}};
  return out;
}

void add_results(Json& out, const release::Manifest& manifest) {
  auto results = Json::array();
  for (const auto& benchmark : manifest.message().benchmarks())
    results.push_back(result_of(benchmark));
  if (results.empty()) return;
  Json index{{"name", title_of(manifest)}, {"results", std::move(results)}};
  out["model-index"] = Json::array({std::move(index)});
}

}  // namespace

Json card_front_matter(const release::Manifest& manifest) {
  const auto& message = manifest.message();
  Json out = Json::object();
  add_license(out, message.license());
  add_list(out, "language", list_of(message.languages()));
  add_base_models(out, message);
  add_list(out, "datasets", datasets_of(message));
  add_list(out, "tags", list_of(message.tags()));
  add_list(out, "metrics", metrics_of(message));
  add_results(out, manifest);
  return out;
}

}  // namespace owrd::exports
