#include "daemon/weights/sets.h"

#include <gtest/gtest.h>

namespace owrd::weights {
namespace {

Shard shard(const std::string& name, std::initializer_list<std::string> tensors,
            Format format = Format::Safetensors) {
  Shard made{name, {}};
  made.inventory.format = format;
  for (const auto& tensor : tensors)
    made.inventory.tensors.push_back({tensor, "U8", {4}, 0, ByteRange{100, 104}});
  return made;
}

std::vector<std::string> names_of(const std::vector<WeightSet>& sets) {
  std::vector<std::string> names;
  for (const auto& set : sets) names.push_back(set.name);
  return names;
}

TEST(WeightSets, AreIndexedSplitNumberedOrSingle) {
  auto first = shard("q/m-00001-of-00002.gguf", {"x"}, Format::Gguf);
  first.inventory.metadata = {
      {"split.no", "0"}, {"split.count", "2"}, {"split.tensors.count", "3"}};
  auto second = shard("q/m-00002-of-00002.gguf", {"y", "z"}, Format::Gguf);
  second.inventory.metadata = {{"split.no", "1"}, {"split.count", "2"}};
  const auto sets =
      find_sets({shard("a/one.safetensors", {"a", "b"}), shard("a/two.safetensors", {"c", "d"}),
                 first, second, shard("model-1-of-2.bin", {"p"}), shard("model-2-of-2.bin", {"q"}),
                 shard("alone.safetensors", {"s"})},
                {{"a/model.safetensors.index.json",
                  R"({"weight_map":{"a":"one.safetensors","b":"one.safetensors",)"
                  R"("c":"two.safetensors","d":"two.safetensors"}})"}});
  ASSERT_TRUE(sets) << sets.error().message;
  EXPECT_EQ(names_of(*sets),
            (std::vector<std::string>{"a/model.safetensors.index.json", "q/m-00001-of-00002.gguf",
                                      "model-1-of-2.bin", "alone.safetensors"}));
  EXPECT_EQ(sets->front().inventory.files,
            (std::vector<std::string>{"a/one.safetensors", "a/two.safetensors"}));
  EXPECT_EQ((*sets)[1].inventory.files.back(), "q/m-00002-of-00002.gguf");
}

TEST(WeightSets, TwoWholeModelsAreTwo) {
  const auto sets = find_sets({shard("a.gguf", {"x"}, Format::Gguf),
                               shard("b.gguf", {"x"}, Format::Gguf), shard("c.bin", {"x"})},
                              {});
  ASSERT_TRUE(sets) << sets.error().message;
  EXPECT_EQ(sets->size(), 3U);
}

TEST(WeightSets, SayWhichOneIsNotWhole) {
  const std::map<std::string, std::string> index = {
      {"model.safetensors.index.json", R"({"weight_map":{"a":"one","b":"two"}})"}};
  const auto missing = find_sets({shard("one", {"a"})}, index);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message,
            "model.safetensors.index.json: weight index: shard \"two\" is missing");
  // Of weights that are no part of the release at all nothing is said.
  EXPECT_TRUE(find_sets({shard("other.gguf", {"a"}, Format::Gguf)}, index));
  EXPECT_FALSE(find_sets({}, {{"x.index.json", "{"}}));
  const auto twice = find_sets({shard("m-1-of-2.bin", {"x"}), shard("m-2-of-2.bin", {"x"})}, {});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().message,
            "m-1-of-2.bin: tensor \"x\" is in \"m-1-of-2.bin\" and in \"m-2-of-2.bin\"");
}

}  // namespace
}  // namespace owrd::weights
