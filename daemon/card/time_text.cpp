#include "daemon/card/time_text.h"

#include <chrono>

namespace owrd::card {
namespace {

constexpr std::int64_t kMaxTime = 253'402'300'799;

/// Takes what it is asked for off the front of a text; once something is not there, is_good() is
/// false.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool is_good() const { return is_good_; }
  bool is_at_end() const { return rest_.empty(); }

  /// `digits` digits, that make at most `limit`.
  int number(std::size_t digits, int limit) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) value = value * 10 + digit();
    is_good_ = is_good_ && value <= limit;
    return value;
  }
  bool skip_one_of(std::string_view letters) {
    if (rest_.empty() || letters.find(rest_.front()) == letters.npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(std::string_view letters) { is_good_ = skip_one_of(letters) && is_good_; }
  void skip_digits() {
    while (skip_one_of("0123456789")) continue;
  }

 private:
  int digit() {
    if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') {
      is_good_ = false;
      return 0;
    }
    const int value = rest_.front() - '0';
    rest_.remove_prefix(1);
    return value;
  }

  std::string_view rest_;
  bool is_good_ = true;
};

std::chrono::sys_days date(Cursor& text, bool& is_date) {
  const auto year = text.number(4, 9999);
  text.expect("-");
  const auto month = static_cast<unsigned>(text.number(2, 12));
  text.expect("-");
  const auto day = static_cast<unsigned>(text.number(2, 31));
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  is_date = text.is_good() && date.ok();
  return is_date ? std::chrono::sys_days(date) : std::chrono::sys_days{};
}

std::chrono::seconds time_of_day(Cursor& text) {
  const std::chrono::hours hours(text.number(2, 23));
  text.expect(":");
  const std::chrono::minutes minutes(text.number(2, 59));
  text.expect(":");
  const std::chrono::seconds seconds(text.number(2, 59));
  if (text.skip_one_of(".")) {
    text.number(1, 9);
    text.skip_digits();
  }
  return hours + minutes + seconds;
}

std::chrono::minutes offset(Cursor& text) {
  if (text.skip_one_of("Zz")) return {};
  const bool is_west = text.skip_one_of("-");
  if (!is_west) text.expect("+");
  const std::chrono::hours hours(text.number(2, 23));
  text.expect(":");
  const std::chrono::minutes away = hours + std::chrono::minutes(text.number(2, 59));
  return is_west ? -away : away;
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text) {
  Cursor cursor(text);
  bool is_date = false;
  std::chrono::sys_seconds time = date(cursor, is_date);
  if (!is_date) return std::nullopt;
  if (!cursor.is_at_end()) {
    cursor.expect("Tt ");
    time += time_of_day(cursor);
    time -= offset(cursor);
  }
  const std::int64_t seconds = time.time_since_epoch().count();
  if (!cursor.is_good() || !cursor.is_at_end() || seconds < 0 || seconds > kMaxTime)
    return std::nullopt;
  return seconds;
}

}  // namespace owrd::card
