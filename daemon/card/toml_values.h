#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <string>

#include "daemon/card/schema.h"
#include "daemon/core/result.h"

/// Single values of release.toml. The messages of errors are the ends of sentences that begin with
/// the key: "must be a string, not an array".
namespace owrd::card {

/// "a string", "an array", …
std::string kind_name(const toml::node& value);

Result<std::string> read_text(const toml::node& value);
/// 64 hex digits, perhaps after "sha256:"; gives 32 bytes.
Result<std::string> read_digest(const toml::node& value);
/// A date, a time with its offset, or either as a string; gives Unix seconds.
Result<std::int64_t> read_time(const toml::node& value);
/// An integer of at most `limit`, or its digits as a string, for what is too large for TOML.
Result<std::uint64_t> read_count(const toml::node& value, std::uint64_t limit);
Result<bool> read_flag(const toml::node& value);
/// Gives the number of the enum's value.
Result<int> read_word(const toml::node& value, const EnumDescriptor& type);

}  // namespace owrd::card
