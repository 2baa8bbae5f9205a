#include "cli/progress.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace owrd::cli {
namespace {

using namespace std::chrono_literals;

v1::TransferProgress half_way() {
  v1::TransferProgress progress;
  auto& release = *progress.mutable_release();
  release.set_ref("acme/atlas:1.0");
  release.set_state(v1::RELEASE_STATE_GETTING);
  release.set_bytes_wanted(141'200'000'000);
  release.set_bytes_verified(67'900'000'000);
  release.set_download_rate(412'000'000);
  release.set_peers(38);
  release.set_seeds(31);
  progress.set_eta_seconds(178);
  auto& file = *progress.add_active();
  file.set_path("model-00007-of-00030.safetensors");
  file.set_length(4'700'000'000);
  file.set_bytes_verified(2'900'000'000);
  return progress;
}

TEST(Progress, DrawsTheFilesAndTheTotal) {
  const auto lines = render_transfer(half_way(), {120, true});

  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0],
            "model-00007-of-00030.safetensors  ██████████████▊           61%  2.9/4.7 GB");
  EXPECT_EQ(lines[1],
            "total  ███████████▌              48%  67.9/141.2 GB verified  412.0 MB/s  ETA 2m58s  "
            "38 peers (31 seeds)");
}

TEST(Progress, DrawsLessWhereThereIsLessRoom) {
  const auto lines = render_transfer(half_way(), {80, true});

  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], "model-000…0030.safetensors  ██████████████▊           61%  2.9/4.7 GB");
  EXPECT_EQ(lines[1],
            "total  ███▊      48%  67.9/141.2 GB  412.0 MB/s  ETA 2m58s  38 peers (31 seeds)");
}

TEST(Progress, DrawsInAsciiWhereTheLocaleIsNotUtf8) {
  EXPECT_EQ(render_bar(1, 4, 8, false), "##------");
  EXPECT_EQ(render_bar(5, 32, 8, true), "█▎      ");
  EXPECT_EQ(render_bar(9, 8, 4, true), "████");
}

TEST(Progress, NeverDrawsALineThatTheTerminalWouldBreak) {
  auto progress = half_way();
  progress.mutable_release()->set_detail(std::string(300, 'x'));
  for (const unsigned width : {20U, 40U, 80U, 200U})
    for (const auto& line : render_transfer(progress, {width, true}))
      EXPECT_LT(text_width(line), width) << line;
}

TEST(Progress, DrawsAtMostSixFiles) {
  auto progress = half_way();
  for (int i = 0; i < 20; ++i) *progress.add_active() = progress.active(0);

  EXPECT_EQ(render_transfer(progress, {80, true}).size(), 7U);
}

TEST(Progress, SaysItInOneLine) {
  EXPECT_EQ(transfer_line(half_way()),
            "48%  67.9/141.2 GB verified  412.0 MB/s  ETA 2m58s  38 peers (31 seeds)");
}

TEST(Progress, SaysWhatItWaitsFor) {
  v1::TransferProgress progress;
  progress.mutable_release()->set_state(v1::RELEASE_STATE_RESOLVING);
  progress.mutable_release()->set_detail("no peers yet");

  EXPECT_EQ(transfer_line(progress), "resolving  0 peers  waiting: no peers yet");
  EXPECT_EQ(render_transfer(progress, {80, true}),
            (std::vector<std::string>{"resolving  0 peers", "waiting: no peers yet"}));
}

/// Progress with a clock that is set by hand.
struct Shown {
  std::ostringstream out;
  std::ostringstream err;
  Output output;
  SteadyTime now{};
  Progress progress;
  explicit Shown(ProgressMode mode)
      : output(out, err, Look{}), progress(output, mode, [this] { return now; }) {}

  long lines() const {
    const auto text = err.str();
    return std::count(text.begin(), text.end(), '\n');
  }
};

TEST(Progress, PrintsAPlainLineEveryThirtySecondsOrFivePercent) {
  Shown shown(ProgressMode::Plain);
  auto progress = half_way();

  shown.progress.transfer(progress);
  shown.progress.transfer(progress);
  EXPECT_EQ(shown.lines(), 1);

  shown.now += 29s;
  shown.progress.transfer(progress);
  EXPECT_EQ(shown.lines(), 1);
  shown.now += 1s;
  shown.progress.transfer(progress);
  EXPECT_EQ(shown.lines(), 2);

  progress.mutable_release()->set_bytes_verified(76'000'000'000);
  shown.progress.transfer(progress);
  EXPECT_EQ(shown.lines(), 3);
}

TEST(Progress, PrintsAPlainLineWheneverTheReasonToWaitChanges) {
  Shown shown(ProgressMode::Plain);
  auto progress = half_way();
  shown.progress.transfer(progress);

  progress.mutable_release()->set_detail("the disk is full");
  shown.progress.transfer(progress);

  EXPECT_EQ(shown.lines(), 2);
}

TEST(Progress, RedrawsAtMostTenTimesASecond) {
  Shown shown(ProgressMode::Bar);
  shown.progress.transfer(half_way());
  const auto once = shown.err.str();

  shown.now += 50ms;
  shown.progress.transfer(half_way());
  EXPECT_EQ(shown.err.str(), once);

  shown.now += 50ms;
  shown.progress.transfer(half_way());
  EXPECT_NE(shown.err.str(), once);
}

TEST(Progress, GivesRecordsWithNumbersOnStandardErrorOrAmongTheData) {
  Shown lines(ProgressMode::JsonLines);
  lines.progress.transfer(half_way());
  Shown records(ProgressMode::Records);
  records.progress.transfer(half_way());

  EXPECT_NE(lines.err.str().find("\"bytes_verified\":67900000000"), std::string::npos);
  EXPECT_EQ(lines.out.str(), "");
  EXPECT_EQ(records.out.str(), lines.err.str());
  EXPECT_EQ(records.err.str(), "");
}

TEST(Progress, KnowsItsModes) {
  EXPECT_EQ(*parse_progress_mode("", true), ProgressMode::Bar);
  EXPECT_EQ(*parse_progress_mode("auto", false), ProgressMode::Plain);
  EXPECT_EQ(*parse_progress_mode("json", true), ProgressMode::JsonLines);
  EXPECT_FALSE(parse_progress_mode("fancy", true));
}

}  // namespace
}  // namespace owrd::cli
