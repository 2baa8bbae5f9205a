#include "daemon/core/units.h"

#include <array>
#include <cstdio>
#include <limits>
#include <optional>
#include <utility>

#include "daemon/core/text.h"

namespace owrd {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A decimal number: its whole part, and the digits after the point as `fraction` of
/// `fraction_scale`.
struct Decimal {
  std::uint64_t whole = 0;
  std::uint64_t fraction = 0;
  std::uint64_t fraction_scale = 1;
};

std::optional<std::uint64_t> multiply(std::uint64_t a, std::uint64_t b) {
  if (b != 0 && a > std::numeric_limits<std::uint64_t>::max() / b) return std::nullopt;
  return a * b;
}

std::optional<std::uint64_t> add(std::uint64_t a, std::uint64_t b) {
  if (a > std::numeric_limits<std::uint64_t>::max() - b) return std::nullopt;
  return a + b;
}

/// Takes digits off the front of `text`; none when there are no digits, or too many.
std::optional<std::uint64_t> take_whole(std::string_view& text) {
  if (text.empty() || !is_digit(text[0])) return std::nullopt;
  std::uint64_t number = 0;
  while (!text.empty() && is_digit(text[0])) {
    const auto shifted = multiply(number, 10);
    if (!shifted) return std::nullopt;
    const auto sum = add(*shifted, static_cast<std::uint64_t>(text[0] - '0'));
    if (!sum) return std::nullopt;
    number = *sum;
    text.remove_prefix(1);
  }
  return number;
}

/// Takes a number with at most nine digits after the point: more would not fit scale().
std::optional<Decimal> take_decimal(std::string_view& text) {
  const auto whole = take_whole(text);
  if (!whole) return std::nullopt;
  Decimal number{*whole};
  if (text.empty() || text[0] != '.') return number;
  text.remove_prefix(1);
  const auto before = text.size();
  const auto fraction = take_whole(text);
  const auto digits = before - text.size();
  if (!fraction || digits > 9) return std::nullopt;
  number.fraction = *fraction;
  for (std::size_t i = 0; i < digits; ++i) number.fraction_scale *= 10;
  return number;
}

/// number * unit, rounded down.
std::optional<std::uint64_t> scale(const Decimal& number, std::uint64_t unit) {
  const auto whole = multiply(number.whole, unit);
  if (!whole) return std::nullopt;
  const auto coarse = unit / number.fraction_scale * number.fraction;
  const auto fine = unit % number.fraction_scale * number.fraction / number.fraction_scale;
  return add(*whole, coarse + fine);
}

using Unit = std::pair<std::string_view, std::uint64_t>;

constexpr std::array<Unit, 14> kSizeUnits = {{{"B", 1},
                                              {"kB", 1'000},
                                              {"KB", 1'000},
                                              {"MB", 1'000'000},
                                              {"GB", 1'000'000'000},
                                              {"TB", 1'000'000'000'000},
                                              {"PB", 1'000'000'000'000'000},
                                              {"EB", 1'000'000'000'000'000'000},
                                              {"KiB", std::uint64_t{1} << 10},
                                              {"MiB", std::uint64_t{1} << 20},
                                              {"GiB", std::uint64_t{1} << 30},
                                              {"TiB", std::uint64_t{1} << 40},
                                              {"PiB", std::uint64_t{1} << 50},
                                              {"EiB", std::uint64_t{1} << 60}}};

constexpr std::array<Unit, 5> kDurationUnits = {
    {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};

template <std::size_t count>
std::optional<std::uint64_t> find_unit(const std::array<Unit, count>& units,
                                       std::string_view name) {
  for (const auto& [unit, factor] : units)
    if (unit == name) return factor;
  return std::nullopt;
}

Error bad_size(std::string_view text, const char* cause) {
  return {ErrorCode::InvalidInput, "size " + quoted(text) + ": " + cause,
          "write a number and a unit, such as 500MB, 1.5TB or 32MiB"};
}

Error bad_duration(std::string_view text, const char* cause) {
  return {ErrorCode::InvalidInput, "duration " + quoted(text) + ": " + cause,
          "write a whole number and a unit, such as 250ms, 30s, 10m, 2h or 7d"};
}

}  // namespace

std::string format_size(std::uint64_t bytes) {
  static constexpr std::array<const char*, 6> kNames = {"kB", "MB", "GB", "TB", "PB", "EB"};
  if (bytes < 1000) return std::to_string(bytes) + " B";
  std::uint64_t unit = 1000;
  for (std::size_t i = 0;; ++i, unit *= 1000) {
    const auto tenths = bytes / unit * 10 + (bytes % unit * 10 + unit / 2) / unit;
    if (tenths >= 10'000 && i + 1 < kNames.size()) continue;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " " + kNames[i];
  }
}

Result<std::uint64_t> parse_size(std::string_view text) {
  auto rest = text;
  const auto number = take_decimal(rest);
  if (!number) return bad_size(text, "expected a number");
  if (rest.empty() && text == "0") return std::uint64_t{0};
  if (rest.empty()) return bad_size(text, "a unit is missing");
  if (rest[0] == ' ') rest.remove_prefix(1);
  const auto unit = find_unit(kSizeUnits, rest);
  if (!unit) return bad_size(text, "unknown unit");
  const auto bytes = scale(*number, *unit);
  if (!bytes) return bad_size(text, "too large");
  return *bytes;
}

std::string format_duration(std::chrono::seconds duration) {
  static constexpr std::array<std::pair<char, std::uint64_t>, 4> kUnits = {
      {{'d', 86'400}, {'h', 3'600}, {'m', 60}, {'s', 1}}};
  const auto count = duration.count();
  // Unsigned negation is defined for the smallest number too.
  const auto seconds = static_cast<std::uint64_t>(count);
  const auto magnitude = count < 0 ? std::uint64_t{0} - seconds : seconds;
  if (magnitude == 0) return "0s";
  std::string text = count < 0 ? "-" : "";
  std::size_t first = 0;
  while (magnitude < kUnits[first].second) ++first;
  text += std::to_string(magnitude / kUnits[first].second) + kUnits[first].first;
  if (first + 1 == kUnits.size()) return text;
  const auto [next_name, next_unit] = kUnits[first + 1];
  const auto next = magnitude % kUnits[first].second / next_unit;
  if (next != 0) text += std::to_string(next) + next_name;
  return text;
}

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  auto rest = text;
  const auto number = take_whole(rest);
  if (!number) return bad_duration(text, "expected a whole number");
  if (text == "0") return std::chrono::milliseconds(0);
  if (rest.empty()) return bad_duration(text, "a unit is missing");
  const auto unit = find_unit(kDurationUnits, rest);
  if (!unit) return bad_duration(text, "unknown unit");
  const auto milliseconds = multiply(*number, *unit);
  static constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (!milliseconds || *milliseconds > kMost) return bad_duration(text, "too large");
  return std::chrono::milliseconds(static_cast<std::int64_t>(*milliseconds));
}

std::string format_time(std::int64_t unix_seconds) {
  using std::chrono::days;
  using std::chrono::seconds;
  using std::chrono::sys_seconds;
  // The first second of year 0 and the last of 9999: RFC 3339 writes no others.
  static constexpr std::int64_t kFirst = -62'167'219'200;
  static constexpr std::int64_t kLast = 253'402'300'799;
  if (unix_seconds < kFirst || unix_seconds > kLast)
    return "unix time " + std::to_string(unix_seconds);
  const sys_seconds time{seconds(unix_seconds)};
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

}  // namespace owrd
