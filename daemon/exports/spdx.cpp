#include "daemon/exports/spdx.h"

#include "daemon/core/units.h"
#include "daemon/exports/names.h"
#include "daemon/exports/spdx_graph.h"
#include "daemon/release/components.h"
#include "daemon/release/lineage.h"

namespace owrd::exports {
namespace {

Json entry(std::string_view key, std::string_view value) {
  Json out{{"type", "DictionaryEntry"}, {"key", key}};
  add(out, "value", value);
  return out;
}

template <class Texts>
std::string paragraphs(const Texts& texts) {
  std::string out;
  for (const auto& each : texts) out += (out.empty() ? "" : "\n\n") + each;
  return out;
}

const char* presence(v1::Answer answer) {
  if (answer == v1::ANSWER_YES) return "yes";
  return answer == v1::ANSWER_NO ? "no" : "noAssertion";
}

Json metrics_of(const v1::Manifest& message) {
  auto out = Json::array();
  for (const auto& benchmark : message.benchmarks()) {
    auto key = benchmark.metric();
    for (const auto& part : {benchmark.task(), benchmark.dataset()})
      if (!part.empty()) key += (key.empty() ? "" : " / ") + part;
    out.push_back(entry(key, benchmark.value()));
  }
  return out;
}

Json hyperparameters_of(const v1::TrainingRecipe& recipe) {
  auto out = Json::array();
  for (const auto& stage : recipe.stages())
    for (const auto& setting : stage.hyperparameters())
      out.push_back(
          entry(stage.name().empty() ? setting.name() : stage.name() + " / " + setting.name(),
                setting.value()));
  return out;
}

Json kinds_of(const v1::Architecture& architecture) {
  auto out = Json::array();
  for (const auto& kind : {architecture.family(), architecture.variant()})
    if (!kind.empty()) out.push_back(kind);
  return out;
}

std::string training_of(const v1::TrainingRecipe& recipe) {
  std::vector<std::string> parts;
  for (const auto& stage : recipe.stages())
    parts.push_back(stage.name() + (stage.method().empty() ? "" : ": " + stage.method()));
  for (const auto& part : {recipe.framework(), recipe.hardware()})
    if (!part.empty()) parts.push_back(part);
  return paragraphs(parts);
}

void add_energy(Json& out, const v1::TrainingRecipe& recipe) {
  if (recipe.energy_kwh().empty()) return;
  Json description{{"type", "ai_EnergyConsumptionDescription"},
                   {"ai_energyQuantity", recipe.energy_kwh()},
                   {"ai_energyUnit", "kilowattHour"}};
  out["ai_energyConsumption"] =
      Json{{"type", "ai_EnergyConsumption"},
           {"ai_trainingEnergyConsumption", Json::array({std::move(description)})}};
}

void add_model_facts(Json& out, const v1::Manifest& message) {
  add_list(out, "ai_typeOfModel", kinds_of(message.architecture()));
  add_list(out, "ai_domain", list_of(message.tags()));
  add(out, "ai_informationAboutApplication", paragraphs(message.considerations().intended_uses()));
  add(out, "ai_informationAboutTraining", training_of(message.recipe()));
  add_list(out, "ai_hyperparameter", hyperparameters_of(message.recipe()));
  add_list(out, "ai_metric", metrics_of(message));
  add(out, "ai_limitation", paragraphs(message.considerations().limitations()));
  if (!message.data().filtering().empty())
    out["ai_modelDataPreprocessing"] = Json::array({message.data().filtering()});
  add_energy(out, message.recipe());
  out["ai_useSensitivePersonalInformation"] = presence(message.data().personal_data());
}

Json package_of(const release::Manifest& manifest, const Origin& origin,
                const std::string& publisher) {
  const auto& message = manifest.message();
  Json out{{"name", title_of(manifest)}};
  add(out, "summary", message.summary());
  out["verifiedUsing"] = spdx_sha256(manifest.release_id().to_hex());
  out["suppliedBy"] = publisher;
  out["releaseTime"] = format_time(manifest.created());
  out["software_primaryPurpose"] = "model";
  out["software_packageVersion"] = manifest.version();
  add(out, "software_downloadLocation", origin.link);
  out["software_packageUrl"] = package_url(manifest);
  add_model_facts(out, message);
  return out;
}

const char* purpose_of(v1::FileRole role) {
  switch (role) {
    case v1::FILE_ROLE_WEIGHTS:
      return "model";
    case v1::FILE_ROLE_LICENSE:
    case v1::FILE_ROLE_CARD:
      return "documentation";
    case v1::FILE_ROLE_CONFIG:
      return "configuration";
    case v1::FILE_ROLE_CODE:
      return "source";
    default:
      return "data";
  }
}

/// The ids of all files.
Json add_files(SpdxGraph& graph, const release::Manifest& manifest) {
  auto ids = Json::array();
  for (const auto& file : manifest.files()) {
    Json members{{"name", file.path},
                 {"verifiedUsing", spdx_sha256(file.sha256.to_hex())},
                 {"software_primaryPurpose", purpose_of(file.role)}};
    ids.push_back(
        graph.add_element("software_File", "file-" + std::to_string(ids.size() + 1), members));
  }
  return ids;
}

/// SPDX's word for how a dataset is to be had; null where it has none.
const char* availability_word(v1::Availability availability) {
  switch (availability) {
    case v1::AVAILABILITY_IN_RELEASE:
    case v1::AVAILABILITY_PUBLIC_URL:
      return "directDownload";
    case v1::AVAILABILITY_GATED:
      return "registration";
    case v1::AVAILABILITY_ON_REQUEST:
      return "query";
    case v1::AVAILABILITY_SCRIPT:
      return "scrapingScript";
    default:
      return nullptr;
  }
}

Json dataset_of(const v1::Dataset& dataset, const v1::DataInformation& data) {
  Json out = Json::object();
  add(out, "name", dataset.name());
  add(out, "description", dataset.description());
  if (!dataset.sha256().empty())
    out["verifiedUsing"] = spdx_sha256(to_hex(as_bytes(dataset.sha256())));
  out["software_primaryPurpose"] = "data";
  add(out, "software_packageVersion", dataset.revision());
  add(out, "software_downloadLocation", dataset.url());
  out["dataset_datasetType"] = Json::array({"noAssertion"});
  add(out, "dataset_dataCollectionProcess", data.collection());
  if (const auto* word = availability_word(dataset.availability()); word != nullptr)
    out["dataset_datasetAvailability"] = word;
  out["dataset_hasSensitivePersonalInformation"] = presence(data.personal_data());
  return out;
}

void add_license(SpdxGraph& graph, const std::string& element, const std::string& of,
                 const std::string& expression) {
  if (expression.empty()) return;
  const auto id = graph.add_element("simplelicensing_LicenseExpression", element,
                                    Json{{"simplelicensing_licenseExpression", expression}});
  graph.relate(of, "hasDeclaredLicense", Json::array({id}));
}

void add_datasets(SpdxGraph& graph, const std::string& package, const v1::DataInformation& data) {
  auto trained_on = Json::array(), tested_on = Json::array();
  for (int i = 0; i < data.datasets_size(); ++i) {
    const auto& dataset = data.datasets(i);
    const auto element = "dataset-" + std::to_string(i + 1);
    const auto id = graph.add_element("dataset_DatasetPackage", element, dataset_of(dataset, data));
    add_license(graph, element + "-license", id, dataset.license());
    (release::is_training_data(dataset) ? trained_on : tested_on).push_back(id);
  }
  graph.relate(package, "trainedOn", trained_on);
  graph.relate(package, "testedOn", tested_on);
}

void add_parents(SpdxGraph& graph, const std::string& package, const v1::Manifest& message) {
  auto ids = Json::array();
  for (const auto& parent : message.derived_from()) {
    Json members{{"name", release::name_of(parent)}};
    add(members, "comment", release::to_string(parent.relation()));
    members["software_primaryPurpose"] = "model";
    add(members, "software_packageUrl", parent.purl());
    const auto element = "parent-" + std::to_string(ids.size() + 1);
    const auto id = graph.add_element("software_Package", element, members);
    add_license(graph, element + "-license", id, parent.license());
    ids.push_back(id);
  }
  graph.relate(package, "descendantOf", ids);
}

/// The AI profile wants a place to download from. The dataset profile wants more of each dataset
/// than manifests know, such as when it was built.
Json profiles_of(const Origin& origin) {
  auto out = Json::array({"core", "software", "simpleLicensing"});
  if (!origin.link.empty()) out.push_back("ai");
  return out;
}

}  // namespace

Exported spdx(const release::Manifest& manifest, const Origin& origin) {
  SpdxGraph graph(manifest);
  const auto publisher_id = "sha256:" + manifest.publisher_id().to_hex();
  const auto publisher =
      graph.add_element("Organization", "publisher",
                        Json{{"name", origin.publisher.empty() ? publisher_id : origin.publisher},
                             {"comment", "owrd publisher " + publisher_id}});
  const auto package =
      graph.add_element("ai_AIPackage", "model", package_of(manifest, origin, publisher));
  graph.relate(package, "contains", add_files(graph, manifest));
  add_license(graph, "license", package, manifest.license());
  add_datasets(graph, package, manifest.message().data());
  add_parents(graph, package, manifest.message());
  return {"application/spdx+json", manifest.dir() + ".spdx.json",
          pretty(graph.finish(package, manifest.dir(), profiles_of(origin)))};
}

}  // namespace owrd::exports
