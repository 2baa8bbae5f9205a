#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/core/result.h"

namespace owrd {

/// SI with one decimal: "0 B", "999 B", "1.0 kB", "141.2 GB".
std::string format_size(std::uint64_t bytes);
/// Accepts "0", "500B", "100MB", "1.5 TB", "32MiB" (SI and IEC units); a bare number other than 0
/// is refused.
Result<std::uint64_t> parse_size(std::string_view text);
/// Two units at most: "0s", "41s", "2m58s", "6h5m", "3d4h".
std::string format_duration(std::chrono::seconds duration);
/// Accepts "0", "250ms", "30s", "10m", "2h", "7d"; a bare number other than 0 is refused.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);
/// RFC 3339 in UTC: "2026-10-02T08:15:00Z".
std::string format_time(std::int64_t unix_seconds);

}  // namespace owrd
