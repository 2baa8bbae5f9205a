#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// How values are spelt in TOML.
namespace owrd::card {

/// In quotes; of several lines in three of them. `text` is valid UTF-8.
std::string toml_string(std::string_view text);
/// Bare where that is allowed.
std::string toml_key(std::string_view key);
/// "7_000_000"; in quotes when TOML's integers do not hold it.
std::string toml_count(std::uint64_t count);

}  // namespace owrd::card
