#include "daemon/release/unicode.h"

#include <utf8proc.h>

#include <cassert>
#include <cstdlib>
#include <memory>

namespace owrd::release {
namespace {

/// One character at the front of a text; a size of 0 when there is none.
struct Front {
  char32_t character;
  std::size_t size;
};

Front front_of(std::string_view text) {
  utf8proc_int32_t character = -1;
  const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                     static_cast<utf8proc_ssize_t>(text.size()), &character);
  if (size <= 0 || character < 0) return {0, 0};
  return {static_cast<char32_t>(character), static_cast<std::size_t>(size)};
}

std::string map_text(std::string_view text, int options) {
  utf8proc_uint8_t* mapped = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(text.size()), &mapped,
                                 static_cast<utf8proc_option_t>(options));
  assert(size >= 0);
  const std::unique_ptr<utf8proc_uint8_t, void (*)(void*)> owner(mapped, std::free);
  return std::string(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size));
}

}  // namespace

std::optional<std::u32string> decode_utf8(std::string_view text) {
  std::u32string characters;
  while (!text.empty()) {
    const auto front = front_of(text);
    if (front.size == 0) return std::nullopt;
    characters += front.character;
    text.remove_prefix(front.size);
  }
  return characters;
}

const char* deceptive_kind(char32_t character) {
  const auto* property = utf8proc_get_property(static_cast<utf8proc_int32_t>(character));
  switch (property->category) {
    case UTF8PROC_CATEGORY_CC:
      return "a control character";
    case UTF8PROC_CATEGORY_CF:
      return "an invisible formatting character";
    case UTF8PROC_CATEGORY_CO:
      return "a private-use character";
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CN:
      return "a character that Unicode 14 does not assign";
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return "a line or paragraph separator";
    case UTF8PROC_CATEGORY_ZS:
      return character == U' ' ? nullptr : "a space other than the plain one";
    default:
      return property->ignorable ? "an invisible character" : nullptr;
  }
}

std::string to_nfc(std::string_view text) {
  return map_text(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

std::string to_folded_nfc(std::string_view text) {
  return map_text(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
}

}  // namespace owrd::release
