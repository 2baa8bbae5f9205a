#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/exports/exported.h"

namespace owrd::exports::testing {

/// Without their line feeds.
inline std::vector<std::string> lines_of(const Exported& exported) {
  std::vector<std::string> lines;
  auto text = as_text(exported.bytes);
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return lines;
}

/// Of standard base64 with padding, as the exports write it.
inline Bytes decode_base64(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  Bytes out;
  unsigned bits = 0, count = 0;
  for (const char c : text) {
    if (c == '=') break;
    bits = (bits << 6 | static_cast<unsigned>(kDigits.find(c))) & 0xFFFFU;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<std::byte>(bits >> count & 0xFFU));
  }
  return out;
}

}  // namespace owrd::exports::testing
