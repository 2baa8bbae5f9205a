#include "daemon/core/base64.h"

#include <cstddef>

namespace owrd {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

unsigned to_unsigned(char c) { return static_cast<unsigned char>(c); }
char to_char(unsigned byte) { return static_cast<char>(static_cast<unsigned char>(byte)); }

std::optional<unsigned> value_of(char c) {
  if (c == '-') c = '+';
  if (c == '_') c = '/';
  const auto at = kDigits.find(c);
  if (at == kDigits.npos) return std::nullopt;
  return static_cast<unsigned>(at);
}

}  // namespace

std::string base64(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto group = bytes.substr(i, 3);
    unsigned bits = 0;
    for (std::size_t j = 0; j < 3; ++j)
      bits = bits << 8 | (j < group.size() ? to_unsigned(group[j]) : 0);
    for (std::size_t j = 0; j <= group.size(); ++j) out += kDigits[bits >> (18 - 6 * j) & 63];
  }
  return out;
}

std::string padded_base64(std::string_view bytes) {
  auto text = base64(bytes);
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::optional<std::string> parse_base64(std::string_view text) {
  if (text.size() % 4 == 0 && text.ends_with('=')) text.remove_suffix(text.ends_with("==") ? 2 : 1);
  if (text.size() % 4 == 1) return std::nullopt;

  std::string out;
  unsigned bits = 0, count = 0;
  for (const char c : text) {
    const auto value = value_of(c);
    if (!value) return std::nullopt;
    bits = (bits << 6 | *value) & 0xFFFF;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += to_char(bits >> count & 0xFF);
  }
  return out;
}

}  // namespace owrd
