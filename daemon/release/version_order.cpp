#include "daemon/release/version_order.h"

#include <algorithm>

namespace owrd::release {
namespace {

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Negative, zero or positive. Numbers have no leading zeros, so the longer one is the larger.
int compare_identifiers(std::string_view a, std::string_view b) {
  if (is_number(a) != is_number(b)) return is_number(a) ? -1 : 1;
  if (is_number(a) && a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.compare(b);
}

/// Takes the first dot-separated part off `rest`.
std::string_view take_part(std::string_view& rest) {
  const auto dot = rest.find('.');
  const auto part = rest.substr(0, dot);
  rest = dot == rest.npos ? std::string_view{} : rest.substr(dot + 1);
  return part;
}

int compare_lists(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty())
    if (const int order = compare_identifiers(take_part(a), take_part(b)); order != 0) return order;
  if (a.empty() && b.empty()) return 0;
  return a.empty() ? -1 : 1;
}

std::string_view without_build(std::string_view version) {
  return version.substr(0, version.find('+'));
}

}  // namespace

bool is_pre_release(std::string_view version) {
  return without_build(version).find('-') != version.npos;
}

bool version_before(std::string_view a, std::string_view b) {
  a = without_build(a);
  b = without_build(b);
  const auto dash_a = a.find('-');
  const auto dash_b = b.find('-');
  if (const int order = compare_lists(a.substr(0, dash_a), b.substr(0, dash_b)); order != 0)
    return order < 0;
  if (dash_a == a.npos) return false;
  if (dash_b == b.npos) return true;
  return compare_lists(a.substr(dash_a + 1), b.substr(dash_b + 1)) < 0;
}

}  // namespace owrd::release
