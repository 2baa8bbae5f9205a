#include "cli/wording.h"

#include <algorithm>
#include <array>

#include "daemon/core/digest.h"
#include "daemon/core/units.h"
#include "daemon/trust/key.h"

namespace owrd::cli {

std::string size_of(std::uint64_t part, std::uint64_t whole) {
  auto first = format_size(part);
  const auto second = format_size(whole);
  const auto unit = second.substr(second.find(' '));
  if (first.ends_with(unit)) first.erase(first.size() - unit.size());
  return first + "/" + second;
}

std::string piece_size(std::uint64_t bytes) {
  constexpr std::uint64_t kKib = 1024;
  constexpr std::uint64_t kMib = 1024 * 1024;
  if (bytes >= kMib && bytes % kMib == 0) return std::to_string(bytes / kMib) + " MiB";
  if (bytes >= kKib && bytes % kKib == 0) return std::to_string(bytes / kKib) + " KiB";
  return std::to_string(bytes) + " B";
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
  if (part >= whole) return "100%";
  const auto share = static_cast<double>(part) / static_cast<double>(whole);
  return std::to_string(std::min(99, static_cast<int>(share * 100.0))) + "%";
}

std::string count_of(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string age(std::int64_t then, std::int64_t now) {
  const auto seconds = std::max<std::int64_t>(now - then, 0);
  if (seconds < 60) return "just now";
  if (seconds < 3600) return std::to_string(seconds / 60) + " min ago";
  if (seconds < 2 * 86400) return std::to_string(seconds / 3600) + " h ago";
  return std::to_string(seconds / 86400) + " days ago";
}

std::string state_name(v1::ReleaseState state) {
  switch (state) {
    case v1::RELEASE_STATE_RESOLVING:
      return "resolving";
    case v1::RELEASE_STATE_GETTING:
      return "getting";
    case v1::RELEASE_STATE_VERIFYING:
      return "verifying";
    case v1::RELEASE_STATE_SEEDING:
      return "seeding";
    case v1::RELEASE_STATE_COMPLETE:
      return "complete";
    case v1::RELEASE_STATE_PAUSED:
      return "paused";
    case v1::RELEASE_STATE_DAMAGED:
      return "damaged";
    case v1::RELEASE_STATE_FAILED:
      return "failed";
    default:
      return "unknown";
  }
}

std::string short_id(const std::string& hex, bool utf8) {
  return hex.substr(0, 12) + (utf8 ? "…" : "...");
}

std::string fingerprint_of(const std::string& hex) {
  const auto digest = Digest::from_hex(hex);
  return digest ? trust::fingerprint(*digest) : hex;
}

}  // namespace owrd::cli
