#include "daemon/weights/audit_template.h"

#include <algorithm>
#include <string>

#include "daemon/core/text.h"

namespace owrd::weights {
namespace {

using namespace std::string_view_literals;

/// CVE-2024-34359 and its likes: the way from any object to the interpreter.
constexpr std::string_view kEscapes[] = {
    "__class__",  "__mro__",      "__base__",   "__bases__",  "__subclasses__",   "__globals__",
    "__import__", "__builtins__", "__init__",   "__dict__",   "__getattribute__", "__code__",
    "__func__",   "__self__",     "__loader__", "__reduce__", "__module__",       "os.popen",
    "os.system",  "subprocess",   "lipsum.",    "cycler.",    "joiner.",          "popen(",
    "eval(",      "exec(",        "gi_frame",   "cr_frame",   "f_globals",        "f_builtins",
};

constexpr std::string_view kIncludes[] = {"include", "import", "extends", "from"};

/// Zero-width characters and marks of direction, in UTF-8.
constexpr std::string_view kHidden[] = {
    "\xE2\x80\x8B", "\xE2\x80\x8C", "\xE2\x80\x8D", "\xE2\x81\xA0", "\xEF\xBB\xBF",
    "\xE2\x80\xAA", "\xE2\x80\xAB", "\xE2\x80\xAC", "\xE2\x80\xAD", "\xE2\x80\xAE",
    "\xE2\x81\xA6", "\xE2\x81\xA7", "\xE2\x81\xA8", "\xE2\x81\xA9",
};
constexpr std::size_t kBlobBytes = 512;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// "attr" as a filter or a function of its own; selectattr and the like are harmless.
bool uses_attr(std::string_view text) {
  for (auto at = text.find("attr"sv); at != text.npos; at = text.find("attr"sv, at + 1)) {
    const bool begins = at == 0 || !is_word(text[at - 1]);
    const auto behind = text.find_first_not_of(' ', at + 4);
    if (begins && behind != text.npos && text[behind] == '(') return true;
  }
  return false;
}

/// Whether a {% statement %} begins with the word.
bool has_statement(std::string_view text, std::string_view word) {
  for (auto at = text.find("{%"sv); at != text.npos; at = text.find("{%"sv, at + 2)) {
    auto inside = text.substr(at + 2);
    inside.remove_prefix(std::min(inside.find_first_not_of("-+ \t\r\n"), inside.size()));
    if (inside.starts_with(word) && (inside.size() == word.size() || !is_word(inside[word.size()])))
      return true;
  }
  return false;
}

bool has_blob(std::string_view text) {
  std::size_t run = 0;
  for (const char c : text) {
    run = is_word(c) || c == '+' || c == '/' || c == '=' ? run + 1 : 0;
    if (run >= kBlobBytes) return true;
  }
  return false;
}

template <class List>
std::string found_of(const List& list, std::string_view text) {
  std::string found;
  for (const std::string_view word : list)
    if (text.find(word) != text.npos) found += (found.empty() ? "" : ", ") + quoted(word);
  return found;
}

}  // namespace

Findings audit_template(std::string_view text) {
  Findings findings;
  auto escapes = found_of(kEscapes, text);
  if (uses_attr(text)) escapes += escapes.empty() ? "attr()" : ", attr()";
  if (!escapes.empty())
    findings.push_back({"template.escape", Severity::Fail,
                        "the chat template reaches for what leads out of a sandbox", escapes});
  for (const auto word : kIncludes)
    if (has_statement(text, word))
      findings.push_back({"template.include", Severity::Warn,
                          "the chat template loads another template", std::string(word)});
  if (!found_of(kHidden, text).empty())
    findings.push_back({"template.hidden", Severity::Warn,
                        "the chat template holds characters that cannot be seen"});
  if (has_blob(text))
    findings.push_back(
        {"template.blob", Severity::Warn, "the chat template holds a long run of encoded text"});
  return findings;
}

}  // namespace owrd::weights
