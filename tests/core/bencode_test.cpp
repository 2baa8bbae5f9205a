#include "daemon/core/bencode.h"

#include <gtest/gtest.h>

#include <limits>

namespace owrd {
namespace {

// The examples of BEP 3.
TEST(Bencode, WritesTheExamplesOfTheSpecification) {
  EXPECT_EQ(Bencode(std::string("spam")).encode(), "4:spam");
  EXPECT_EQ(Bencode(3).encode(), "i3e");
  EXPECT_EQ(Bencode(-3).encode(), "i-3e");
  EXPECT_EQ(Bencode(Bencode::List{std::string("spam"), std::string("eggs")}).encode(),
            "l4:spam4:eggse");
  Bencode::Dictionary cows;
  cows.emplace("cow", std::string("moo"));
  cows.emplace("spam", std::string("eggs"));
  EXPECT_EQ(Bencode(cows).encode(), "d3:cow3:moo4:spam4:eggse");
}

TEST(Bencode, SortsKeysByTheirRawBytes) {
  Bencode::Dictionary dictionary;
  for (const auto* key : {"b", "a.b", "\xc3\xa9", "a", "a-b", "B", ""}) dictionary.emplace(key, 0);

  EXPECT_EQ(Bencode(dictionary).encode(), "d0:i0e1:Bi0e1:ai0e3:a-bi0e3:a.bi0e1:bi0e2:\xc3\xa9i0ee");
}

TEST(Bencode, KeepsZeroBytesAndTheEdgesOfNumbers) {
  EXPECT_EQ(Bencode(std::string("a\0b", 3)).encode(), std::string("3:a\0b", 5));
  EXPECT_EQ(Bencode(std::string()).encode(), "0:");
  EXPECT_EQ(Bencode(Bencode::List{}).encode(), "le");
  EXPECT_EQ(Bencode(Bencode::Dictionary{}).encode(), "de");
  EXPECT_EQ(Bencode(std::numeric_limits<std::int64_t>::min()).encode(), "i-9223372036854775808e");
}

TEST(Bencode, LetsADictionaryBeFilledInPlace) {
  Bencode value(Bencode::Dictionary{});

  value.dictionary().emplace("length", 5);

  EXPECT_EQ(value.encode(), "d6:lengthi5ee");
}

TEST(Bencode, ReadsWhatItWrites) {
  const std::string texts[] = {
      "4:spam",
      "0:",
      "i3e",
      "i-3e",
      "i0e",
      "i-9223372036854775808e",
      "i9223372036854775807e",
      "le",
      "l4:spam4:eggse",
      "de",
      "d3:cow3:moo4:spam4:eggse",
      "d0:i0e1:Bi0e1:ali1ed1:xleeee",
      "llllllll"
      "eeeeeeee",
      std::string("3:a\0b", 5),
  };
  for (const auto& text : texts) {
    const auto value = Bencode::parse(text);
    ASSERT_TRUE(value) << text;
    EXPECT_EQ(value->encode(), text);
  }
}

TEST(Bencode, ReadsNoOtherSpelling) {
  const std::string spelled_otherwise[] = {
      "i03e", "i-0e", "i-03e", "04:spam", "d1:bi0e1:ai0ee", "d1:ai0e1:ai0ee", "d1:ai0e1:ai1ee"};
  for (const auto& text : spelled_otherwise) {
    const auto value = Bencode::parse(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().code, ErrorCode::Corrupt);
    EXPECT_EQ(value.error().message, "not in canonical bencoding");
  }
  const std::string no_values[] = {"",
                                   "i",
                                   "ie",
                                   "i3",
                                   "i+3e",
                                   "i 3e",
                                   "i3x",
                                   "3:ab",
                                   "-1:a",
                                   "4spam",
                                   "4",
                                   ":",
                                   "l",
                                   "li0e",
                                   "d",
                                   "d1:a",
                                   "d1:ae",
                                   "di0ei0ee",
                                   "e",
                                   "x",
                                   "i0ei0e",
                                   "4:spam ",
                                   "i9223372036854775808e",
                                   "99999999999999999999:a",
                                   "lllllllll"
                                   "eeeeeeeee"};
  for (const auto& text : no_values) {
    const auto value = Bencode::parse(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().message, "not bencoded, or cut short, or followed by more");
  }
}

TEST(Bencode, FindsWhatADictionaryHolds) {
  const auto value = *Bencode::parse("d1:ai7e1:b1:xe");

  ASSERT_NE(value.find_number("a"), nullptr);
  EXPECT_EQ(*value.find_number("a"), 7);
  ASSERT_NE(value.find_text("b"), nullptr);
  EXPECT_EQ(*value.find_text("b"), "x");
  EXPECT_EQ(value.find_text("a"), nullptr);
  EXPECT_EQ(value.find_number("b"), nullptr);
  EXPECT_EQ(value.find_text("c"), nullptr);
  EXPECT_EQ(Bencode::parse("1:a")->find_text("a"), nullptr);
}

}  // namespace
}  // namespace owrd
