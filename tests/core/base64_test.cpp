#include "daemon/core/base64.h"

#include <gtest/gtest.h>

namespace owrd {
namespace {

TEST(Base64, IsPrintedWithAndWithoutPadding) {
  // RFC 4648 section 10.
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg");
  EXPECT_EQ(base64("fo"), "Zm8");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(padded_base64("f"), "Zg==");
  EXPECT_EQ(padded_base64("fo"), "Zm8=");
  EXPECT_EQ(padded_base64("foo"), "Zm9v");
}

TEST(Base64, IsTakenInEveryKind) {
  struct Case {
    std::string text, bytes;
  };
  const Case cases[] = {{"", ""},
                        {"Zg", "f"},
                        {"Zg==", "f"},
                        {"Zm8=", "fo"},
                        {"Zm9v", "foo"},
                        {"-_-_", "\xFB\xFF\xBF"},
                        {"+/+/", "\xFB\xFF\xBF"}};
  for (const auto& [text, bytes] : cases) {
    SCOPED_TRACE(text);
    const auto parsed = parse_base64(text);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, bytes);
  }
}

TEST(Base64, IsNothingElse) {
  for (const char* text : {"Z", "Zg=", "Z===", "====", "Zm9v=", "Zm9vY", "Zm 9", "Zm9*"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(parse_base64(text));
  }
}

}  // namespace
}  // namespace owrd
