#include "daemon/core/base64.h"

#include <gtest/gtest.h>

namespace owrd {
namespace {

TEST(Base64, PrintsTheVectorsOfRfc4648Section10) {
  EXPECT_EQ(to_base64(as_bytes("")), "");
  EXPECT_EQ(to_base64(as_bytes("f")), "Zg==");
  EXPECT_EQ(to_base64(as_bytes("fo")), "Zm8=");
  EXPECT_EQ(to_base64(as_bytes("foo")), "Zm9v");
  EXPECT_EQ(to_base64(as_bytes("foob")), "Zm9vYg==");
  EXPECT_EQ(to_base64(as_bytes("fooba")), "Zm9vYmE=");
  EXPECT_EQ(to_base64(as_bytes("foobar")), "Zm9vYmFy");
}

TEST(Base64, UsesTheStandardAlphabet) { EXPECT_EQ(to_base64(as_bytes("\xfb\xff\xbf")), "+/+/"); }

}  // namespace
}  // namespace owrd
