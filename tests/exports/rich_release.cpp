#include "tests/exports/rich_release.h"

#include <cassert>

#include "daemon/release/path_rules.h"
#include "tests/release/fixtures.h"

namespace owrd::exports::testing {
namespace {

using release::testing::pattern_file;

constexpr std::uint64_t kPieceLength = 64 * 1024;
const std::string kDigest(32, '\x22');

v1::FileRole role_of(const std::string& path) {
  if (path == release::kLayersName) return v1::FILE_ROLE_LAYERS;
  if (path == "LICENSE") return v1::FILE_ROLE_LICENSE;
  if (path == "README.md") return v1::FILE_ROLE_CARD;
  if (path == "config.json") return v1::FILE_ROLE_CONFIG;
  if (path == "docs/vocab.txt") return v1::FILE_ROLE_TOKENIZER;
  if (path.ends_with(".py")) return v1::FILE_ROLE_CODE;
  return path.ends_with(".safetensors") ? v1::FILE_ROLE_WEIGHTS : v1::FILE_ROLE_OTHER;
}

void add_lineage(v1::Manifest& message) {
  auto& base = *message.add_derived_from();
  base.set_relation(v1::RELATION_FINETUNE);
  base.set_name("acme/base-7b");
  base.set_purl("pkg:huggingface/acme/base-7b@0123456789abcdef0123456789abcdef01234567");
  base.set_license("Apache-2.0");
  message.set_supersedes(kDigest);
}

void add_data(v1::Manifest& message) {
  auto& data = *message.mutable_data();
  data.set_availability(v1::AVAILABILITY_PUBLIC_URL);
  data.set_provenance("Web pages and books.");
  data.set_collection("A crawl of 2025.");
  data.set_filtering("Near duplicates were left out.");
  data.set_cutoff("2026-03");
  data.set_card_path("docs/data.md");
  data.set_personal_data(v1::ANSWER_NO);
  auto& train = *data.add_datasets();
  train.set_name("acme/pages");
  train.set_url("https://huggingface.co/datasets/acme/pages");
  train.set_revision("89abcdef0123456789abcdef0123456789abcdef");
  train.set_sha256(kDigest);
  train.set_license("CC-BY-4.0");
  train.set_availability(v1::AVAILABILITY_PUBLIC_URL);
  train.set_description("Pages of the web, \"cleaned\".");
  auto& test = *data.add_datasets();
  test.set_name("acme exam");
  test.set_role("test");
  test.set_availability(v1::AVAILABILITY_ON_REQUEST);
}

void add_code(v1::Manifest& message) {
  auto& inference = *message.mutable_code()->mutable_inference();
  inference.set_availability(v1::AVAILABILITY_IN_RELEASE);
  inference.add_paths("run.py");
  auto& training = *message.mutable_code()->mutable_training();
  training.set_availability(v1::AVAILABILITY_PUBLIC_URL);
  training.set_url("https://code.example/acme/train");
  training.set_commit("0123456789abcdef0123456789abcdef01234567");
  training.set_license("MIT");
  auto& report = *message.add_components();
  report.set_kind(v1::COMPONENT_KIND_TECHNICAL_REPORT);
  report.set_availability(v1::AVAILABILITY_PUBLIC_URL);
  report.set_url("https://acme.example/atlas.pdf");
  report.set_sha256(kDigest);
  report.set_license("CC-BY-4.0");
}

void add_recipe(v1::Manifest& message) {
  auto& architecture = *message.mutable_architecture();
  architecture.set_family("transformer decoder");
  architecture.set_variant("AtlasForCausalLM");
  architecture.set_objective("next token prediction");
  architecture.set_dtype("bfloat16");
  architecture.set_parameters_total(7'000'000'000);
  architecture.set_layers(32);
  architecture.set_context_length(8192);
  architecture.add_modalities("text");
  auto& recipe = *message.mutable_recipe();
  recipe.set_framework("torch 2.5");
  recipe.set_hardware("64 H100");
  recipe.set_energy_kwh("1200.5");
  recipe.set_co2_kg("300");
  auto& stage = *recipe.add_stages();
  stage.set_name("supervised fine-tuning");
  stage.set_method("AdamW");
  auto& setting = *stage.add_hyperparameters();
  setting.set_name("learning rate");
  setting.set_value("2e-5");
}

void add_results(v1::Manifest& message) {
  auto& benchmark = *message.add_benchmarks();
  benchmark.set_task("text-generation");
  benchmark.set_dataset("cais/mmlu");
  benchmark.set_config("all");
  benchmark.set_split("test");
  benchmark.set_revision("0123456789abcdef0123456789abcdef01234567");
  benchmark.set_metric("accuracy");
  benchmark.set_value("0.713");
  benchmark.set_shots("5");
  benchmark.set_harness("lm-eval");
  benchmark.set_harness_version("0.4.5");
  benchmark.set_source_url("https://acme.example/results");
  benchmark.set_notes("greedy | no system prompt");
  auto& other = *message.add_benchmarks();
  other.set_task("arithmetic");
  other.set_dataset("gsm8k");
  other.set_metric("exact match");
  other.set_value("3.8e-1");
  auto& audit = *message.add_audits();
  audit.set_kind("owrd-audit");
  audit.set_tool("owrd");
  audit.set_tool_version("1");
  audit.set_scope("all files");
  audit.set_performed(1'789'000'000);
  audit.set_result(v1::AUDIT_RESULT_WARN);
  auto& finding = *audit.add_findings();
  finding.set_rule("code.remote");
  finding.set_result(v1::AUDIT_RESULT_WARN);
  finding.set_path("run.py");
}

void add_words(v1::Manifest& message) {
  message.set_display_name("Atlas: \"7B\" #1");
  message.set_summary("A small model that knows the map \xF0\x9F\x97\xBA.");
  for (const auto* language : {"en", "no"}) message.add_languages(language);
  for (const auto* tag : {"geography", "yes"}) message.add_tags(tag);
  message.add_audiences(v1::AUDIENCE_ANY);
  message.add_upstream("pkg:huggingface/acme/atlas-7b@89abcdef0123456789abcdef0123456789abcdef");
  message.set_changelog("- Knows more *rivers*.\n");
  auto& considerations = *message.mutable_considerations();
  considerations.add_intended_uses("Questions about places.");
  considerations.add_out_of_scope("Navigation of ships.");
  considerations.add_limitations("Knows <nothing> of streets.\nNor of houses.");
  considerations.add_biases("Western Europe.");
  considerations.add_risks("Wrong borders.");
  considerations.add_mitigations("Ask twice.");
  auto& contacts = *message.mutable_contacts();
  contacts.set_security("security@acme.example");
  contacts.add_feedback("https://acme.example/feedback");
  contacts.add_maintainers("Ada Lovelace");
  auto& citation = *message.mutable_citation();
  citation.add_authors("Ada Lovelace");
  citation.set_doi("10.1000/182");
}

}  // namespace

std::vector<release::testing::Content> rich_contents() {
  return release::testing::with_layers(
      {pattern_file("-", 10), pattern_file(".gitattributes", 20), pattern_file("LICENSE", 1000),
       pattern_file("README.md", 30), pattern_file("a name with  spaces", 5),
       pattern_file("config.json", 100), pattern_file("docs/data.md", 40),
       pattern_file("docs/vocab.txt", 70'000), pattern_file("docs-old/vocab.txt", 7),
       pattern_file("empty.txt", 0), pattern_file("mod\xC3\xA8le.safetensors", 200'000),
       pattern_file("run.py", 50)},
      kPieceLength);
}

v1::Manifest rich_message() {
  auto message = release::testing::describe("atlas-7b-1.2.0", kPieceLength, rich_contents());
  message.set_model("atlas-7b");
  message.set_version("1.2.0+build.5");
  for (auto& file : *message.mutable_files()) file.set_role(role_of(file.path()));
  message.mutable_license()->set_spdx_expression("Apache-2.0");
  message.mutable_license()->set_text_path("LICENSE");
  add_lineage(message);
  add_data(message);
  add_code(message);
  add_recipe(message);
  add_results(message);
  add_words(message);
  return message;
}

release::Manifest rich_manifest() {
  auto manifest = release::make_manifest(rich_message());
  assert(manifest);
  return *std::move(manifest);
}

Origin rich_origin() {
  return {"acme", "magnet:?xt=urn:btmh:1220" + std::string(64, 'a') + "&dn=atlas-7b-1.2.0"};
}

release::Manifest bare_manifest() {
  auto manifest = release::make_manifest(release::testing::example_message());
  assert(manifest);
  return *std::move(manifest);
}

trust::Attestation attestation_by(const trust::SecretKey& key) {
  const auto manifest = rich_manifest();
  const auto envelope = trust::make_attestation(
      {"mirror.example", manifest.publisher_id(), manifest.release_id(), manifest.release_id(),
       manifest.created() + 3600, manifest.total_bytes()},
      key);
  auto attestation = trust::Attestation::verify(envelope);
  assert(attestation);
  return *std::move(attestation);
}

}  // namespace owrd::exports::testing
