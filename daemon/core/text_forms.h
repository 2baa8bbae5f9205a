#pragma once

#include <string_view>

namespace owrd {

/// Lines that are each plain (is_plain_line()), with tabs in them.
bool is_plain_text(std::string_view text);

/// A decimal number as signed objects hold it: "-0.5", "70000000000", "3.8e25".
bool is_decimal(std::string_view text);

/// https://HOST[:PORT]/… of at most 1,024 bytes, in visible ASCII and without a user's name.
bool is_https_url(std::string_view text);

}  // namespace owrd
