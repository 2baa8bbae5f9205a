#include "daemon/control/escapes.h"

#include <cstddef>

#include "daemon/core/base64.h"
#include "daemon/core/text.h"

namespace owrd::control {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

unsigned to_unsigned(char c) { return static_cast<unsigned char>(c); }
char to_char(unsigned byte) { return static_cast<char>(static_cast<unsigned char>(byte)); }

/// The length of the character at the start of `text`, 0 when it is not well-formed.
std::size_t utf8_length(std::string_view text) {
  for (std::size_t length = 1; length <= 4 && length <= text.size(); ++length)
    if (is_valid_utf8(text.substr(0, length))) return length;
  return 0;
}

void append_json_character(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (to_unsigned(c) >= 0x20 && c != '\x7F') {
    out += c;
    return;
  }
  out += "\\u00";
  out += kHexDigits[to_unsigned(c) >> 4];
  out += kHexDigits[to_unsigned(c) & 15];
}

std::optional<unsigned> base64_value(char c) {
  if (c == '-') c = '+';
  if (c == '_') c = '/';
  const auto at = kBase64Digits.find(c);
  if (at == kBase64Digits.npos) return std::nullopt;
  return static_cast<unsigned>(at);
}

std::optional<unsigned> hex_value(char c) {
  if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  const auto at = kHexDigits.find(c);
  if (at == kHexDigits.npos) return std::nullopt;
  return static_cast<unsigned>(at);
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto length = utf8_length(text);
    out += length > 0 ? text.substr(0, length) : kReplacement;
    text.remove_prefix(length > 0 ? length : 1);
  }
  return out;
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : valid_utf8(text)) append_json_character(out, c);
  return out + '"';
}

std::string base64(std::string_view bytes) {
  auto out = to_base64(as_bytes(bytes));
  out.erase(out.find_last_not_of('=') + 1);
  return out;
}

std::optional<std::string> parse_base64(std::string_view text) {
  if (text.size() % 4 == 0 && text.ends_with('=')) text.remove_suffix(text.ends_with("==") ? 2 : 1);
  if (text.size() % 4 == 1) return std::nullopt;

  std::string out;
  unsigned bits = 0, count = 0;
  for (const char c : text) {
    const auto value = base64_value(c);
    if (!value) return std::nullopt;
    bits = (bits << 6 | *value) & 0xFFFF;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += to_char(bits >> count & 0xFF);
  }
  return out;
}

std::optional<std::string> parse_query_value(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      if (text.size() - i < 3) return std::nullopt;
      const auto high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
      if (!high || !low) return std::nullopt;
      out += to_char(*high << 4 | *low);
      i += 2;
    }
  }
  return out;
}

}  // namespace owrd::control
