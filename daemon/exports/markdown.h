#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Markdown of others' texts. Only for this room's own sources.
namespace owrd::exports::markdown {

/// Text as it is, but no HTML.
std::string text(std::string_view text);

/// One cell of a table: on one line, without the character that ends it.
std::string cell(std::string_view text);

/// A heading with its body; nothing when the body is empty.
std::string section(std::string_view heading, const std::string& body);

/// "- **name**: value" for each that has a value.
std::string facts(const std::vector<std::pair<std::string, std::string>>& facts);

/// "- text"; lines after the first are indented, so that they stay with it.
std::string bullet(std::string_view text);

template <class Texts>
std::string bullets(const Texts& texts) {
  std::string out;
  for (const auto& each : texts) out += bullet(each);
  return out;
}

}  // namespace owrd::exports::markdown
