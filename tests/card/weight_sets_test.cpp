#include "daemon/card/weight_sets.h"

#include <gtest/gtest.h>

#include "tests/card/made_snapshot.h"

namespace owrd::card {
namespace {

using testing::gguf_of;
using testing::inventory_of;
using testing::MadeSnapshot;
using weights::Format;

using Texts = std::vector<std::string>;

const std::string kIndex = R"({"weight_map": {"a": "model-00001-of-00002.safetensors",)"
                           R"( "b": "model-00002-of-00002.safetensors"}})";

Texts names_of(const Snapshot& snapshot) {
  Texts names;
  for (const auto& set : complete_sets(snapshot)) names.push_back(set.name);
  return names;
}

TEST(WeightSets, AreWhatAnIndexNamesWhenAllOfItIsThere) {
  MadeSnapshot whole({{"model.safetensors.index.json", kIndex}});
  whole.with("model-00001-of-00002.safetensors", inventory_of(Format::Safetensors, 10))
      .with("model-00002-of-00002.safetensors", inventory_of(Format::Safetensors, 7));
  MadeSnapshot partial({{"model.safetensors.index.json", kIndex}});
  partial.with("model-00001-of-00002.safetensors", inventory_of(Format::Safetensors, 10));

  const auto sets = complete_sets(whole);

  ASSERT_EQ(sets.size(), 1U);
  EXPECT_EQ(sets[0].name, "model.safetensors.index.json");
  EXPECT_EQ(sets[0].files.size(), 2U);
  EXPECT_EQ(sets[0].elements, 17U);
  EXPECT_TRUE(complete_sets(partial).empty());
}

TEST(WeightSets, AreLookedForInTheFolderOfTheirIndex) {
  MadeSnapshot snapshot({{"unet/model.safetensors.index.json", kIndex}});
  snapshot.with("unet/model-00001-of-00002.safetensors", inventory_of(Format::Safetensors, 10))
      .with("unet/model-00002-of-00002.safetensors", inventory_of(Format::Safetensors, 7));

  EXPECT_EQ(names_of(snapshot), Texts{"unet/model.safetensors.index.json"});
}

TEST(WeightSets, AreSplitsWhenAllOfThemAreThere) {
  MadeSnapshot snapshot;
  snapshot.with("q/a-00001-of-00002.gguf", gguf_of(5)).with("q/a-00002-of-00002.gguf", gguf_of(6));
  snapshot.with("q/b-00001-of-00002.gguf", gguf_of(5));

  const auto sets = complete_sets(snapshot);

  ASSERT_EQ(sets.size(), 1U);
  EXPECT_EQ(sets[0].name, "q/a-00001-of-00002.gguf");
  EXPECT_EQ(sets[0].elements, 11U);
}

TEST(WeightSets, AreSingleFilesButNoPartsOfOthers) {
  MadeSnapshot snapshot;
  snapshot.with("a.gguf", gguf_of(5))
      .with("model.safetensors", inventory_of(Format::Safetensors, 5))
      .with("x-00001-of-00002.safetensors", inventory_of(Format::Safetensors, 5))
      .with("consolidated.00.pth", inventory_of(Format::TorchZip, 5));

  EXPECT_EQ(names_of(snapshot), (Texts{"a.gguf", "model.safetensors"}));
}

TEST(ParameterCount, IsThatOfTheSetThatIsLookedForFirst) {
  MadeSnapshot snapshot;
  snapshot.with("a.gguf", gguf_of(4)).with("b.gguf", gguf_of(4));
  EXPECT_EQ(count_parameters(complete_sets(snapshot)).count, 4U);
  snapshot.with("pytorch_model.bin", inventory_of(Format::TorchZip, 3));
  EXPECT_EQ(count_parameters(complete_sets(snapshot)).count, 3U);
  snapshot.with("consolidated.safetensors", inventory_of(Format::Safetensors, 2));
  EXPECT_EQ(count_parameters(complete_sets(snapshot)).count, 2U);
  snapshot.with("model.safetensors", inventory_of(Format::Safetensors, 1));

  const auto parameters = count_parameters(complete_sets(snapshot));

  EXPECT_EQ(parameters.count, 1U);
  EXPECT_EQ(parameters.by, "model.safetensors");
}

TEST(ParameterCount, IsLeftOpenWhereTheSetsDoNotTell) {
  MadeSnapshot different, packed, parts;
  different.with("a.gguf", gguf_of(4)).with("b.gguf", gguf_of(5));
  packed.with("model.safetensors", inventory_of(Format::Safetensors, 5, "I32"));
  auto projector = inventory_of(Format::Gguf, 9);
  projector.architecture = "clip";
  parts.with("adapter_model.safetensors", inventory_of(Format::Safetensors, 5))
      .with("vae/model.safetensors", inventory_of(Format::Safetensors, 5))
      .with("mmproj.gguf", projector);

  EXPECT_EQ(count_parameters(complete_sets(different)).none_because, "a.gguf has 4, b.gguf 5");
  EXPECT_EQ(count_parameters(complete_sets(packed)).none_because,
            "model.safetensors has several weights in one element");
  EXPECT_FALSE(count_parameters(complete_sets(packed)).count);
  EXPECT_FALSE(count_parameters(complete_sets(parts)).count);
  EXPECT_FALSE(count_parameters({}).count);
}

}  // namespace
}  // namespace owrd::card
