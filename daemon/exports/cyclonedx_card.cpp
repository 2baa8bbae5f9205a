#include "daemon/exports/cyclonedx_card.h"

#include "daemon/release/components.h"

namespace owrd::exports {
namespace {

Json property(std::string_view name, std::string_view value) {
  return Json{{"name", name}, {"value", value}};
}

Json contents_of(const v1::Dataset& dataset) {
  Json properties =
      Json::array({property("owrd:availability", release::to_string(dataset.availability()))});
  const auto say = [&](const char* name, const std::string& value) {
    if (!value.empty()) properties.push_back(property(name, value));
  };
  say("owrd:role", dataset.role().empty() ? "train" : dataset.role());
  say("owrd:revision", dataset.revision());
  say("owrd:license", dataset.license());
  say("owrd:sha256", to_hex(as_bytes(dataset.sha256())));
  say("owrd:size", dataset.size());
  Json out = Json::object();
  add(out, "url", dataset.url());
  out["properties"] = std::move(properties);
  return out;
}

Json datasets_of(const v1::DataInformation& data) {
  auto out = Json::array();
  for (const auto& dataset : data.datasets()) {
    Json each{{"type", "dataset"}};
    add(each, "name", dataset.name());
    each["contents"] = contents_of(dataset);
    add(each, "description", dataset.description());
    out.push_back(std::move(each));
  }
  return out;
}

Json parameters_of(const v1::Manifest& message) {
  const auto& architecture = message.architecture();
  Json out = Json::object();
  add(out, "task", architecture.objective());
  add(out, "architectureFamily", architecture.family());
  add(out, "modelArchitecture", architecture.variant());
  add_list(out, "datasets", datasets_of(message.data()));
  return out;
}

/// Type and value of a metric; what it was measured on is its slice.
Json metrics_of(const v1::Manifest& message) {
  auto out = Json::array();
  for (const auto& benchmark : message.benchmarks()) {
    Json each = Json::object();
    add(each, "type", benchmark.metric());
    add(each, "value", benchmark.value());
    auto slice = benchmark.task();
    for (const auto& part :
         {benchmark.dataset(), benchmark.config(), benchmark.split(), benchmark.revision()})
      if (!part.empty()) slice += (slice.empty() ? "" : " / ") + part;
    add(each, "slice", slice);
    out.push_back(std::move(each));
  }
  return out;
}

template <class Texts>
void add_risks(Json& risks, const Texts& texts) {
  for (const auto& each : texts) risks.push_back(Json{{"name", each}});
}

/// Risks and biases. Mitigations are of all of them together, so none is any one's: see
/// properties_of().
Json considerations_of(const v1::Considerations& about) {
  Json out = Json::object();
  add_list(out, "useCases", list_of(about.intended_uses()));
  add_list(out, "technicalLimitations", list_of(about.limitations()));
  auto risks = Json::array();
  add_risks(risks, about.risks());
  add_risks(risks, about.biases());
  add_list(out, "ethicalConsiderations", std::move(risks));
  return out;
}

Json properties_of(const v1::Manifest& message) {
  auto out = Json::array();
  const auto say = [&](const char* name, const std::string& value) {
    if (!value.empty()) out.push_back(property(name, value));
  };
  const auto& architecture = message.architecture();
  if (architecture.parameters_total() != 0)
    say("owrd:parametersTotal", std::to_string(architecture.parameters_total()));
  if (architecture.context_length() != 0)
    say("owrd:contextLength", std::to_string(architecture.context_length()));
  say("owrd:dtype", architecture.dtype());
  for (const auto& each : message.considerations().out_of_scope()) say("owrd:outOfScope", each);
  for (const auto& each : message.considerations().mitigations()) say("owrd:mitigation", each);
  say("owrd:trainingEnergyKwh", message.recipe().energy_kwh());
  say("owrd:trainingCo2Kg", message.recipe().co2_kg());
  return out;
}

void add_object(Json& out, const char* name, Json object) {
  if (!object.empty()) out[name] = std::move(object);
}

}  // namespace

Json cyclonedx_card(const release::Manifest& manifest) {
  const auto& message = manifest.message();
  Json out = Json::object();
  add_object(out, "modelParameters", parameters_of(message));
  if (auto metrics = metrics_of(message); !metrics.empty())
    out["quantitativeAnalysis"] = Json{{"performanceMetrics", std::move(metrics)}};
  add_object(out, "considerations", considerations_of(message.considerations()));
  add_list(out, "properties", properties_of(message));
  return out;
}

}  // namespace owrd::exports
