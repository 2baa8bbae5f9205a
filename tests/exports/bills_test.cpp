// The bills of materials and MOF's list. That they keep their schemas is for tests/interop/exports
// to say.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "daemon/exports/cyclonedx.h"
#include "daemon/exports/names.h"
#include "daemon/exports/openness_framework.h"
#include "daemon/exports/spdx.h"
#include "tests/exports/rich_release.h"

namespace owrd::exports {
namespace {

using nlohmann::json;

json json_of(const Exported& exported) { return json::parse(as_text(exported.bytes)); }

json elements_of(const json& document, const std::string& type) {
  auto out = json::array();
  for (const auto& element : document["@graph"])
    if (element["type"] == type) out.push_back(element);
  return out;
}

TEST(CycloneDx, DescribesTheModel) {
  const auto manifest = testing::rich_manifest();

  const auto bom = json_of(cyclonedx(manifest, testing::rich_origin()));

  EXPECT_EQ(bom["serialNumber"], "urn:uuid:" + uuid_of(manifest, "cyclonedx"));
  EXPECT_EQ(bom["metadata"]["timestamp"], "2026-09-21T14:13:20Z");
  const auto& model = bom["metadata"]["component"];
  EXPECT_EQ(model["type"], "machine-learning-model");
  EXPECT_EQ(model["supplier"]["name"], "acme");
  EXPECT_EQ(model["licenses"][0]["expression"], "Apache-2.0");
  EXPECT_EQ(model["pedigree"]["ancestors"][0]["name"], "acme/base-7b");
  const auto& card = model["modelCard"];
  EXPECT_EQ(card["modelParameters"]["architectureFamily"], "transformer decoder");
  EXPECT_EQ(card["modelParameters"]["datasets"].size(), 2U);
  EXPECT_EQ(card["quantitativeAnalysis"]["performanceMetrics"][0]["value"], "0.713");
  EXPECT_EQ(card["considerations"]["useCases"][0], "Questions about places.");
}

TEST(CycloneDx, ListsEveryFileByItsHash) {
  const auto manifest = testing::rich_manifest();

  const auto bom = json_of(cyclonedx(manifest, testing::rich_origin()));

  ASSERT_EQ(bom["components"].size(), manifest.files().size());
  for (std::size_t i = 0; i < manifest.files().size(); ++i) {
    EXPECT_EQ(bom["components"][i]["name"], manifest.files()[i].path);
    EXPECT_EQ(bom["components"][i]["hashes"][0]["content"], manifest.files()[i].sha256.to_hex());
  }
  EXPECT_EQ(bom["dependencies"][0]["dependsOn"].size(), manifest.files().size());
}

TEST(Spdx, DescribesTheModelItsFilesAndItsData) {
  const auto manifest = testing::rich_manifest();

  const auto document = json_of(spdx(manifest, testing::rich_origin()));

  const auto packages = elements_of(document, "ai_AIPackage");
  ASSERT_EQ(packages.size(), 1U);
  EXPECT_EQ(packages[0]["software_packageVersion"], "1.2.0+build.5");
  EXPECT_EQ(packages[0]["ai_metric"][0]["value"], "0.713");
  EXPECT_EQ(packages[0]["ai_useSensitivePersonalInformation"], "no");
  EXPECT_EQ(elements_of(document, "software_File").size(), manifest.files().size());
  EXPECT_EQ(elements_of(document, "software_Package")[0]["name"], "acme/base-7b");
  const auto datasets = elements_of(document, "dataset_DatasetPackage");
  ASSERT_EQ(datasets.size(), 2U);
  EXPECT_EQ(datasets[0]["dataset_datasetAvailability"], "directDownload");
  EXPECT_EQ(datasets[1]["dataset_datasetAvailability"], "query");
}

TEST(Spdx, RelatesOnlyWhatIsThere) {
  const auto document = json_of(spdx(testing::rich_manifest(), testing::rich_origin()));

  std::set<std::string> ids;
  for (const auto& element : document["@graph"]) {
    if (!element.contains("spdxId")) continue;
    EXPECT_TRUE(ids.insert(element["spdxId"]).second) << element["spdxId"];
  }
  std::set<std::string> kinds;
  for (const auto& relationship : elements_of(document, "Relationship")) {
    kinds.insert(relationship["relationshipType"]);
    EXPECT_TRUE(ids.contains(relationship["from"]));
    for (const auto& to : relationship["to"]) EXPECT_TRUE(ids.contains(to)) << to;
  }
  EXPECT_EQ(kinds, (std::set<std::string>{"contains", "hasDeclaredLicense", "trainedOn", "testedOn",
                                          "descendantOf"}));
}

TEST(Spdx, ConformsToTheAiProfileOnlyWithALink) {
  const auto profiles_with = [](const Origin& origin) {
    const auto document = json_of(spdx(testing::rich_manifest(), origin));
    return elements_of(document, "SpdxDocument")[0]["profileConformance"];
  };

  EXPECT_EQ(profiles_with(testing::rich_origin()),
            (json{"core", "software", "simpleLicensing", "ai"}));
  EXPECT_EQ(profiles_with({}), (json{"core", "software", "simpleLicensing"}));
}

TEST(OpennessFramework, ListsTheSeventeenComponents) {
  const auto exported = openness_framework(testing::rich_manifest(), testing::rich_origin());
  const std::string text(as_text(exported.bytes));

  std::size_t count = 0;
  for (auto at = text.find("    - name: "); at != text.npos; at = text.find("    - name: ", at + 1))
    ++count;
  EXPECT_EQ(count, 17U);
  EXPECT_NE(text.find("    - name: \"Technical report\"\n"
                      "      description: \"Technical report detailing capabilities and usage "
                      "instructions for the model\"\n"
                      "      location: \"https://acme.example/atlas.pdf\"\n"
                      "      license_name: \"CC-BY-4.0\"\n"
                      "      license_path: \"\"\n"),
            text.npos)
      << text;
  EXPECT_NE(text.find("      location: \"\"\n      license_name: \"Component not included\"\n"),
            text.npos);
}

TEST(Exports, AreTheSameEveryTime) {
  const auto manifest = testing::rich_manifest();
  const auto origin = testing::rich_origin();

  EXPECT_EQ(cyclonedx(manifest, origin).bytes, cyclonedx(manifest, origin).bytes);
  EXPECT_EQ(spdx(manifest, origin).bytes, spdx(manifest, origin).bytes);
}

}  // namespace
}  // namespace owrd::exports
