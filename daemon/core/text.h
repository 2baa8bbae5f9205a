#pragma once

#include <string>
#include <string_view>

namespace owrd {

/// Well-formed by Unicode's table 3-7: no overlong form, no surrogate, nothing above U+10FFFF.
bool is_valid_utf8(std::string_view text);

/// Valid UTF-8 that stays one line and reads as it is written: no control characters, line or
/// paragraph separators, and no marks that turn the direction of writing.
bool is_plain_line(std::string_view text);

/// quoted(text) is a stranger's text for an error message: in double quotes, at most 80 bytes of
/// it, and printable ASCII alone; all else as \xNN. An object, so that std::quoted() is not found
/// instead where <iomanip> is included.
struct Quoted {
  std::string operator()(std::string_view text) const;
};
inline constexpr Quoted quoted;

/// `text` as one word of a shell command.
std::string shell_quote(std::string_view text);

/// ASCII letters in lower case, all else as it is.
std::string ascii_lower(std::string_view text);

}  // namespace owrd
