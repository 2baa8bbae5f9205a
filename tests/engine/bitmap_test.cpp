#include "daemon/engine/bitmap.h"

#include <gtest/gtest.h>

namespace owrd::engine {
namespace {

TEST(Bitmap, PutsTheFirstBitAtTheTopOfTheFirstByte) {
  Bitmap bitmap(10);
  bitmap.set(0);
  bitmap.set(9);
  EXPECT_EQ(to_hex(bitmap.bytes()), "8040");
}

TEST(Bitmap, CountsEachBitOnce) {
  Bitmap bitmap(9);
  bitmap.set(3);
  bitmap.set(3);
  bitmap.set(8);
  EXPECT_EQ(bitmap.count(), 2U);
  bitmap.clear(3);
  bitmap.clear(3);
  EXPECT_EQ(bitmap.count(), 1U);
  EXPECT_FALSE(bitmap.test(3));
  EXPECT_TRUE(bitmap.test(8));
}

TEST(Bitmap, IgnoresBitsBeyondItsSizeAndTakesMissingOnesAsZero) {
  const Bitmap longer(4, *parse_hex("ffff"));
  EXPECT_EQ(longer.count(), 4U);
  EXPECT_TRUE(longer.all());
  EXPECT_EQ(to_hex(longer.bytes()), "f0");
  const Bitmap shorter(20, *parse_hex("ff"));
  EXPECT_EQ(shorter.count(), 8U);
  EXPECT_EQ(shorter.bytes().size(), 3U);
}

TEST(Bitmap, OfNothingHoldsAll) {
  const Bitmap bitmap(0);
  EXPECT_TRUE(bitmap.all());
  EXPECT_TRUE(bitmap.bytes().empty());
}

TEST(Bitmap, SetsAndClearsAll) {
  Bitmap bitmap(11);
  bitmap.set_all();
  EXPECT_TRUE(bitmap.all());
  EXPECT_EQ(to_hex(bitmap.bytes()), "ffe0");
  bitmap.clear_all();
  EXPECT_EQ(bitmap.count(), 0U);
  EXPECT_EQ(to_hex(bitmap.bytes()), "0000");
}

TEST(Bitmap, SlicesAndMergesAcrossBytes) {
  Bitmap bitmap(24);
  for (const std::uint32_t bit : {6U, 7U, 9U, 20U}) bitmap.set(bit);
  const auto part = bitmap.slice(5, 6);
  EXPECT_EQ(part.size(), 6U);
  EXPECT_EQ(to_hex(part.bytes()), "68");

  Bitmap other(24);
  other.set(11);
  other.merge(10, part);
  EXPECT_EQ(other.count(), 3U);
  EXPECT_TRUE(other.test(11) && other.test(12) && other.test(14));
}

}  // namespace
}  // namespace owrd::engine
