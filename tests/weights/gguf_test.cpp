#include "daemon/weights/gguf.h"

#include <gtest/gtest.h>

#include "tests/weights/made_bytes.h"

namespace owrd::weights {
namespace {

constexpr std::uint32_t kU8 = 0, kU16 = 2, kU32 = 4, kI32 = 5, kF32 = 6, kBool = 7, kString = 8,
                        kArray = 9;
constexpr std::uint32_t kTypeF32 = 0, kTypeQ4K = 12;

std::string reason_of(const std::string& file) {
  TextSource source(file);
  const auto inventory = read_gguf(source);
  return inventory ? "" : inventory.error().message;
}

TEST(Gguf, TellsTensorsAndMetadata) {
  MadeGguf made;
  made.text("general.architecture", "llama")
      .text("tokenizer.ggml.model", "gpt2")
      .text("tokenizer.chat_template", "{{ x }}")
      .pair("llama.context_length", kU32, le(8192, 4))
      .pair("general.file_type", kU32, le(15, 4))
      .pair("llama.rope.freq_base", kF32, le(0x3FC00000, 4))
      .pair("a.list", kArray, le(kI32, 4) + le(2, 8) + le(~0U, 4) + le(7, 4))
      .pair(
          "tokenizer.ggml.tokens", kArray, le(kString, 4) + le(65, 8) + [] {
            std::string tokens;
            for (int i = 0; i < 65; ++i) tokens += MadeGguf::string("t");
            return tokens;
          }());
  made.tensor("w", {256, 2}, kTypeQ4K, 0).tensor("b", {3}, kTypeF32, 288);
  TextSource source(made.file(320));

  const auto inventory = read_gguf(source);

  ASSERT_TRUE(inventory) << inventory.error().message;
  EXPECT_EQ(inventory->version, "3");
  EXPECT_EQ(inventory->architecture, "llama");
  EXPECT_EQ(inventory->tokenizer, "gpt2");
  EXPECT_EQ(inventory->chat_template, "{{ x }}");
  EXPECT_EQ(inventory->context_length, 8192U);
  EXPECT_EQ(inventory->metadata.at("general.file_type"), "Q4_K_M");
  EXPECT_EQ(inventory->metadata.at("llama.rope.freq_base"), "1.5");
  EXPECT_EQ(inventory->metadata.at("a.list"), "-1, 7");
  EXPECT_EQ(inventory->metadata.at("tokenizer.ggml.tokens"), "[65 x string]");
  ASSERT_EQ(inventory->tensors.size(), 2U);
  EXPECT_EQ(inventory->tensors[0].dtype, "Q4_K");
  EXPECT_EQ(inventory->tensors[0].shape, (std::vector<std::uint64_t>{2, 256}));
  EXPECT_EQ(inventory->tensors[0].bytes->size(), 288U);
  EXPECT_EQ(inventory->tensors[1].bytes->end, source.size() - 320 + 288 + 12);
  EXPECT_EQ(parameter_count(*inventory), 515U);
  EXPECT_EQ(dtype_histogram(*inventory)[0].dtype, "Q4_K");
  EXPECT_TRUE(inventory->warnings.empty());
}

TEST(Gguf, RefusesWithTheReason) {
  struct Case {
    std::string file, reason;
  };
  const auto tensor = [](std::initializer_list<std::uint64_t> shape, std::uint32_t type,
                         std::uint64_t offset) {
    return MadeGguf().tensor("t", shape, type, offset).file(64);
  };
  const auto pair = [](std::uint32_t kind, const std::string& value) {
    return MadeGguf().pair("k", kind, value).file();
  };
  const Case cases[] = {
      {"GGUF", "ends after byte 4, 4 bytes were to follow byte 4"},
      {"FUGG" + le(3, 4), "begins with \"FUGG\""},
      {MadeGguf{1}.file(), "version 1 is neither 2 nor 3"},
      {MadeGguf{4}.file(), "version 4 is neither 2 nor 3"},
      {MadeGguf{0x03000000}.file(), "the file is big-endian, which common readers refuse"},
      {MadeGguf{3, ~0ULL}.file(), "18446744073709551615 tensors, more than the file can hold"},
      {MadeGguf{3, 0, ~0ULL}.file(), "18446744073709551615 keys, more than the file can hold"},
      {MadeGguf().text("k", "").text("k", "").file(), "key \"k\": twice"},
      {MadeGguf().text("", "long enough").file(), "key \"\": empty"},
      {MadeGguf().text("\x01", "long enough").file(), "key \"\\x01\": not printable ASCII"},
      {MadeGguf{3, 0, 1, le(~0ULL, 8) + std::string(14, 'k')}.file(),
       "a key: 18446744073709551615 bytes of text at byte 32, the most is 65535"},
      {pair(13, "xxxx"), "key \"k\": unknown kind 13"},
      {pair(kString, le(100, 8)),
       "key \"k\": ends after byte 45, 100 bytes were to follow byte 45"},
      {pair(kArray, le(kArray, 4) + le(1, 8)), "key \"k\": a list of lists"},
      {pair(kArray, le(kU8, 4) + le(100, 8)), "key \"k\": a list of 100, longer than the file"},
      {pair(kArray, le(kString, 4) + le(1ULL << 61, 8)),
       "key \"k\": a list of 2305843009213693952, longer than the file"},
      {MadeGguf().pair("general.alignment", kU32, le(13, 4)).file(),
       "general.alignment is \"13\", no power of two"},
      {MadeGguf().pair("general.alignment", kU16, le(32, 2)).file(),
       "general.alignment is \"32\", no power of two"},
      {tensor({1, 1, 1, 1, 1}, kTypeF32, 0), "tensor \"t\": 5 dimensions, the most is 4"},
      {tensor({1ULL << 62, 1ULL << 62}, kTypeF32, 0), "tensor \"t\": the shape is too large"},
      {tensor({~0ULL}, kTypeF32, 0), "tensor \"t\": the shape is too large"},
      {tensor({1ULL << 62}, kTypeF32, 0), "tensor \"t\": the shape is too large"},
      {tensor({255}, kTypeQ4K, 0), "tensor \"t\": rows of 255 do not fill blocks of 256"},
      {tensor({1}, kTypeF32, 8), "tensor \"t\": offset 8 is no multiple of 32"},
      {tensor({1}, kTypeF32, 64), "tensor \"t\": ends behind the file"},
      {tensor({1}, kTypeF32, ~0ULL - 31), "tensor \"t\": ends behind the file"},
      {MadeGguf().tensor("t", {1}, 0, 0).tensor("t", {1}, 0, 32).file(64), "tensor \"t\": twice"},
      {MadeGguf().tensor("t", {1}, 0, 0).tensor("u", {1}, 0, 0).file(64),
       "tensor \"u\": overlaps the one before it"},
      {MadeGguf().tensor(std::string(64, 't'), {1}, 0, 0).file(64),
       "a tensor's name: 64 bytes of text at byte 32, the most is 63"},
      {MadeGguf().tensor("", {1}, 0, 0).file(64), "tensor name \"\": empty"},
  };
  for (const auto& [file, reason] : cases) {
    SCOPED_TRACE(reason);
    EXPECT_EQ(reason_of(file), "GGUF: " + reason);
  }
}

TEST(Gguf, WarnsOfWhatReadersTakeInDifferentWays) {
  struct Case {
    std::string file, rule;
  };
  const Case cases[] = {
      {MadeGguf().tensor("a", {1}, 0, 32).tensor("b", {1}, 0, 0).file(64), "gguf.order"},
      {MadeGguf().tensor("a", {1}, 0, 32).file(64), "gguf.hole"},
      {MadeGguf().tensor("a", {1}, 0, 0).file(33), "gguf.left-over"},
      {MadeGguf().tensor("a", {1}, 99, 0).file(64), "gguf.unknown-type"},
      {MadeGguf().pair("k", kBool, le(2, 1)).file(), "gguf.boolean"},
  };
  for (const auto& [file, rule] : cases) {
    SCOPED_TRACE(rule);
    TextSource source(file);
    const auto inventory = read_gguf(source);
    ASSERT_TRUE(inventory) << inventory.error().message;
    ASSERT_EQ(inventory->warnings.size(), 1U);
    EXPECT_EQ(inventory->warnings[0].rule, rule);
  }
}

Shard split(const std::string& name, int number, int count, const std::string& tensor) {
  MadeGguf made;
  made.pair("split.no", kU16, le(static_cast<std::uint64_t>(number), 2))
      .pair("split.count", kU16, le(static_cast<std::uint64_t>(count), 2))
      .pair("split.tensors.count", kI32, le(2, 4));
  if (number == 0) made.text("general.architecture", "llama");
  made.tensor(tensor, {1}, kTypeF32, 0);
  TextSource source(made.file(4));
  auto inventory = read_gguf(source);
  EXPECT_TRUE(inventory);
  return {name, *inventory};
}

TEST(Gguf, JoinsSplits) {
  const auto whole = join_gguf_splits({split("2", 1, 2, "b"), split("1", 0, 2, "a")});

  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_EQ(whole->architecture, "llama");
  EXPECT_EQ(whole->files, (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(whole->tensors[1].file, 1U);
}

TEST(Gguf, RefusesSplitsThatAreNotASet) {
  const auto reason = [](std::vector<Shard> splits) {
    const auto whole = join_gguf_splits(std::move(splits));
    return whole ? "" : whole.error().message;
  };

  EXPECT_EQ(reason({}), "no files to join");
  EXPECT_EQ(reason({Shard{"x", {}}}), "GGUF: \"x\" says not which part of a split model it is");
  EXPECT_EQ(reason({split("1", 0, 2, "a")}), "GGUF: \"1\" is one of 2 parts, there are 1");
  EXPECT_EQ(reason({split("1", 0, 2, "a"), split("2", 0, 2, "b")}),
            "GGUF: part 1 of the split model is missing");
  EXPECT_EQ(reason({split("1", 0, 2, "a"), split("2", 1, 2, "a")}),
            "tensor \"a\" is in \"1\" and in \"2\"");
  EXPECT_EQ(reason({split("1", 0, 1, "a")}),
            "GGUF: the parts hold 1 tensors, split.tensors.count is 2");
}

}  // namespace
}  // namespace owrd::weights
