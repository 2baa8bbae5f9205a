#include "daemon/card/said_text.h"

#include <algorithm>

#include "daemon/core/text.h"

namespace owrd::card {

bool is_said_line(std::string_view text) {
  return !text.empty() && text.size() <= 1024 && is_plain_line(text);
}

bool is_web_address(std::string_view text) {
  const auto is_visible = [](char letter) { return letter > ' ' && letter <= '~'; };
  if (!is_said_line(text) || !std::all_of(text.begin(), text.end(), is_visible)) return false;
  const auto host = text.starts_with("https://") ? 8U : text.starts_with("http://") ? 7U : 0U;
  return host > 0 && text.size() > host;
}

}  // namespace owrd::card
