#include "daemon/weights/safetensors.h"

#include <gtest/gtest.h>

#include "tests/weights/made_bytes.h"

namespace owrd::weights {
namespace {

std::string info(const std::string& name, const std::string& dtype, const std::string& shape,
                 const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":[" + shape +
         "],\"data_offsets\":[" + offsets + "]}";
}

std::string reason_of(const std::string& file) {
  TextSource source(file);
  const auto inventory = read_safetensors(source);
  return inventory ? "" : inventory.error().message;
}

TEST(Safetensors, TellsTensorsAndMetadata) {
  const auto header = "{\"__metadata__\":{\"format\":\"pt\"}," + info("b", "F16", "2,3", "4,16") +
                      "," + info("a", "F32", "", "0,4") + "," +
                      info("none", "I64", "0,7", "16,16") + "," + info("q", "F4", "2", "16,17") +
                      "}  ";
  TextSource source(safetensors_file(header, 17));

  const auto inventory = read_safetensors(source);

  ASSERT_TRUE(inventory) << inventory.error().message;
  const auto begin = 8 + header.size();
  ASSERT_EQ(inventory->tensors.size(), 4U);
  EXPECT_EQ(inventory->tensors[0].name, "b");
  EXPECT_EQ(inventory->tensors[0].dtype, "F16");
  EXPECT_EQ(inventory->tensors[0].shape, (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(inventory->tensors[0].bytes, (ByteRange{begin + 4, begin + 16}));
  EXPECT_EQ(inventory->tensors[1].shape, std::vector<std::uint64_t>{});
  EXPECT_EQ(inventory->metadata.at("format"), "pt");
  EXPECT_EQ(parameter_count(*inventory), 6U + 1 + 0 + 2);
  EXPECT_TRUE(inventory->warnings.empty());
}

TEST(Safetensors, ReadsOfATerabyteTheHeaderAlone) {
  const std::uint64_t terabyte = 1ULL << 40;
  const auto header =
      "{" + info("a", "U8", std::to_string(terabyte), "0," + std::to_string(terabyte)) + "}";
  HeadOnlySource source(safetensors_file(header, 0), 8 + header.size() + terabyte);

  const auto inventory = read_safetensors(source);

  ASSERT_TRUE(inventory) << inventory.error().message;
  EXPECT_EQ(inventory->tensors[0].bytes->size(), terabyte);
}

TEST(Safetensors, RefusesWithTheReason) {
  struct Case {
    std::string file, reason;
  };
  const auto a = info("a", "U8", "1", "0,1");
  const auto b = info("b", "U8", "1", "1,2");
  const auto one = [](const std::string& tensor) {
    return safetensors_file("{" + tensor + "}", 1);
  };
  const Case cases[] = {
      {"", "the file is shorter than its header's length"},
      {le(1, 8), "the header is longer than the file"},
      {le(~0ULL, 8), "a header of 18446744073709551615 bytes, the most is 100,000,000"},
      {le(0, 8), "the header does not begin with {"},
      {safetensors_file(" {}", 0), "the header does not begin with {"},
      {safetensors_file("\xEF\xBB\xBF{}", 0), "the header does not begin with {"},
      {safetensors_file("[]", 0), "the header does not begin with {"},
      {safetensors_file("{", 0), "JSON: not valid at byte 2"},
      {safetensors_file("{}}", 0), "JSON: not valid at byte 3"},
      {safetensors_file(std::string("{}\0", 3), 0), "JSON: holds a NUL"},
      {safetensors_file("{/**/}", 0), "JSON: not valid at byte 2"},
      {safetensors_file("{\"\\ud800\":1}", 0), "JSON: not valid at byte 9"},
      {safetensors_file("{" + a + "," + a + "}", 1), "JSON: key twice: \"a\""},
      {safetensors_file("{" + a + "," + info("\\u0061", "U8", "1", "0,1") + "}", 1),
       "JSON: key twice: \"a\""},
      {safetensors_file("{\"__metadata__\":{\"a\":\"\",\"a\":\"\"}}", 0), "JSON: key twice: \"a\""},
      {safetensors_file("{\"__metadata__\":{\"a\":1}}", 0),
       "__metadata__: a value that is not a string"},
      {safetensors_file("{\"__metadata__\":{\"a\":{}}}", 0),
       "__metadata__: a value that is not a string"},
      {safetensors_file("{\"__metadata__\":[]}", 0), "__metadata__: not an object"},
      {safetensors_file("{\"a\":1}", 0), "tensor \"a\": not an object"},
      {safetensors_file("{\"a\":{}}", 0), "tensor \"a\": no dtype"},
      {safetensors_file("{\"a\":{\"dtype\":\"U8\"}}", 0), "tensor \"a\": no shape"},
      {safetensors_file("{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 0),
       "tensor \"a\": data_offsets are not two numbers"},
      {safetensors_file("{\"a\":{\"dtype\":[]}}", 0), "tensor \"a\": dtype is no string"},
      {safetensors_file("{\"a\":{\"dtype\":8}}", 0), "tensor \"a\": dtype is no string"},
      {safetensors_file("{\"a\":{\"shape\":{}}}", 0), "tensor \"a\": shape is no list"},
      {safetensors_file("{\"a\":{\"shape\":1}}", 0), "tensor \"a\": shape is no list"},
      {safetensors_file("{\"a\":{\"shape\":[[1]]}}", 0),
       "tensor \"a\": shape holds more than numbers"},
      {one(info("a", "U8", "-1", "0,1")),
       "tensor \"a\": shape holds more than whole numbers from 0"},
      {one(info("a", "U8", "1.0", "0,1")),
       "tensor \"a\": shape holds more than whole numbers from 0"},
      {one(info("a", "U8", "281474976710656", "0,1")),
       "tensor \"a\": shape holds a number above 2^48-1"},
      {one(info("a", "U8", "281474976710655,281474976710655", "0,1")),
       "tensor \"a\": the shape is too large"},
      {one(info("a", "U8", "1", "0,1,2")), "tensor \"a\": data_offsets are not two numbers"},
      {one(info("a", "U8", "1", "1,0")), "tensor \"a\": ends before it begins"},
      {one(info("a", "u8", "1", "0,1")), "tensor \"a\": unknown dtype \"u8\""},
      {one(info("a", "U8", "2", "0,1")), "tensor \"a\": has 1 bytes, dtype and shape make 2"},
      {one(info("a", "F4", "3", "0,1")), "tensor \"a\": does not fill its last byte"},
      {one(info("", "U8", "1", "0,1")), "tensor name \"\": empty"},
      {one(info("a\\u0000", "U8", "1", "0,1")), "tensor name \"a\\x00\": holds control characters"},
      {safetensors_file("{" + a + "}", 2), "1 bytes behind the last tensor"},
      {safetensors_file("{" + a + "}", 0), "the tensors end behind the file"},
      {safetensors_file("{" + b + "}", 2), "a hole before tensor \"b\""},
      {safetensors_file("{" + a + "," + info("b", "U8", "2", "0,2") + "}", 2),
       "tensor \"b\" overlaps the one before it"},
      {safetensors_file("{\"a\":" + std::string(100, '[') + "}", 0), "tensor \"a\": not an object"},
      {safetensors_file("{\"a\":{\"x\":" + std::string(100, '[') + "}}", 0),
       "JSON: more than 64 levels"},
  };
  for (const auto& [file, reason] : cases) {
    SCOPED_TRACE(reason + " / " + file.substr(0, 200));
    EXPECT_EQ(reason_of(file), "safetensors: " + reason);
  }
}

TEST(Safetensors, WarnsOfWhatReadersTakeInDifferentWays) {
  struct Case {
    std::string header, rule;
  };
  const Case cases[] = {
      {"{}\n", "safetensors.padding"},
      {"{\"__metadata__\":null}", "safetensors.metadata-null"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0],\"x\":1}}",
       "safetensors.unknown-field"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0],\"x\":{\"y\":[1]}}}",
       "safetensors.unknown-field"},
  };
  for (const auto& [header, rule] : cases) {
    SCOPED_TRACE(header);
    TextSource source(safetensors_file(header, 0));
    const auto inventory = read_safetensors(source);
    ASSERT_TRUE(inventory) << inventory.error().message;
    ASSERT_EQ(inventory->warnings.size(), 1U);
    EXPECT_EQ(inventory->warnings[0].rule, rule);
  }
}

}  // namespace
}  // namespace owrd::weights
