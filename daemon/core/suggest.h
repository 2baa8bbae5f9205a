#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace owrd {

/// What a person who wrote `text` may have meant: the candidate that is at most two insertions,
/// deletions or replacements away (and fewer than `text` has characters), the nearest one, the
/// first among equals. None when there is no such candidate, or when `text` is longer than 128
/// bytes.
std::optional<std::string> nearest(std::string_view text,
                                   std::span<const std::string_view> candidates);

}  // namespace owrd
