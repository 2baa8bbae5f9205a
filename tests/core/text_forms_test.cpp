#include "daemon/core/text_forms.h"

#include <gtest/gtest.h>

#include <string>

namespace owrd {
namespace {

TEST(PlainText, IsLinesThatAreEachPlain) {
  for (const auto* text : {"", "one line", "two\nlines\n\n\tand a tab"})
    EXPECT_TRUE(is_plain_text(text)) << text;
  for (const auto* text : {"a\rb", "\x1b[0m", "\xe2\x80\xae", "\xe2\x80\xa8", "\xff"})
    EXPECT_FALSE(is_plain_text(text)) << text;
}

TEST(Decimal, IsANumberInDigits) {
  for (const auto* text : {"0", "-1", "0.5", "007", "3.8e25", "1E-3", "-2.5e+10"})
    EXPECT_TRUE(is_decimal(text)) << text;
  for (const auto* text : {"", "-", ".5", "5.", "1e", "e5", "0x10", "1 ", "+1", "NaN", "1,000"})
    EXPECT_FALSE(is_decimal(text)) << text;
}

TEST(HttpsUrl, NamesAHostAndNoUser) {
  for (const auto* text : {"https://acme.example", "https://acme.example:8443/a?b#c",
                           "https://[2001:db8::1]/x", "https://192.0.2.1/"})
    EXPECT_TRUE(is_https_url(text)) << text;
  for (const auto* text : {"", "http://acme.example/", "https://", "https:///x", "https://:443/",
                           "https://user@acme.example/", "https://acme.example/a b",
                           "https://acme.example/\xc3\xa9", "HTTPS://acme.example/"})
    EXPECT_FALSE(is_https_url(text)) << text;
  EXPECT_TRUE(is_https_url("https://" + std::string(1016, 'a')));
  EXPECT_FALSE(is_https_url("https://" + std::string(1017, 'a')));
}

}  // namespace
}  // namespace owrd
