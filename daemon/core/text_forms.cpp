#include "daemon/core/text_forms.h"

#include <algorithm>
#include <string>

#include "daemon/core/text.h"

namespace owrd {
namespace {

constexpr std::size_t kLongestUrl = 1024;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool belongs_to_authority(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '.' || c == '_' ||
         c == '-' || c == ':' || c == '[' || c == ']';
}

/// Takes digits off the front; how many.
std::size_t skip_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const auto count = static_cast<std::size_t>(end - text.begin());
  text.remove_prefix(count);
  return count;
}

}  // namespace

bool is_plain_text(std::string_view text) {
  std::string line(text);
  std::replace(line.begin(), line.end(), '\t', ' ');
  std::replace(line.begin(), line.end(), '\n', ' ');
  return is_plain_line(line);
}

bool is_decimal(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (skip_digits(text) == 0) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (skip_digits(text) == 0) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (skip_digits(text) == 0) return false;
  }
  return text.empty();
}

bool is_https_url(std::string_view text) {
  constexpr std::string_view kScheme = "https://";
  if (text.size() > kLongestUrl || !text.starts_with(kScheme)) return false;
  if (!std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; }))
    return false;
  text.remove_prefix(kScheme.size());
  const auto authority = text.substr(0, text.find_first_of("/?#"));
  return !authority.empty() && authority.front() != ':' &&
         std::all_of(authority.begin(), authority.end(), belongs_to_authority);
}

}  // namespace owrd
