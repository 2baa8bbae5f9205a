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

}  // namespace
}  // namespace owrd
