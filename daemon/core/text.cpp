#include "daemon/core/text.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace owrd {
namespace {

struct CodePoint {
  std::uint32_t value;
  std::size_t bytes;
};

struct Lead {
  std::size_t bytes;
  std::uint32_t bits;      ///< What the lead byte itself contributes.
  std::uint32_t smallest;  ///< Below it, the form is overlong.
};

std::optional<Lead> lead_of(unsigned char byte) {
  if (byte < 0x80) return Lead{1, byte, 0};
  if (byte >= 0xC2 && byte < 0xE0) return Lead{2, byte & 0x1FU, 0x80};
  if (byte >= 0xE0 && byte < 0xF0) return Lead{3, byte & 0x0FU, 0x800};
  if (byte >= 0xF0 && byte < 0xF5) return Lead{4, byte & 0x07U, 0x10000};
  return std::nullopt;
}

/// The first code point of `text`, which is not empty.
std::optional<CodePoint> decode_first(std::string_view text) {
  const auto lead = lead_of(static_cast<unsigned char>(text[0]));
  if (!lead || text.size() < lead->bytes) return std::nullopt;
  std::uint32_t value = lead->bits;
  for (std::size_t i = 1; i < lead->bytes; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0) != 0x80) return std::nullopt;
    value = value << 6 | (byte & 0x3FU);
  }
  const bool is_surrogate = value >= 0xD800 && value < 0xE000;
  if (value < lead->smallest || value > 0x10FFFF || is_surrogate) return std::nullopt;
  return CodePoint{value, lead->bytes};
}

bool is_between(std::uint32_t value, std::uint32_t first, std::uint32_t last) {
  return value >= first && value <= last;
}

bool disturbs_a_line(std::uint32_t c) {
  const bool is_control = c < 0x20 || is_between(c, 0x7F, 0x9F);
  const bool is_separator = c == 0x2028 || c == 0x2029;
  const bool is_bidi = c == 0x061C || is_between(c, 0x200E, 0x200F) ||
                       is_between(c, 0x202A, 0x202E) || is_between(c, 0x2066, 0x2069);
  return is_control || is_separator || is_bidi || c == 0xFEFF;
}

template <class Accept>
bool all_code_points(std::string_view text, Accept accept) {
  while (!text.empty()) {
    const auto point = decode_first(text);
    if (!point || !accept(point->value)) return false;
    text.remove_prefix(point->bytes);
  }
  return true;
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  return all_code_points(text, [](std::uint32_t) { return true; });
}

bool is_plain_line(std::string_view text) {
  return all_code_points(text, [](std::uint32_t c) { return !disturbs_a_line(c); });
}

std::string Quoted::operator()(std::string_view text) const {
  static constexpr char kDigits[] = "0123456789abcdef";
  static constexpr std::size_t kShownBytes = 80;
  std::string out = "\"";
  for (const char c : text.substr(0, kShownBytes)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\') {
      out += c;
    } else {
      out += "\\x";
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  out += text.size() > kShownBytes ? "...\"" : "\"";
  return out;
}

std::string shell_quote(std::string_view text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./@%+=:,-";
  if (!text.empty() && text.find_first_not_of(kPlain) == text.npos) return std::string(text);
  std::string word = "'";
  for (const char letter : text) {
    if (letter == '\'') word += "'\\'";
    word += letter;
  }
  return word + "'";
}

std::string ascii_lower(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return lower;
}

}  // namespace owrd
