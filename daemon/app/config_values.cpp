#include "daemon/app/config_values.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include "daemon/core/ref.h"
#include "daemon/core/suggest.h"
#include "daemon/core/text.h"
#include "daemon/core/units.h"

namespace owrd::app {
namespace {

constexpr std::size_t kMostStrings = 64;
constexpr std::size_t kMaxHostBytes = 253;   // RFC 1035 section 2.3.4, without the root's dot.
constexpr std::size_t kMaxDeviceBytes = 15;  // IFNAMSIZ, netdevice(7).
constexpr double kMaxRatio = 1e6;
constexpr std::chrono::hours kMaxSeedTime{24 * 365 * 100};
constexpr std::uint64_t kMinMessageBytes = 64 << 10;
constexpr std::uint64_t kMaxMessageBytes = 256 << 20;
// libtorrent keeps its limits in an int.
constexpr std::uint64_t kMaxRate = std::numeric_limits<std::int32_t>::max();

std::string kind_of(const toml::node& value) {
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

Problem must_be(const std::string& what, const toml::node& value) {
  return "must be " + what + ", not " + kind_of(value);
}

const std::string* string_of(const toml::node& value) {
  const auto* text = value.as_string();
  return text ? &text->get() : nullptr;
}

template <class Enum, std::size_t count>
Problem choose(std::string_view text, const std::pair<std::string_view, Enum> (&choices)[count],
               Enum& out) {
  std::vector<std::string_view> names;
  std::string list;
  for (const auto& [name, choice] : choices) {
    if (name == text) {
      out = choice;
      return {};
    }
    names.push_back(name);
    list += (list.empty() ? "" : names.size() == count ? " or " : ", ") + owrd::quoted(name);
  }
  const auto meant = nearest(text, names);
  return "must be " + list + ", not " + owrd::quoted(text) +
         (meant ? "; did you mean " + owrd::quoted(*meant) + "?" : "");
}

template <class Enum, std::size_t count>
Problem read_choice(const toml::node& value,
                    const std::pair<std::string_view, Enum> (&choices)[count], Enum& out) {
  const auto* text = string_of(value);
  return text ? choose(*text, choices, out) : must_be("a string", value);
}

constexpr std::pair<std::string_view, Encryption> kEncryptions[] = {
    {"enabled", Encryption::Enabled},
    {"disabled", Encryption::Disabled},
    {"forced", Encryption::Forced}};
constexpr std::pair<std::string_view, Profile> kProfiles[] = {{"home", Profile::Home},
                                                              {"server", Profile::Server}};
constexpr std::pair<std::string_view, OnComplete> kOnComplete[] = {{"seed", OnComplete::Seed},
                                                                   {"stop", OnComplete::Stop}};
constexpr std::pair<std::string_view, LogLevel> kLevels[] = {{"debug", LogLevel::Debug},
                                                             {"info", LogLevel::Info},
                                                             {"warning", LogLevel::Warning},
                                                             {"error", LogLevel::Error}};
constexpr std::pair<std::string_view, LogFormat> kFormats[] = {{"auto", LogFormat::Auto},
                                                               {"text", LogFormat::Text},
                                                               {"json", LogFormat::Json},
                                                               {"journal", LogFormat::Journal}};

// "5%" or "2.5%": at most one decimal.
std::optional<std::uint32_t> parse_percent(std::string_view text) {
  if (!text.ends_with('%')) return std::nullopt;
  text.remove_suffix(1);
  const auto dot = text.find('.');
  std::string digits(text.substr(0, dot));
  if (dot == std::string_view::npos) {
    digits += '0';
  } else {
    if (text.size() != dot + 2) return std::nullopt;
    digits += text.back();
  }
  std::uint32_t permille = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), permille);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.size() < 2)
    return std::nullopt;
  return permille;
}

bool is_port(std::string_view text, std::uint32_t low) {
  std::uint32_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return !text.empty() && text.front() != '+' && error == std::errc() &&
         end == text.data() + text.size() && port >= low && port <= 65535;
}

bool is_address(int family, std::string_view text) {
  in6_addr address{};
  return inet_pton(family, std::string(text).c_str(), &address) == 1;
}

