#include "daemon/core/text.h"

#include <gtest/gtest.h>

namespace owrd {
namespace {

TEST(Utf8, AcceptsEveryLengthUpToItsEdges) {
  for (const std::string text :
       {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "Gr\xc3\xbc\xc3\x9f"}) {
    EXPECT_TRUE(is_valid_utf8(text)) << quoted(text);
  }
  EXPECT_TRUE(is_valid_utf8(std::string_view("a\0b", 3)));
}

// The ill-formed ranges of Unicode 15, table 3-7.
TEST(Utf8, RefusesOverlongSurrogateTruncatedAndTooLarge) {
  for (const std::string text :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x80\x80", "\xe0\x9f\xbf",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xe2\x82", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "ok\xfe", "\xc2\x80\x80"}) {
    EXPECT_FALSE(is_valid_utf8(text)) << quoted(text);
  }
}

TEST(PlainLine, RefusesWhatCouldDeceiveAReader) {
  EXPECT_TRUE(is_plain_line("Acme Labs \xe2\x80\x94 Gr\xc3\xbc\xc3\x9f"));
  for (const std::string text :
       {"a\nb", "a\tb", "\x1b[0m", "\x7f", "\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xae",
        "\xe2\x80\x8f", "\xe2\x81\xa6", "\xd8\x9c", "\xef\xbb\xbf", "\xff"}) {
    EXPECT_FALSE(is_plain_line(text)) << quoted(text);
  }
}

TEST(Quoted, IsPrintableAndShort) {
  EXPECT_EQ(quoted("atlas"), "\"atlas\"");
  EXPECT_EQ(quoted("a\"b\\c\n\xff"), "\"a\\x22b\\x5cc\\x0a\\xff\"");
  EXPECT_EQ(quoted(std::string(80, 'a')), "\"" + std::string(80, 'a') + "\"");
  EXPECT_EQ(quoted(std::string(81, 'a')), "\"" + std::string(80, 'a') + "...\"");
}

TEST(ShellQuote, QuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(shell_quote("acme/atlas:1.0"), "acme/atlas:1.0");
  EXPECT_EQ(shell_quote("*.json"), "'*.json'");
  EXPECT_EQ(shell_quote("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_quote(""), "''");
}

TEST(AsciiLower, LeavesOtherLettersAlone) {
  EXPECT_EQ(ascii_lower("AZaz09-_[@`{"), "azaz09-_[@`{");
  EXPECT_EQ(ascii_lower("\xc3\x84"), "\xc3\x84");
}

}  // namespace
}  // namespace owrd
