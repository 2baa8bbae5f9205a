#include "daemon/control/escapes.h"

#include <gtest/gtest.h>

namespace owrd::control {
namespace {

TEST(Escapes, PrintsBase64WithoutPadding) {
  // RFC 4648 section 10.
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg");
  EXPECT_EQ(base64("fo"), "Zm8");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

TEST(Escapes, TakesEveryKindOfBase64) {
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

TEST(Escapes, RefusesWhatIsNotBase64) {
  for (const char* text : {"Z", "Zg=", "Z===", "====", "Zm9v=", "Zm9vY", "Zm 9", "Zm9*"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(parse_base64(text));
  }
}

TEST(Escapes, PrintsJsonStringsOfAnyBytes) {
  EXPECT_EQ(json_string("a\"b\\c\n\x01"), "\"a\\\"b\\\\c\\n\\u0001\"");
  EXPECT_EQ(json_string("gr\xC3\xBC\xC3\x9F"), "\"gr\xC3\xBC\xC3\x9F\"");
  EXPECT_EQ(json_string("\xFF\xC3"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(json_string("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(Escapes, TakesQueryValuesApart) {
  EXPECT_EQ(parse_query_value("%7B%22a%22%3a1%7d+x"), "{\"a\":1} x");
  EXPECT_FALSE(parse_query_value("%"));
  EXPECT_FALSE(parse_query_value("%7"));
  EXPECT_FALSE(parse_query_value("%zz"));
}

}  // namespace
}  // namespace owrd::control
