#include "daemon/exports/model_card.h"

#include "daemon/core/units.h"
#include "daemon/exports/card_front_matter.h"
#include "daemon/exports/markdown.h"
#include "daemon/exports/names.h"
#include "daemon/exports/yaml.h"
#include "daemon/release/citation.h"
#include "daemon/release/components.h"
#include "daemon/release/lineage.h"

namespace owrd::exports {
namespace {

using markdown::bullets;
using markdown::facts;
using markdown::section;

std::string number(std::uint64_t value) { return value == 0 ? "" : std::to_string(value); }

template <class Texts>
std::string listed(const Texts& texts) {
  std::string out;
  for (const auto& each : texts) out += (out.empty() ? "" : ", ") + each;
  return out;
}

std::string details(const release::Manifest& manifest, const Origin& origin) {
  const auto& message = manifest.message();
  const auto& architecture = message.architecture();
  return facts({{"Publisher", origin.publisher},
                {"Version", manifest.version()},
                {"Architecture", architecture.family()},
                {"Variant", architecture.variant()},
                {"Objective", architecture.objective()},
                {"Parameters", number(architecture.parameters_total())},
                {"Parameters active for a token", number(architecture.parameters_active())},
                {"Context length", number(architecture.context_length())},
                {"Data type", architecture.dtype()},
                {"Modalities", listed(architecture.modalities())},
                {"Languages", listed(message.languages())}});
}

std::string license(const v1::License& license) {
  return facts({{"Expression", license.spdx_expression()},
                {"Name", license.name()},
                {"Text", license.text_path()},
                {"URL", license.url()}});
}

std::string lineage(const v1::Manifest& message) {
  std::string out;
  for (const auto& parent : message.derived_from())
    out += markdown::bullet(std::string(release::to_string(parent.relation())) + " of " +
                            release::name_of(parent) +
                            (parent.license().empty() ? "" : " (" + parent.license() + ")"));
  return out;
}

std::string dataset_line(const v1::Dataset& dataset) {
  auto out = "**" + dataset.name() + "**";
  if (!dataset.role().empty()) out += " (" + dataset.role() + ")";
  out += ": " + std::string(release::to_string(dataset.availability()));
  for (const auto& part : {dataset.license(), dataset.url(), dataset.description()})
    if (!part.empty()) out += ", " + part;
  return out;
}

std::string training_data(const v1::DataInformation& data) {
  std::string out;
  for (const auto& dataset : data.datasets()) out += markdown::bullet(dataset_line(dataset));
  return out + facts({{"Provenance", data.provenance()},
                      {"Collection", data.collection()},
                      {"Selection", data.selection()},
                      {"Labelling", data.labelling()},
                      {"Filtering", data.filtering()},
                      {"Cutoff", data.cutoff()},
                      {"Statement", data.statement_path()},
                      {"Data card", data.card_path()}});
}

std::string training(const v1::TrainingRecipe& recipe) {
  std::string out;
  for (const auto& stage : recipe.stages()) {
    auto line = "**" + (stage.name().empty() ? std::string("stage") : stage.name()) + "**";
    if (!stage.method().empty()) line += ": " + stage.method();
    for (const auto& setting : stage.hyperparameters())
      line += "\n- " + setting.name() + " = " + setting.value();
    out += markdown::bullet(line);
  }
  return out + facts({{"Framework", recipe.framework()},
                      {"Hardware", recipe.hardware()},
                      {"Operations", recipe.flops()},
                      {"Energy, kWh", recipe.energy_kwh()},
                      {"CO2, kg", recipe.co2_kg()},
                      {"Guide", recipe.guide_path()}});
}

std::string row(const std::vector<std::string>& cells) {
  std::string out = "|";
  for (const auto& cell : cells) out += " " + markdown::cell(cell) + " |";
  return out + "\n";
}

std::string harness_of(const v1::Benchmark& benchmark) {
  const auto& version = benchmark.harness_version();
  return benchmark.harness() + (version.empty() ? "" : " " + version);
}

std::string evaluation(const v1::Manifest& message) {
  if (message.benchmarks_size() == 0) return "";
  auto out = row({"Task", "Dataset", "Metric", "Value", "Shots", "Harness", "Notes"}) +
             "| --- | --- | --- | --- | --- | --- | --- |\n";
  for (const auto& benchmark : message.benchmarks())
    out += row({benchmark.task(), benchmark.dataset(), benchmark.metric(),
                benchmark.value() + (benchmark.unit().empty() ? "" : " " + benchmark.unit()),
                benchmark.shots(), harness_of(benchmark), benchmark.notes()});
  return out + "\nThe publisher's own results.\n";
}

/// A fence longer than any run of backticks in `code`.
std::string fenced(const std::string& language, const std::string& code) {
  std::string fence = "```";
  while (code.find(fence) != code.npos) fence += '`';
  return fence + language + "\n" + code + fence + "\n";
}

std::string provenance(const release::Manifest& manifest, const Origin& origin) {
  return facts({{"Release", release_id_text(manifest)},
                {"Publisher", "sha256:" + manifest.publisher_id().to_hex()},
                {"Created", format_time(manifest.created())},
                {"Files", std::to_string(manifest.files().size())},
                {"Bytes", std::to_string(manifest.total_bytes())},
                {"Link", origin.link}}) +
         "\nThis card was made from the signed manifest of the release, `release.owrd`, which is "
         "what counts.\n";
}

std::string body(const release::Manifest& manifest, const Origin& origin) {
  const auto& message = manifest.message();
  const auto& about = message.considerations();
  std::string out = "# " + markdown::text(title_of(manifest)) + "\n\n";
  if (!message.summary().empty()) out += markdown::text(message.summary()) + "\n\n";
  out += section("Model details", details(manifest, origin));
  out += section("Licence", license(message.license()));
  out += section("Made of", lineage(message));
  out += section("Intended uses", bullets(about.intended_uses()));
  out += section("Out of scope", bullets(about.out_of_scope()));
  out += section("Limitations", bullets(about.limitations()));
  out += section("Biases", bullets(about.biases()));
  out += section("Risks", bullets(about.risks()));
  out += section("Mitigations", bullets(about.mitigations()));
  out += section("Training data", training_data(message.data()));
  out += section("Training", training(message.recipe()));
  out += section("Evaluation", evaluation(message));
  out += section("Changes", markdown::text(message.changelog()));
  out +=
      section("Citation", fenced("bibtex", release::citation_bibtex(manifest, origin.publisher)));
  return out + section("Provenance", provenance(manifest, origin));
}

}  // namespace

Exported model_card(const release::Manifest& manifest, const Origin& origin) {
  auto text = "---\n" + to_yaml(card_front_matter(manifest)) + "---\n\n" + body(manifest, origin);
  text.pop_back();
  return {"text/markdown; charset=utf-8", "README.md", to_bytes(text)};
}

}  // namespace owrd::exports
