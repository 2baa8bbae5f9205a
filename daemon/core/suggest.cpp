#include "daemon/core/suggest.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace owrd {
namespace {

constexpr std::size_t kLargestDistance = 2;
constexpr std::size_t kLongestText = 128;

/// Levenshtein's, in which two neighbours that have changed places are one step too (optimal string
/// alignment), row by row.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last = std::exchange(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
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
  // Half of it must be left.
  std::size_t bound = std::min(kLargestDistance, text.size() / 2) + 1;
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
