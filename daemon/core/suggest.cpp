#include "daemon/core/suggest.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace owrd {
namespace {

constexpr std::size_t kLargestDistance = 2;
constexpr std::size_t kLongestText = 128;

/// Levenshtein's, by the row-wise algorithm of Wagner and Fischer.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

bool lengths_are_near(std::string_view a, std::string_view b) {
  return std::max(a.size(), b.size()) - std::min(a.size(), b.size()) <= kLargestDistance;
}

}  // namespace

std::optional<std::string> nearest(std::string_view text,
                                   std::span<const std::string_view> candidates) {
  if (text.empty() || text.size() > kLongestText) return std::nullopt;
  std::optional<std::string> best;
  std::size_t bound = std::min(kLargestDistance + 1, text.size());
  for (const auto candidate : candidates) {
    if (!lengths_are_near(text, candidate)) continue;
    const auto distance = edit_distance(text, candidate);
    if (distance >= bound) continue;
    best = std::string(candidate);
    bound = distance;
  }
  return best;
}

}  // namespace owrd
