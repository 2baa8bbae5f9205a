#include "daemon/card/toml_text.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>

namespace owrd::card {
namespace {

bool is_bare(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '-' || letter == '_';
}

std::string escaped(char letter) {
  switch (letter) {
    case '\\':
      return "\\\\";
    case '"':
      return "\\\"";
    case '\n':
      return "\\n";
    case '\t':
      return "\\t";
    case '\r':
      return "\\r";
    default:
      break;
  }
  if (static_cast<unsigned char>(letter) >= 0x20 && letter != '\x7f') return {letter};
  std::array<char, 8> code{};
  std::snprintf(code.data(), code.size(), "\\u%04X", unsigned{static_cast<unsigned char>(letter)});
  return code.data();
}

std::string one_line(std::string_view text) {
  std::string out = "\"";
  for (const char letter : text) out += escaped(letter);
  return out + '"';
}

/// A quote needs its backslash only where it would make more than one in a row.
std::string many_lines(std::string_view text) {
  std::string out = "\"\"\"\n";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_lone_quote = text[i] == '"' && i + 1 < text.size() && text[i + 1] != '"' &&
                               (i == 0 || text[i - 1] != '"');
    out += text[i] == '\n' || is_lone_quote ? std::string(1, text[i]) : escaped(text[i]);
  }
  return out + "\"\"\"";
}

}  // namespace

std::string toml_string(std::string_view text) {
  return text.find('\n') == text.npos ? one_line(text) : many_lines(text);
}

std::string toml_key(std::string_view key) {
  const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), is_bare);
  return bare ? std::string(key) : one_line(key);
}

std::string toml_count(std::uint64_t count) {
  auto digits = std::to_string(count);
  for (auto at = digits.size(); at > 3; at -= 3)
    if (count > 9999) digits.insert(at - 3, "_");
  return count <= std::uint64_t{std::numeric_limits<std::int64_t>::max()} ? digits
                                                                          : '"' + digits + '"';
}

}  // namespace owrd::card
