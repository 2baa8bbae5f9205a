#include "daemon/weights/safetensors_index.h"

#include <gtest/gtest.h>

namespace owrd::weights {
namespace {

Shard shard(const std::string& name, std::initializer_list<std::string> tensors) {
  Shard made{name, {}};
  for (const auto& tensor : tensors)
    made.inventory.tensors.push_back({tensor, "U8", {4}, 0, ByteRange{100, 104}});
  return made;
}

std::string index_of(const std::string& metadata, const std::string& map) {
  return "{\"metadata\":{" + metadata + "},\"weight_map\":{" + map + "}}";
}

TEST(SafetensorsIndex, JoinsItsShards) {
  const auto index =
      parse_shard_index(index_of("\"total_size\":8", "\"a\":\"1.safetensors\",\"b\":\"s/2\""));
  ASSERT_TRUE(index) << index.error().message;
  EXPECT_EQ(index->files(), (std::vector<std::string>{"1.safetensors", "s/2"}));

  const auto whole =
      join_indexed_shards(*index, {shard("s/2", {"b"}), shard("1.safetensors", {"a"})});

  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_TRUE(whole->warnings.empty());
  ASSERT_EQ(whole->tensors.size(), 2U);
  EXPECT_EQ(whole->files[whole->tensors[0].file], "s/2");
  EXPECT_EQ(whole->files[whole->tensors[1].file], "1.safetensors");
}

TEST(SafetensorsIndex, RefusesWithTheReason) {
  struct Case {
    std::string json, reason;
  };
  const auto outside = [](const std::string& path) {
    return Case{index_of("", "\"a\":\"" + path + "\""),
                "weight_map: \"" + path + "\" is no path inside the folder"};
  };
  const Case cases[] = {
      {"[]", "not an object"},
      {"1", "not an object"},
      {"{}", "no weight_map"},
      {"{\"weight_map\":[]}", "weight_map is not an object"},
      {"{\"weight_map\":1}", "weight_map is not an object"},
      {index_of("", "\"a\":1"), "weight_map: the file of \"a\" is no string"},
      {index_of("", "\"a\":[]"), "weight_map: the file of \"a\" is no string"},
      {index_of("", "\"a\":\"x\",\"a\":\"y\""), "JSON: key twice: \"a\""},
      outside("../x"),
      outside("/etc/passwd"),
      outside("a/../../x"),
      outside("./x"),
      outside("a//x"),
      outside("a/"),
      outside(""),
      outside("C:x"),
      {index_of("", R"("a":"..\\x")"), R"(weight_map: "..\x5cx" is no path inside the folder)"},
  };
  for (const auto& [json, reason] : cases) {
    SCOPED_TRACE(json);
    const auto index = parse_shard_index(json);
    ASSERT_FALSE(index);
    EXPECT_EQ(index.error().message, "weight index: " + reason);
  }
}

TEST(SafetensorsIndex, HoldsTheShardsToTheMap) {
  const auto index = parse_shard_index(index_of("", "\"a\":\"1\",\"b\":\"2\""));
  ASSERT_TRUE(index);
  const auto reason = [&](std::vector<Shard> shards) {
    const auto whole = join_indexed_shards(*index, std::move(shards));
    return whole ? "" : whole.error().message;
  };

  EXPECT_EQ(reason({shard("1", {"a"})}), "weight index: shard \"2\" is missing");
  EXPECT_EQ(reason({shard("1", {"a"}), shard("2", {})}),
            "weight index: tensor \"b\" is not in \"2\"");
  EXPECT_EQ(reason({shard("1", {"a", "b"}), shard("2", {})}),
            "weight index: tensor \"b\" is in \"1\", not in \"2\"");
  EXPECT_EQ(reason({shard("1", {"a"}), shard("2", {"a", "b"})}),
            "tensor \"a\" is in \"1\" and in \"2\"");
}

TEST(SafetensorsIndex, WarnsOfSizesAndTensorsThatItDoesNotName) {
  const auto index = parse_shard_index(index_of("\"total_size\":1.0", "\"a\":\"1\""));
  const auto wrong = parse_shard_index(index_of("\"total_size\":5", "\"a\":\"1\""));
  ASSERT_TRUE(index);
  ASSERT_TRUE(wrong);

  const auto whole = join_indexed_shards(*index, {shard("1", {"a", "c"})});
  const auto other = join_indexed_shards(*wrong, {shard("1", {"a"})});

  ASSERT_TRUE(whole);
  ASSERT_EQ(whole->warnings.size(), 2U);
  EXPECT_EQ(whole->warnings[0].message, "total_size is not a whole number");
  EXPECT_EQ(whole->warnings[1].message, "1 tensors are not in the index, such as \"c\"");
  ASSERT_TRUE(other);
  ASSERT_EQ(other->warnings.size(), 1U);
  EXPECT_EQ(other->warnings[0].message, "total_size is 5, the tensors have 4 bytes");
}

}  // namespace
}  // namespace owrd::weights
