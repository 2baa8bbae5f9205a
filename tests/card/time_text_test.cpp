#include "daemon/card/time_text.h"

#include <gtest/gtest.h>

#include <string>

#include "daemon/core/units.h"

namespace owrd::card {
namespace {

TEST(TimeText, ReadsDatesAndTimesWithTheirOffset) {
  const std::pair<std::string, std::string> cases[] = {
      {"1970-01-01", "1970-01-01T00:00:00Z"},
      {"2024-02-29", "2024-02-29T00:00:00Z"},
      {"2026-03-31T08:15:00Z", "2026-03-31T08:15:00Z"},
      {"2026-03-31 08:15:00+02:00", "2026-03-31T06:15:00Z"},
      {"2026-03-31t08:15:00.999z", "2026-03-31T08:15:00Z"},
      {"1969-12-31T23:30:00-01:00", "1970-01-01T00:30:00Z"},
      {"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"}};
  for (const auto& [text, time] : cases) {
    const auto parsed = parse_time(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(format_time(*parsed), time) << text;
  }
}

TEST(TimeText, RefusesAllElse) {
  for (const auto* text : {"",
                           "2026",
                           "2026-03",
                           "2026-3-1",
                           "2026-02-29",
                           "2026-13-01",
                           "2026-00-01",
                           "1969-12-31",
                           "10000-01-01",
                           "2026-03-31T08:15:00",
                           "2026-03-31T08:15Z",
                           "2026-03-31T24:00:00Z",
                           "2026-03-31T08:60:00Z",
                           "2026-03-31T08:15:60Z",
                           "2026-03-31T08:15:00.Z",
                           "2026-03-31T08:15:00+2",
                           "2026-03-31T08:15:00Zx",
                           "2026-03-31x",
                           "-026-03-31",
                           "9999-12-31T23:59:59-00:01",
                           "1970-01-01T00:00:00+00:01"})
    EXPECT_FALSE(parse_time(text)) << text;
}

}  // namespace
}  // namespace owrd::card
