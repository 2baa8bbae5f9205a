#include "daemon/control/escapes.h"

#include <gtest/gtest.h>

namespace owrd::control {
namespace {

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
