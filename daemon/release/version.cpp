#include <algorithm>
#include <string_view>

#include "daemon/release/manifest.h"

namespace owrd::release {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_identifier_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

bool is_numeric(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

bool is_plain_number(std::string_view text) {
  return is_numeric(text) && (text.size() == 1 || text.front() != '0');
}

bool is_build_identifier(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_identifier_character);
}

bool is_prerelease_identifier(std::string_view text) {
  return is_numeric(text) ? is_plain_number(text) : is_build_identifier(text);
}

/// The number of parts between the dots, or 0 when one of them does not hold.
int count_parts(std::string_view text, bool (*holds)(std::string_view)) {
  for (int count = 1;; ++count) {
    const auto dot = text.find('.');
    if (!holds(text.substr(0, dot))) return 0;
    if (dot == text.npos) return count;
    text.remove_prefix(dot + 1);
  }
}

}  // namespace

bool is_valid_version(std::string_view text) {
  if (const auto plus = text.find('+'); plus != text.npos) {
    if (count_parts(text.substr(plus + 1), is_build_identifier) == 0) return false;
    text = text.substr(0, plus);
  }
  if (const auto dash = text.find('-'); dash != text.npos) {
    if (count_parts(text.substr(dash + 1), is_prerelease_identifier) == 0) return false;
    text = text.substr(0, dash);
  }
  const int parts = count_parts(text, is_plain_number);
  return parts == 2 || parts == 3;
}

}  // namespace owrd::release
