#include "daemon/release/mof_class.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/release/fixtures.h"

namespace owrd::release {
namespace {

struct KindFacts {
  v1::ComponentKind kind;
  std::string content;  ///< Which licence of all holds where it has none of its own.
};

const std::map<std::string, KindFacts> kKinds = {
    {"architecture", {v1::COMPONENT_KIND_MODEL_ARCHITECTURE, "code"}},
    {"preprocessing", {v1::COMPONENT_KIND_DATA_PREPROCESSING_CODE, "code"}},
    {"training", {v1::COMPONENT_KIND_TRAINING_CODE, "code"}},
    {"inference", {v1::COMPONENT_KIND_INFERENCE_CODE, "code"}},
    {"evaluation", {v1::COMPONENT_KIND_EVALUATION_CODE, "code"}},
    {"libraries", {v1::COMPONENT_KIND_SUPPORTING_LIBRARIES, "code"}},
    {"parameters", {v1::COMPONENT_KIND_FINAL_PARAMETERS, "data"}},
    {"intermediate", {v1::COMPONENT_KIND_INTERMEDIATE_PARAMETERS, "data"}},
    {"datasets", {v1::COMPONENT_KIND_DATASETS, "data"}},
    {"evaluation-data", {v1::COMPONENT_KIND_EVALUATION_DATA, "data"}},
    {"metadata", {v1::COMPONENT_KIND_MODEL_METADATA, "data"}},
    {"outputs", {v1::COMPONENT_KIND_SAMPLE_OUTPUTS, "data"}},
    {"card", {v1::COMPONENT_KIND_MODEL_CARD, "document"}},
    {"data-card", {v1::COMPONENT_KIND_DATA_CARD, "document"}},
    {"report", {v1::COMPONENT_KIND_TECHNICAL_REPORT, "document"}},
    {"paper", {v1::COMPONENT_KIND_RESEARCH_PAPER, "document"}},
    {"results", {v1::COMPONENT_KIND_EVALUATION_RESULTS, "document"}}};

struct Case {
  int mof_class;
  int sixths;
  LicensedComponents components;
};

Case read_case(const std::string& line) {
  std::istringstream words(line);
  Case out{};
  words >> out.mof_class >> out.sixths;
  std::map<std::string, std::string> of_all;
  std::string word;
  while (words >> word && word != ":")
    of_all[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
  while (words >> word) {
    const auto& facts = kKinds.at(word.substr(0, word.find('=')));
    auto license = word.substr(word.find('=') + 1);
    if (license == "-") license = of_all[facts.content];
    if (license.empty()) license = of_all["distribution"];
    out.components[facts.kind] = license;
  }
  return out;
}

int number_of(MofClass mof_class) {
  return mof_class == MofClass::Unclassified ? 0 : 4 - static_cast<int>(mof_class);
}

TEST(MofClass, AgreesWithTheModelOpennessTool) {
  std::ifstream file(std::string(OWRD_VECTORS_DIR) + "/mof/cases.txt");
  ASSERT_TRUE(file);
  int count = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    ++count;
    SCOPED_TRACE(line);
    const auto expected = read_case(line);

    const auto report = mof_class(expected.components);

    EXPECT_EQ(number_of(report.mof_class), expected.mof_class);
    const auto missing = report.next == MofClass::III ? static_cast<int>(report.missing.size()) : 0;
    EXPECT_EQ(6 - missing, expected.sixths);
  }
  EXPECT_EQ(count, 27);
}

TEST(MofClass, SaysWhatTheNextOneLacks) {
  LicensedComponents components;
  EXPECT_EQ(mof_class(components).missing.size(), 6U);
  for (const auto& [name, facts] : kKinds) components[facts.kind] = "MIT";
  EXPECT_EQ(mof_class(components).mof_class, MofClass::I);
  EXPECT_TRUE(mof_class(components).missing.empty());

  components[v1::COMPONENT_KIND_TRAINING_CODE] = "LicenseRef-acme";
  components.erase(v1::COMPONENT_KIND_EVALUATION_DATA);
  const auto report = mof_class(components);

  EXPECT_EQ(report.mof_class, MofClass::III);
  EXPECT_EQ(report.next, MofClass::II);
  EXPECT_EQ(report.missing,
            (std::vector<std::string>{"training code: LicenseRef-acme is no open licence",
                                      "evaluation data: not provided"}));
}

TEST(MofClass, TakesAReportOrAPaper) {
  LicensedComponents components;
  for (const auto& [name, facts] : kKinds) components[facts.kind] = "MIT";
  components.erase(v1::COMPONENT_KIND_TECHNICAL_REPORT);
  EXPECT_EQ(mof_class(components).mof_class, MofClass::I);
  components.erase(v1::COMPONENT_KIND_RESEARCH_PAPER);
  EXPECT_EQ(mof_class(components).missing,
            (std::vector<std::string>{"technical report: not provided"}));
}

// Taking a component away, or its licence, never raises the class.
TEST(MofClass, NeverRisesByALoss) {
  LicensedComponents components;
  for (const auto& [name, facts] : kKinds) components[facts.kind] = "MIT";
  for (const auto& [name, facts] : kKinds) {
    auto fewer = components;
    fewer.erase(facts.kind);
    auto closed = components;
    closed[facts.kind] = "CC-BY-NC-4.0";
    EXPECT_LE(mof_class(fewer).mof_class, MofClass::I) << name;
    EXPECT_EQ(mof_class(fewer).mof_class, mof_class(closed).mof_class) << name;
  }
}

TEST(MofClass, CountsWhatTheManifestHas) {
  auto message = testing::example_message();
  const auto components = licensed_components(message);
  EXPECT_EQ(components.size(), 1U);
  EXPECT_EQ(components.at(v1::COMPONENT_KIND_FINAL_PARAMETERS), "Apache-2.0");
}

}  // namespace
}  // namespace owrd::release
