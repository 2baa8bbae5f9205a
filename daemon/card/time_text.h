#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace owrd::card {

/// Unix seconds of "2026-03-31", its midnight in UTC, or of a time with its offset by RFC 3339:
/// "2026-03-31T08:15:00Z", "2026-03-31 08:15:00+02:00". Fractions of a second are left off. None
/// for all else, and for what is not between 1970 and 9999.
std::optional<std::int64_t> parse_time(std::string_view text);

}  // namespace owrd::card