bool is_name(std::string_view text, std::size_t longest) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  };
  return !text.empty() && text.size() <= longest &&
         std::all_of(text.begin(), text.end(), is_allowed);
}

// A text of only digits and dots that is no IPv4 address is a misspelt one, not a name.
bool is_host(std::string_view text, std::size_t longest_name) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']')
    return is_address(AF_INET6, text.substr(1, text.size() - 2));
  if (text.find_first_not_of("0123456789.") == std::string_view::npos)
    return is_address(AF_INET, text);
  return is_name(text, longest_name);
}

bool is_endpoint(std::string_view text, std::size_t longest_name, std::uint32_t lowest_port) {
  const auto colon = text.rfind(':');
  return colon != std::string_view::npos && is_host(text.substr(0, colon), longest_name) &&
         is_port(text.substr(colon + 1), lowest_port);
}

template <class IsGood>
Problem read_strings(const toml::node& value, const char* example, IsGood is_good,
                     std::vector<std::string>& out) {
  const auto* array = value.as_array();
  if (!array) return must_be("an array of strings", value);
  if (array->size() > kMostStrings)
    return "has more than " + std::to_string(kMostStrings) + " entries";
  std::vector<std::string> entries;
  for (const auto& entry : *array) {
    const auto* text = string_of(entry);
    if (!text) return must_be("an array of strings", entry);
    if (!is_good(*text)) return "has " + owrd::quoted(*text) + ", which is not like " + example;
    entries.push_back(*text);
  }
  out = std::move(entries);
  return {};
}

}  // namespace

Problem read_value(const toml::node& value, bool& out) {
  const auto* boolean = value.as_boolean();
  if (!boolean) return must_be("true or false", value);
  out = boolean->get();
  return {};
}

Problem read_value(const toml::node& value, std::filesystem::path& out) {
  const auto* text = string_of(value);
  return text ? parse_path(*text, out) : must_be("a string", value);
}

Problem read_value(const toml::node& value, ReserveFree& out) {
  const auto* text = string_of(value);
  if (!text) return must_be("a string such as \"5%\" or \"50GB\"", value);
  if (text->ends_with('%')) {
    const auto permille = parse_percent(*text);
    if (!permille || *permille > 900)
      return "must be \"0%\" to \"90%\" of the file system, or a size, not " + owrd::quoted(*text);
    out = {*permille, 0};
    return {};
  }
  const auto size = parse_size(*text);
  if (!size)
    return "must be a share or a size such as \"5%\" or \"50GB\", not " + owrd::quoted(*text);
  out = {0, *size};
  return {};
}

Problem read_value(const toml::node& value, Encryption& out) {
  return read_choice(value, kEncryptions, out);
}
Problem read_value(const toml::node& value, Profile& out) {
  return read_choice(value, kProfiles, out);
}
Problem read_value(const toml::node& value, OnComplete& out) {
  return read_choice(value, kOnComplete, out);
}
Problem read_value(const toml::node& value, LogLevel& out) {
  return read_choice(value, kLevels, out);
}
Problem read_value(const toml::node& value, LogFormat& out) {
  return read_choice(value, kFormats, out);
}

Problem read_value(const toml::node& value, std::chrono::seconds& out) {
  const auto* text = string_of(value);
  if (!text) return must_be("a string with a unit such as \"7d\"", value);
  const auto duration = parse_duration(*text);
  if (!duration) return "must be a duration such as \"7d\" or \"0\", not " + owrd::quoted(*text);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*duration);
  if (seconds != *duration) return "must be whole seconds, not " + owrd::quoted(*text);
  if (seconds > kMaxSeedTime) return "must be at most 100 years, not " + owrd::quoted(*text);
  out = seconds;
  return {};
}

Problem read_optional_path(const toml::node& value, std::filesystem::path& out) {
  const auto* text = string_of(value);
  if (!text || !text->empty()) return read_value(value, out);
  out.clear();
  return {};
}

