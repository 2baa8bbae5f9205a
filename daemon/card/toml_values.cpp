#include "daemon/card/toml_values.h"

#include <charconv>
#include <cstdio>
#include <optional>
#include <vector>

#include "daemon/card/time_text.h"
#include "daemon/core/digest.h"
#include "daemon/core/suggest.h"
#include "daemon/core/text.h"

namespace owrd::card {
namespace {

Error fault(std::string message, std::string hint = {}) {
  return {ErrorCode::InvalidInput, std::move(message), std::move(hint)};
}

Error must_be(const std::string& what, const toml::node& value, std::string hint = {}) {
  return fault("must be " + what + ", not " + kind_name(value), std::move(hint));
}

const std::string* string_of(const toml::node& value) {
  const auto* text = value.as_string();
  return text ? &text->get() : nullptr;
}

std::string date_text(const toml::date& date) {
  char text[16];
  std::snprintf(text, sizeof text, "%04u-%02u-%02u", unsigned{date.year}, unsigned{date.month},
                unsigned{date.day});
  return text;
}

std::string clock_text(const toml::time& time) {
  char text[16];
  std::snprintf(text, sizeof text, "T%02u:%02u:%02u", unsigned{time.hour}, unsigned{time.minute},
                unsigned{time.second});
  return text;
}

std::string offset_text(const toml::time_offset& offset) {
  const int minutes = offset.minutes;
  const auto away = static_cast<unsigned>(minutes < 0 ? -minutes : minutes);
  char text[16];
  std::snprintf(text, sizeof text, "%c%02u:%02u", minutes < 0 ? '-' : '+', away / 60 % 100,
                away % 60);
  return text;
}

/// As parse_time() takes it; none for what is no date.
std::optional<std::string> time_text(const toml::node& value) {
  if (const auto* text = string_of(value)) return *text;
  if (const auto* date = value.as_date()) return date_text(date->get());
  const auto* time = value.as_date_time();
  if (!time) return std::nullopt;
  const auto& moment = time->get();
  return date_text(moment.date) + clock_text(moment.time) +
         (moment.offset ? offset_text(*moment.offset) : std::string());
}

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

/// The digits of "7_000_000", where each underscore stands between two of them.
std::optional<std::string> bare_digits(std::string_view text) {
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_digit(text[i]))
      digits += text[i];
    else if (text[i] != '_' || i == 0 || i + 1 == text.size() || !is_digit(text[i - 1]) ||
             !is_digit(text[i + 1]))
      return std::nullopt;
  }
  return digits;
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  const auto digits = bare_digits(text);
  if (!digits) return std::nullopt;
  std::uint64_t count = 0;
  const auto* end = digits->data() + digits->size();
  const auto [stopped, problem] = std::from_chars(digits->data(), end, count);
  if (problem != std::errc() || stopped != end) return std::nullopt;
  return count;
}

std::string list_of(const std::vector<std::string>& words) {
  std::string list;
  for (std::size_t i = 0; i < words.size(); ++i)
    list += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + quoted(words[i]);
  return list;
}

}  // namespace

std::string kind_name(const toml::node& value) {
  switch (value.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a float";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or time";
  }
}

Result<std::string> read_text(const toml::node& value) {
  if (const auto* text = string_of(value)) return *text;
  if (value.is_table() || value.is_array()) return must_be("a string", value);
  return must_be("a string", value,
                 value.is_number() ? "put it in quotes: a number is kept as it is written"
                                   : "put it in quotes");
}

Result<std::string> read_digest(const toml::node& value) {
  const auto* text = string_of(value);
  if (!text) return must_be("a string of 64 hex digits", value);
  std::string hex = ascii_lower(*text);
  if (hex.starts_with("sha256:")) hex.erase(0, 7);
  const auto digest = Digest::from_hex(hex);
  if (!digest) return fault("must be 64 hex digits, not " + quoted(*text));
  return digest->to_field();
}

Result<std::int64_t> read_time(const toml::node& value) {
  const auto text = time_text(value);
  if (!text) return must_be("a date or a time", value, "such as 2026-03-31");
  if (const auto time = parse_time(*text)) return *time;
  const auto* moment = value.as_date_time();
  if (moment && !moment->get().offset)
    return fault("is a time without its offset", "add it: " + *text + "Z");
  return fault("must be a date or a time between 1970 and 9999, not " + quoted(*text),
               "such as 2026-03-31 or 2026-03-31T08:15:00Z");
}

Result<std::uint64_t> read_count(const toml::node& value, std::uint64_t limit) {
  std::optional<std::uint64_t> count;
  if (const auto* number = value.as_integer()) {
    if (number->get() < 0) return fault("must not be negative");
    count = static_cast<std::uint64_t>(number->get());
  } else if (const auto* text = string_of(value)) {
    count = parse_count(*text);
    if (!count) return fault("must be a whole number, not " + quoted(*text), "such as 7_000_000");
  } else {
    return must_be("an integer", value, "such as 7_000_000");
  }
  if (*count > limit) return fault("must be at most " + std::to_string(limit));
  return *count;
}

Result<bool> read_flag(const toml::node& value) {
  if (const auto* flag = value.as_boolean()) return flag->get();
  return must_be("true or false", value);
}

Result<int> read_word(const toml::node& value, const EnumDescriptor& type) {
  const auto words = words_of(type);
  const auto* text = string_of(value);
  if (!text) return must_be(list_of(words), value);
  if (const auto* found = find_word(type, *text)) return found->number();
  const auto meant = nearest(*text, std::vector<std::string_view>(words.begin(), words.end()));
  return fault("must be " + list_of(words) + ", not " + quoted(*text),
               meant ? "did you mean " + quoted(*meant) + "?" : "");
}

}  // namespace owrd::card
