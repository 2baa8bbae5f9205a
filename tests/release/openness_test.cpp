#include "daemon/release/openness.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <sstream>

#include "daemon/release/lineage.h"
#include "daemon/release/process_text.h"
#include "daemon/release/publication_rules.h"
#include "tests/release/fixtures.h"

namespace owrd::release {
namespace {

std::string read(const std::string& name) {
  std::ifstream file(std::string(OWRD_VECTORS_DIR) + "/process/" + name);
  EXPECT_TRUE(file) << name;
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

v1::FileRole role_of(const std::string& path) {
  if (path == "LICENSE") return v1::FILE_ROLE_LICENSE;
  if (path == "README.md") return v1::FILE_ROLE_CARD;
  if (path == "config.json") return v1::FILE_ROLE_CONFIG;
  if (path == "tokenizer.json") return v1::FILE_ROLE_TOKENIZER;
  if (path == "layers.owrd") return v1::FILE_ROLE_LAYERS;
  if (path == "model.safetensors") return v1::FILE_ROLE_WEIGHTS;
  return path.starts_with("code/") ? v1::FILE_ROLE_CODE : v1::FILE_ROLE_OTHER;
}

/// A release whose publisher says what `name`.txtpb says.
v1::Manifest manifest_of(const std::string& name) {
  constexpr std::uint64_t kPieceLength = 64 * 1024;
  auto contents = testing::with_layers(
      {testing::pattern_file("LICENSE", 1000), testing::pattern_file("README.md", 1000),
       testing::pattern_file("USE_POLICY.md", 1000), testing::pattern_file("code/generate.py", 10),
       testing::pattern_file("code/model.py", 10), testing::pattern_file("config.json", 10),
       testing::pattern_file("model.safetensors", 200'000),
       testing::pattern_file("report.pdf", 1000), testing::pattern_file("tokenizer.json", 1000)},
      kPieceLength);
  auto message = testing::describe("atlas-1.0.0", kPieceLength, contents);
  message.mutable_license()->set_text_path("LICENSE");
  for (auto& file : *message.mutable_files()) file.set_role(role_of(file.path()));
  v1::Manifest said;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(read(name + ".txtpb"), &said)) << name;
  message.MergeFrom(said);
  return message;
}

std::string report_of(const v1::Manifest& message) {
  return evaluation_text(evaluate(message)) + label_text(label_of(message)) +
         openness_text(openness_of(message)) + lineage_text(message);
}

class Golden : public ::testing::TestWithParam<const char*> {};

TEST_P(Golden, ReleaseIsJudgedAsItsVectorSays) {
  const auto message = manifest_of(GetParam());
  const auto manifest = make_manifest(message);
  ASSERT_TRUE(manifest) << manifest.error().message;
  const auto checked = check_publication(message, {});
  EXPECT_TRUE(checked) << checked.error().message;

  EXPECT_EQ(report_of(message), read(std::string(GetParam()) + ".txt"));
}

INSTANTIATE_TEST_SUITE_P(Vectors, Golden,
                         ::testing::Values("llama", "mistral", "deepseek", "gemma", "open"));

TEST(Openness, SaysOpenSourceOnlyWhereAllThreeElementsHold) {
  for (int bits = 0; bits < 27; ++bits) {
    const Finding findings[] = {Finding::Met, Finding::Unmet, Finding::Undeclared};
    const OpenSourceAi elements{{"", findings[bits % 3], ""},
                                {"", findings[bits / 3 % 3], ""},
                                {"", findings[bits / 9], ""}};
    EXPECT_EQ(may_say_open_source(elements), bits == 0);
    EXPECT_EQ(what_to_call(elements), bits == 0 ? "open source" : "open weight");
  }
}

// Each loss takes the words away, wherever they might be printed.
TEST(Openness, NeverPrintsOpenSourceOfAnythingLess) {
  EXPECT_NE(report_of(manifest_of("open")).find("open source"), std::string::npos);
  const std::function<void(v1::Manifest&)> losses[] = {
      [](auto& m) { m.clear_data(); },
      [](auto& m) { m.clear_code(); },
      [](auto& m) { m.clear_files(); },
      [](auto& m) { m.mutable_data()->clear_datasets(); },
      [](auto& m) { m.mutable_data()->clear_filtering(); },
      [](auto& m) { m.mutable_code()->clear_training(); },
      [](auto& m) { m.mutable_code()->mutable_inference()->set_license("CC-BY-NC-4.0"); },
      [](auto& m) { m.mutable_license()->set_spdx_expression("LicenseRef-hf-llama3.1"); },
      [](auto& m) { m.mutable_license()->set_spdx_expression("LicenseRef-acme"); },
      [](auto& m) { m.mutable_use()->add_items()->set_kind(v1::RESTRICTION_KIND_FIELD_OF_USE); },
      [](auto& m) { m.mutable_use()->add_items(); },
  };
  for (const auto& lose : losses) {
    auto message = manifest_of("open");
    lose(message);
    const auto report = report_of(message);
    EXPECT_EQ(report.find("open source"), std::string::npos) << report;
    EXPECT_EQ(report.find("Open Source"), std::string::npos) << report;
  }
  for (const auto* name : {"llama", "mistral", "deepseek", "gemma"})
    EXPECT_EQ(report_of(manifest_of(name)).find("open source"), std::string::npos) << name;
}

std::vector<Finding> findings_of(const v1::Manifest& message) {
  std::vector<Finding> out;
  for (const auto& clause : open_weight_definition(message)) out.push_back(clause.finding);
  return out;
}

TEST(OpenWeightDefinition, HasEightClauses) {
  constexpr auto kMet = Finding::Met;
  constexpr auto kUnmet = Finding::Unmet;
  constexpr auto kUndeclared = Finding::Undeclared;
  using Findings = std::vector<Finding>;
  auto message = testing::example_message();
  EXPECT_EQ(findings_of(message),
            (Findings{kMet, kUndeclared, kMet, kMet, kMet, kUndeclared, kMet, kUndeclared}));
  message.mutable_license()->set_spdx_expression("CC-BY-NC-4.0");
  EXPECT_EQ(findings_of(message),
            (Findings{kMet, kUndeclared, kUnmet, kUnmet, kUnmet, kUndeclared, kMet, kMet}));
  message.mutable_license()->set_spdx_expression("LicenseRef-acme");
  message.mutable_license()->mutable_grants()->set_modify(v1::ANSWER_YES);
  EXPECT_EQ(findings_of(message), (Findings{kMet, kUndeclared, kUndeclared, kMet, kUndeclared,
                                            kUndeclared, kUndeclared, kUndeclared}));
  for (auto& file : *message.mutable_files()) file.set_role(v1::FILE_ROLE_OTHER);
  EXPECT_EQ(findings_of(message)[0], kUnmet);
}

TEST(DocumentationDepth, ClimbsAStepAtATimeAndSaysWhatTheNextLacks) {
  const auto whole = manifest_of("open");
  EXPECT_EQ(documentation_depth(whole).depth, Depth::Comprehensive);
  EXPECT_TRUE(documentation_depth(whole).missing.empty());
  const struct {
    std::function<void(v1::Manifest&)> lose;
    Depth depth;
    std::string missing;
  } cases[] = {
      {[](auto& m) { m.mutable_license()->clear_text_path(); }, Depth::None, "licence text"},
      {[](auto& m) { m.mutable_considerations()->clear_intended_uses(); }, Depth::None,
       "intended use"},
      {[](auto& m) { m.mutable_architecture()->clear_specification_path(); }, Depth::Minimal,
       "architecture specification"},
      {[](auto& m) { m.mutable_considerations()->clear_limitations(); }, Depth::Minimal,
       "limitations"},
      {[](auto& m) { m.clear_data(); }, Depth::Minimal, "data information"},
      {[](auto& m) { m.mutable_recipe()->clear_stages(); }, Depth::Standard,
       "training recipe with hyperparameters"},
      {[](auto& m) { m.clear_fine_tuning(); }, Depth::Standard, "fine-tuning guide"},
      {[](auto& m) { m.mutable_benchmarks(0)->clear_revision(); }, Depth::Standard,
       "evaluation details"},
      {[](auto& m) { m.mutable_data()->clear_card_path(); }, Depth::Extended, "data card"},
      {[](auto& m) { m.clear_audits(); }, Depth::Extended, "security audit"},
      {[](auto& m) { m.clear_components(); }, Depth::Extended, "technical report or paper"},
      {[](auto& m) { m.mutable_recipe()->clear_guide_path(); }, Depth::Extended,
       "reproduction guide"},
      {[](auto& m) { m.clear_contacts(); }, Depth::Extended, "feedback channel"},
      {[](auto& m) { m.clear_changelog(); }, Depth::Extended, "changelog"},
  };
  for (const auto& [lose, depth, missing] : cases) {
    auto message = whole;
    lose(message);
    const auto report = documentation_depth(message);
    EXPECT_EQ(report.depth, depth) << missing;
    EXPECT_EQ(report.missing, std::vector<std::string>{missing});
  }
  EXPECT_EQ(to_string(documentation_depth({}).depth), "none");
}

}  // namespace
}  // namespace owrd::release