Problem read_rate(const toml::node& value, std::uint64_t& out) {
  const auto* text = string_of(value);
  if (!text) return must_be("a string with a unit such as \"100MB/s\"", value);
  std::string_view size = *text;
  const bool per_second = size.ends_with("/s");
  if (per_second) size.remove_suffix(2);
  const auto rate = parse_size(size);
  if (!rate || (!per_second && *rate != 0))
    return "must be a rate such as \"100MB/s\", or \"0\" for none, not " + owrd::quoted(*text);
  if (*rate > kMaxRate) return "must be at most \"2147483647B/s\"; \"0\" is no limit";
  out = *rate;
  return {};
}

Problem read_permille(const toml::node& value, std::uint64_t& out) {
  if (!value.is_number()) return must_be("a number such as 1.5", value);
  const double ratio = value.is_integer() ? static_cast<double>(value.as_integer()->get())
                                          : value.as_floating_point()->get();
  // Written so that NaN fails, too.
  if (!(ratio >= 0 && ratio <= kMaxRatio)) return "must be 0 (no limit) to 1000000";
  const auto permille = static_cast<std::uint64_t>(std::llround(ratio * 1000));
  if (permille == 0 && ratio > 0) return "must be at least 0.001, or 0 for no limit";
  out = permille;
  return {};
}

Problem read_message_size(const toml::node& value, std::uint64_t& out) {
  const auto* text = string_of(value);
  if (!text) return must_be("a string with a unit such as \"4MiB\"", value);
  const auto size = parse_size(*text);
  if (!size || *size < kMinMessageBytes || *size > kMaxMessageBytes)
    return "must be a size from \"64KiB\" to \"256MiB\", not " + owrd::quoted(*text);
  out = *size;
  return {};
}

Problem read_count(const toml::node& value, std::uint32_t low, std::uint32_t high,
                   std::uint32_t& out) {
  const auto* number = value.as_integer();
  if (!number) return must_be("an integer", value);
  if (number->get() < low || number->get() > high)
    return "must be " + std::to_string(low) + " to " + std::to_string(high) + ", not " +
           std::to_string(number->get());
  out = static_cast<std::uint32_t>(number->get());
  return {};
}

Problem read_group(const toml::node& value, std::string& out) {
  const auto* text = string_of(value);
  if (!text) return must_be("a string", value);
  if (!text->empty() && !is_name(*text, 32))
    return "must be the name of a group, or empty, not " + owrd::quoted(*text);
  out = *text;
  return {};
}

Problem read_line(const toml::node& value, std::string& out) {
  constexpr std::size_t kLongestLine = 100;
  const auto* text = string_of(value);
  if (!text) return must_be("a string", value);
  if (text->size() > kLongestLine || !is_plain_line(*text))
    return "must be one line of at most 100 bytes, not " + owrd::quoted(*text);
  out = *text;
  return {};
}

Problem read_petnames(const toml::node& value, std::vector<std::string>& out) {
  return read_strings(
      value, "\"uni-mirror\"", [](std::string_view text) { return is_valid_petname(text); }, out);
}

Problem read_listen(const toml::node& value, std::vector<std::string>& out) {
  std::vector<std::string> entries;
  const auto is_good = [](std::string_view text) { return is_endpoint(text, kMaxDeviceBytes, 0); };
  auto problem =
      read_strings(value, "\"0.0.0.0:29170\", \"[::]:29170\" or \"eth0:29170\"", is_good, entries);
  if (!problem.empty()) return problem;
  if (entries.empty()) return "must name at least one address";
  out = std::move(entries);
  return {};
}

Problem read_bootstrap(const toml::node& value, std::vector<std::string>& out) {
  const auto is_good = [](std::string_view text) { return is_endpoint(text, kMaxHostBytes, 1); };
  return read_strings(value, "\"dht.example.org:6881\"", is_good, out);
}

Problem parse_level(std::string_view text, LogLevel& out) { return choose(text, kLevels, out); }

Problem parse_path(const std::string& text, std::filesystem::path& out) {
  if (text.find('\0') != std::string::npos) return "must not hold a NUL";
  const std::filesystem::path path(text);
  if (!path.is_absolute()) return "must be an absolute path, not " + owrd::quoted(text);
  out = path;
  return {};
}

}  // namespace owrd::app
