#pragma once

#include <optional>
#include <string>
#include <string_view>

/// What Unicode says of a name that a stranger chose.
namespace owrd::release {

/// The code points of strict UTF-8 (no surrogates, shortest forms); nothing when it is not that.
std::optional<std::u32string> decode_utf8(std::string_view text);

/// Why a reader could take a text with this character for another one: "a control character" and so
/// on. nullptr for letters, marks, numbers, punctuation, symbols and the space. Characters that
/// Unicode 14 does not assign are named too: their normal form is not settled.
const char* deceptive_kind(char32_t character);

/// Of valid UTF-8. Normal form NFC, and NFC after full case folding.
std::string to_nfc(std::string_view text);
std::string to_folded_nfc(std::string_view text);

}  // namespace owrd::release
