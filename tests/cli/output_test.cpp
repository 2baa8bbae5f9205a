#include "cli/output.h"

#include <gtest/gtest.h>

#include <sstream>

#include "cli/wording.h"

namespace owrd::cli {
namespace {

struct Printed {
  std::ostringstream out;
  std::ostringstream err;
  Output output;
  explicit Printed(const Look& look) : output(out, err, look) {}
};

Table sample() {
  return {
      {{"REF"}, {"SIZE", true}},
      {{Cell("acme/atlas:1.0"), Cell("1.5 GB", "1500000000")}, {Cell("n/b:2"), Cell("3 B", "3")}}};
}

TEST(Output, AlignsATableUnderAHeaderOnATerminal) {
  Look look;
  look.out_is_terminal = true;
  Printed printed(look);

  printed.output.table(sample());

  EXPECT_EQ(printed.out.str(),
            "REF               SIZE\n"
            "acme/atlas:1.0  1.5 GB\n"
            "n/b:2              3 B\n");
}

TEST(Output, PrintsATableAsTabSeparatedPlainValuesThroughAPipe) {
  Printed printed({});

  printed.output.table(sample());

  EXPECT_EQ(printed.out.str(), "acme/atlas:1.0\t1500000000\nn/b:2\t3\n");
}

TEST(Output, KeepsTabsAndLineEndsOutOfAField) {
  Printed printed({});

  printed.output.table({{{"A"}}, {{Cell("one\ttwo\nthree")}}});

  EXPECT_EQ(printed.out.str(), "one two?three\n");
}

TEST(Output, SeparatesDataFromTalk) {
  Printed printed({});

  printed.output.result("the path");
  printed.output.note("a note");
  printed.output.hint("a hint");

  EXPECT_EQ(printed.out.str(), "the path\n");
  EXPECT_EQ(printed.err.str(), "a note\nhint: a hint\n");
}

TEST(Output, SaysAnErrorWithItsHint) {
  Printed printed({});

  printed.output.error(
      {ErrorCode::Untrusted, "publisher \"evil\" is not pinned", "owrd publisher add FILE"});

  EXPECT_EQ(printed.err.str(),
            "error: publisher \"evil\" is not pinned\n  hint: owrd publisher add FILE\n");
}

TEST(Output, GivesAnErrorAsOneRecordInJson) {
  Look look;
  look.json = true;
  Printed printed(look);

  printed.output.error({ErrorCode::Untrusted, "no", "do"});

  EXPECT_EQ(printed.err.str(),
            "{\"type\":\"error\",\"code\":10,\"name\":\"untrusted\",\"message\":\"no\",\"hint\":"
            "\"do\"}\n");
}

TEST(Output, ColoursTheMarkAndNeverTheText) {
  Look look;
  look.color_err = true;
  Printed printed(look);

  printed.output.good("done");

  EXPECT_EQ(printed.err.str(), "\033[32m✓ \033[0mdone\n");
}

TEST(Output, UsesWordsWhereTheLocaleHasNoMarks) {
  Look look;
  look.utf8 = false;
  Printed printed(look);

  printed.output.good("done");
  printed.output.bad("broken");

  EXPECT_EQ(printed.err.str(), "ok: done\nbad: broken\n");
}

TEST(Output, LetsNoControlCharacterOfAStrangerThrough) {
  Printed printed({});

  printed.output.note(
      "a\033[2Jb\rc\x7f"
      "d\xC2\x9B"
      "e");
  printed.output.note("broken\xFF utf-8\xC3");

  EXPECT_EQ(printed.err.str(), "a?[2Jb?c?d?e\nbroken? utf-8?\n");
}

TEST(Output, KeepsNotesAndHintsToItselfWhenQuietButNotWarnings) {
  Look look;
  look.quiet = true;
  Printed printed(look);

  printed.output.note("note");
  printed.output.hint("hint");
  printed.output.warning("warning");

  EXPECT_EQ(printed.err.str(), "warning: warning\n");
}

TEST(Output, TakesTheLiveBlockAwayBeforeItPrintsAnythingElse) {
  Printed printed({});

  printed.output.live({"one", "two"});
  printed.output.note("note");

  EXPECT_EQ(printed.err.str(), "one\ntwo\n\r\033[2A\033[Jnote\n");
}

TEST(Output, SaysWhenStandardOutputTookNotAll) {
  Printed printed({});
  printed.out.setstate(std::ios::badbit);

  const auto flushed = printed.output.flush();

  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().code, ErrorCode::Io);
}

TEST(Wording, SaysPartsOfAWhole) {
  EXPECT_EQ(size_of(67'900'000'000, 141'200'000'000), "67.9/141.2 GB");
  EXPECT_EQ(size_of(900'000'000, 1'200'000'000), "900.0 MB/1.2 GB");
  EXPECT_EQ(piece_size(16 << 20), "16 MiB");
  EXPECT_EQ(piece_size(16 << 10), "16 KiB");
  EXPECT_EQ(percent(999, 1000), "99%");
  EXPECT_EQ(percent(1000, 1000), "100%");
  EXPECT_EQ(percent(0, 0), "100%");
  EXPECT_EQ(count_of(1, "file"), "1 file");
  EXPECT_EQ(count_of(0, "file"), "0 files");
}

TEST(Wording, SaysHowLongAgo) {
  EXPECT_EQ(age(100, 130), "just now");
  EXPECT_EQ(age(0, 240), "4 min ago");
  EXPECT_EQ(age(0, 6 * 3600), "6 h ago");
  EXPECT_EQ(age(0, 2 * 86400), "2 days ago");
  EXPECT_EQ(age(500, 100), "just now");
}

}  // namespace
}  // namespace owrd::cli
