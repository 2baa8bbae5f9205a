#include "daemon/card/evaluation_results.h"

#include "daemon/card/said_text.h"
#include "daemon/card/time_text.h"
#include "daemon/core/text.h"
#include "daemon/core/text_forms.h"
#include "daemon/release/description.h"

namespace owrd::card {
namespace {

/// The text of the scalar at `key`; empty when there is none.
std::string text_at(const YamlValue* map, std::string_view key) {
  const auto* value = map ? map->find(key) : nullptr;
  return value && is_said_line(value->text) ? value->text : std::string();
}

/// Of a list; of all else none.
const std::vector<YamlValue>& items_of(const YamlValue& value) {
  static const std::vector<YamlValue> kNone;
  return value.kind == YamlValue::Kind::List ? value.items : kNone;
}

std::string first_of(std::string first, std::string second) {
  return first.empty() ? std::move(second) : std::move(first);
}

class Collector {
 public:
  explicit Collector(std::string_view file_name) : file_name_(file_name) {}

  EvaluationResults take() { return std::move(results_); }

  void read_model(const YamlValue& model) {
    if (results_.model_name.empty()) results_.model_name = text_at(&model, "name");
    const auto* results = model.find("results");
    if (!results) return warn(model, "the model has no results");
    for (const auto& result : items_of(*results)) read_result(result);
  }

  /// An entry of .eval_results, which has one value.
  void read_entry(const YamlValue& entry) {
    const auto* dataset = entry.find("dataset");
    v1::Benchmark benchmark;
    benchmark.set_dataset(text_at(dataset, "id"));
    benchmark.set_task(text_at(dataset, "task_id"));
    describe(dataset, entry.find("source"), benchmark);
    benchmark.set_notes(text_at(&entry, "notes"));
    if (const auto time = parse_time(text_at(&entry, "date"))) benchmark.set_measured(*time);
    add(entry, entry.find("value"), std::move(benchmark));
  }

  void warn(const YamlValue& value, const std::string& what) {
    results_.warnings.push_back(file_name_ + ":" + std::to_string(value.line) + ": " + what);
  }

 private:
  void read_result(const YamlValue& result) {
    const auto* dataset = result.find("dataset");
    const auto* metrics = result.find("metrics");
    if (!metrics) return warn(result, "the result has no metrics");
    for (const auto& metric : items_of(*metrics)) {
      v1::Benchmark benchmark;
      benchmark.set_task(text_at(result.find("task"), "type"));
      benchmark.set_dataset(first_of(text_at(dataset, "type"), text_at(dataset, "name")));
      describe(dataset, result.find("source"), benchmark);
      benchmark.set_metric(first_of(text_at(&metric, "type"), text_at(&metric, "name")));
      add(metric, metric.find("value"), std::move(benchmark));
    }
  }

  static void describe(const YamlValue* dataset, const YamlValue* source,
                       v1::Benchmark& benchmark) {
    benchmark.set_config(text_at(dataset, "config"));
    benchmark.set_split(text_at(dataset, "split"));
    benchmark.set_revision(text_at(dataset, "revision"));
    const auto url = text_at(source, "url");
    if (is_web_address(url)) benchmark.set_source_url(url);
  }

  void add(const YamlValue& place, const YamlValue* value, v1::Benchmark benchmark) {
    if (benchmark.dataset().empty()) return warn(place, "the result names no dataset");
    if (!value || value->kind != YamlValue::Kind::Scalar)
      return warn(place, "the result has no value");
    if (!is_said_line(value->text) || !is_decimal(value->text))
      return warn(*value, "the value " + quoted(value->text) + " is no decimal number");
    benchmark.set_value(value->text);
    results_.benchmarks.push_back(std::move(benchmark));
  }

  std::string file_name_;
  EvaluationResults results_;
};

}  // namespace

EvaluationResults read_model_index(const YamlValue& model_index, std::string_view file_name) {
  Collector collector(file_name);
  if (model_index.kind != YamlValue::Kind::List)
    collector.warn(model_index, "model-index is no list");
  for (const auto& model : items_of(model_index)) collector.read_model(model);
  return collector.take();
}

Result<EvaluationResults> parse_eval_results(std::string_view text, std::string_view file_name) {
  const auto list = parse_yaml(text);
  if (!list)
    return Error{ErrorCode::InvalidInput, std::string(file_name) + ": " + list.error().message};
  if (list->kind != YamlValue::Kind::List)
    return Error{ErrorCode::InvalidInput, std::string(file_name) + ": no list of results"};
  Collector collector(file_name);
  for (const auto& entry : items_of(*list)) collector.read_entry(entry);
  return collector.take();
}

}  // namespace owrd::card
