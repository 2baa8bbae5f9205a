#include "daemon/exports/markdown.h"

namespace owrd::exports::markdown {

std::string text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else
      out += c;
  }
  return out;
}

std::string cell(std::string_view content) {
  std::string out;
  for (const char c : text(content)) {
    if (c == '|')
      out += "\\|";
    else
      out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string section(std::string_view heading, const std::string& body) {
  if (body.empty()) return "";
  return "## " + std::string(heading) + "\n\n" + body + (body.ends_with('\n') ? "" : "\n") + "\n";
}

std::string facts(const std::vector<std::pair<std::string, std::string>>& facts) {
  std::string out;
  for (const auto& [name, value] : facts)
    if (!value.empty()) out += bullet("**" + name + "**: " + value);
  return out;
}

std::string bullet(std::string_view content) {
  std::string out = "- ";
  for (const char c : text(content)) {
    out += c;
    if (c == '\n') out += "  ";
  }
  return out + "\n";
}

}  // namespace owrd::exports::markdown
