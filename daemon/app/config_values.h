#pragma once

#include <toml++/toml.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/app/config.h"

namespace owrd::app {

/// What is wrong with a value, as the end of the sentence "network.dht …"; empty when nothing is.
using Problem = std::string;

/// Each reads one value of owrd.toml, and leaves `out` alone when it is not acceptable.
Problem read_value(const toml::node& value, bool& out);
Problem read_value(const toml::node& value, std::filesystem::path& out);
Problem read_value(const toml::node& value, ReserveFree& out);
Problem read_value(const toml::node& value, Encryption& out);
Problem read_value(const toml::node& value, Profile& out);
Problem read_value(const toml::node& value, OnComplete& out);
Problem read_value(const toml::node& value, LogLevel& out);
Problem read_value(const toml::node& value, LogFormat& out);
/// Seconds: "7d", "0".
Problem read_value(const toml::node& value, std::chrono::seconds& out);

/// Absolute, or empty.
Problem read_optional_path(const toml::node& value, std::filesystem::path& out);
/// "100MB/s", "0".
Problem read_rate(const toml::node& value, std::uint64_t& out);
/// A ratio such as 1.5.
Problem read_permille(const toml::node& value, std::uint64_t& out);
Problem read_message_size(const toml::node& value, std::uint64_t& out);
Problem read_count(const toml::node& value, std::uint32_t low, std::uint32_t high,
                   std::uint32_t& out);
Problem read_group(const toml::node& value, std::string& out);
/// One line of plain text, at most 100 bytes.
Problem read_line(const toml::node& value, std::string& out);
/// The names that mirrors have here.
Problem read_petnames(const toml::node& value, std::vector<std::string>& out);
Problem read_listen(const toml::node& value, std::vector<std::string>& out);
Problem read_bootstrap(const toml::node& value, std::vector<std::string>& out);

/// The texts that the environment gives.
Problem parse_level(std::string_view text, LogLevel& out);
Problem parse_path(const std::string& text, std::filesystem::path& out);

}  // namespace owrd::app
