#include "daemon/core/units.h"

#include <gtest/gtest.h>

#include <limits>

namespace owrd {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();

TEST(Sizes, ArePrintedInSiUnitsWithOneDecimal) {
  struct Case {
    std::uint64_t bytes;
    const char* text;
  };
  const Case cases[] = {
      {0, "0 B"},
      {999, "999 B"},
      {1000, "1.0 kB"},
      {1049, "1.0 kB"},
      {1050, "1.1 kB"},
      {999'949, "999.9 kB"},
      {999'950, "1.0 MB"},
      {141'200'000'000, "141.2 GB"},
      {8'000'000'000'000, "8.0 TB"},
      {999'999'999'999'999, "1.0 PB"},
      {kMax, "18.4 EB"},
  };
  for (const auto& [bytes, text] : cases) EXPECT_EQ(format_size(bytes), text);
}

TEST(Sizes, AreReadInSiAndIecUnits) {
  struct Case {
    const char* text;
    std::uint64_t bytes;
  };
  const Case cases[] = {
      {"0", 0},
      {"0B", 0},
      {"500B", 500},
      {"1kB", 1000},
      {"1KB", 1000},
      {"100MB", 100'000'000},
      {"1.5 TB", 1'500'000'000'000},
      {"32MiB", 32ULL << 20},
      {"0.5KiB", 512},
      {"1.1 MiB", 1'153'433},  // 1153433.6, rounded down.
      {"0.000000001EB", 1'000'000'000},
      {"15EiB", 15ULL << 60},
      {"18446744073709551615B", kMax},
  };
  for (const auto& [text, bytes] : cases) {
    SCOPED_TRACE(text);
    const auto size = parse_size(text);
    ASSERT_TRUE(size) << size.error().message;
    EXPECT_EQ(*size, bytes);
  }
}

TEST(Sizes, AreRefusedWithTheReason) {
  struct Case {
    const char* text;
    const char* cause;
  };
  const Case cases[] = {
      {"", "expected a number"},
      {"MB", "expected a number"},
      {"-1MB", "expected a number"},
      {"+1MB", "expected a number"},
      {" 1MB", "expected a number"},
      {".5MB", "expected a number"},
      {"1.MB", "expected a number"},
      {"1.0000000001EB", "expected a number"},
      {"18446744073709551616B", "expected a number"},
      {"100", "a unit is missing"},
      {"00", "a unit is missing"},
      {"0.0", "a unit is missing"},
      {"100Mb", "unknown unit"},
      {"100mb", "unknown unit"},
      {"1  MB", "unknown unit"},
      {"1 ", "unknown unit"},
      {"1MB ", "unknown unit"},
      {"1e3B", "unknown unit"},
      {"16EiB", "too large"},
      {"18.5EB", "too large"},
  };
  for (const auto& [text, cause] : cases) {
    SCOPED_TRACE(text);
    const auto size = parse_size(text);
    ASSERT_FALSE(size);
    EXPECT_EQ(size.error().code, ErrorCode::InvalidInput);
    EXPECT_EQ(size.error().message, "size \"" + std::string(text) + "\": " + cause);
  }
}

TEST(Durations, ArePrintedWithTwoUnitsAtMost) {
  struct Case {
    std::int64_t count;
    const char* text;
  };
  const Case cases[] = {
      {0, "0s"},        {41, "41s"},
      {60, "1m"},       {178, "2m58s"},
      {3600, "1h"},     {3601, "1h"},
      {21'900, "6h5m"}, {21'959, "6h5m"},
      {86'400, "1d"},   {273'600, "3d4h"},
      {-178, "-2m58s"}, {std::numeric_limits<std::int64_t>::min(), "-106751991167300d15h"},
  };
  for (const auto& [count, text] : cases) EXPECT_EQ(format_duration(seconds(count)), text);
}

TEST(Durations, AreRead) {
  struct Case {
    const char* text;
    milliseconds duration;
  };
  const Case cases[] = {
      {"0", milliseconds(0)},
      {"0s", milliseconds(0)},
      {"250ms", milliseconds(250)},
      {"30s", milliseconds(30'000)},
      {"10m", milliseconds(600'000)},
      {"2h", milliseconds(7'200'000)},
      {"7d", milliseconds(604'800'000)},
  };
  for (const auto& [text, expected] : cases) {
    SCOPED_TRACE(text);
    const auto duration = parse_duration(text);
    ASSERT_TRUE(duration) << duration.error().message;
    EXPECT_EQ(*duration, expected);
  }
}

TEST(Durations, AreRefusedWithTheReason) {
  struct Case {
    const char* text;
    const char* cause;
  };
  const Case cases[] = {
      {"", "expected a whole number"},
      {"s", "expected a whole number"},
      {"-5s", "expected a whole number"},
      {"30", "a unit is missing"},
      {"00", "a unit is missing"},
      {"30 s", "unknown unit"},
      {"1.5h", "unknown unit"},
      {"1h30m", "unknown unit"},
      {"5M", "unknown unit"},
      {"106751991168d", "too large"},
      {"99999999999999999999s", "expected a whole number"},
  };
  for (const auto& [text, cause] : cases) {
    SCOPED_TRACE(text);
    const auto duration = parse_duration(text);
    ASSERT_FALSE(duration);
    EXPECT_EQ(duration.error().code, ErrorCode::InvalidInput);
    EXPECT_EQ(duration.error().message, "duration \"" + std::string(text) + "\": " + cause);
  }
}

// Values by `date -u -d @N +%FT%TZ` of coreutils.
TEST(Times, ArePrintedInUtc) {
  EXPECT_EQ(format_time(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_time(1'790'928'900), "2026-10-02T08:15:00Z");
  EXPECT_EQ(format_time(951'782'399), "2000-02-28T23:59:59Z");
  EXPECT_EQ(format_time(951'782'400), "2000-02-29T00:00:00Z");
  EXPECT_EQ(format_time(-1), "1969-12-31T23:59:59Z");
}

TEST(Times, BeyondFourDigitsOfYearStayNumbers) {
  EXPECT_EQ(format_time(253'402'300'799), "9999-12-31T23:59:59Z");
  EXPECT_EQ(format_time(253'402'300'800), "unix time 253402300800");
  EXPECT_EQ(format_time(-62'167'219'200), "0000-01-01T00:00:00Z");
  EXPECT_EQ(format_time(std::numeric_limits<std::int64_t>::min()),
            "unix time -9223372036854775808");
}

}  // namespace
}  // namespace owrd
