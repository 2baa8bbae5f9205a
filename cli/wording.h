#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cli/output.h"
#include "owrd/v1/control.pb.h"

namespace owrd::cli {

/// "67.9/141.2 GB"; both units when they differ.
std::string size_of(std::uint64_t part, std::uint64_t whole);
/// "4 MiB": powers of two, as piece lengths are.
std::string piece_size(std::uint64_t bytes);
/// "48%": rounded down, so that 100% means all of it. Nothing of nothing is all of it.
std::string percent(std::uint64_t part, std::uint64_t whole);
/// "1 file", "3 files".
std::string count_of(std::uint64_t count, std::string_view noun);
/// "k1, k2, k3"
template <class Strings>
std::string joined(const Strings& list) {
  std::string text;
  for (const auto& item : list) text += (text.empty() ? "" : ", ") + item;
  return text;
}
/// "just now", "4 min ago", "6 h ago", "2 days ago".
std::string age(std::int64_t then, std::int64_t now);
/// "seeding", "getting" and so on: one word for people and programs.
std::string state_name(v1::ReleaseState state);
/// The first 12 digits of an id and an ellipsis.
std::string short_id(const std::string& hex, bool utf8);
/// "3F7A 91C2 0B44 88E1": the first 8 bytes of 64 hex digits.
std::string fingerprint_of(const std::string& hex);

}  // namespace owrd::cli
