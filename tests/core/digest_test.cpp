#include "daemon/core/digest.h"

#include <gtest/gtest.h>

namespace owrd {
namespace {

const std::string kHex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

TEST(Digest, GoesToHexAndToAFieldAndBack) {
  const auto digest = Digest::from_hex(kHex);
  ASSERT_TRUE(digest);

  EXPECT_EQ(digest->to_hex(), kHex);
  const auto back = Digest::from_bytes(as_bytes(digest->to_field()));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, *digest);
}

TEST(Digest, IsExactly32Bytes) {
  EXPECT_EQ(Digest::from_hex(kHex + "20").error().message,
            "digest: expected 64 hex digits, got 66");
  EXPECT_EQ(Digest::from_hex("").error().message, "digest: expected 64 hex digits, got 0");
  EXPECT_EQ(Digest::from_hex(std::string(64, 'A')).error().message,
            "digest: expected 64 lower-case hex digits");
  EXPECT_EQ(Digest::from_bytes(Bytes(31)).error().message, "digest: expected 32 bytes, got 31");
}

TEST(Digest, IsOrderedByItsBytes) {
  const auto low = Digest::from_hex("00" + std::string(62, 'f'));
  const auto high = Digest::from_hex("80" + std::string(62, '0'));

  EXPECT_LT(*low, *high);
}

}  // namespace
}  // namespace owrd
