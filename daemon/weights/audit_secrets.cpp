#include <algorithm>
#include <string>

#include "daemon/weights/audit_text.h"

namespace owrd::weights {
namespace {

struct Token {
  std::string_view prefix;
  std::size_t least_behind;  ///< So many letters and digits follow at least.
  std::string_view service;
};

/// From what the services themselves publish for secret scanning.
constexpr Token kTokens[] = {
    {"hf_", 30, "Hugging Face"},  {"ghp_", 36, "GitHub"},
    {"gho_", 36, "GitHub"},       {"ghs_", 36, "GitHub"},
    {"ghu_", 36, "GitHub"},       {"github_pat_", 50, "GitHub"},
    {"glpat-", 20, "GitLab"},     {"AKIA", 16, "AWS"},
    {"ASIA", 16, "AWS"},          {"AIza", 35, "Google"},
    {"sk-ant-", 40, "Anthropic"}, {"sk-proj-", 40, "OpenAI"},
    {"xoxb-", 24, "Slack"},       {"xoxp-", 24, "Slack"},
    {"npm_", 36, "npm"},          {"pypi-AgEIcHlwaS5vcmc", 40, "PyPI"},
    {"dckr_pat_", 20, "Docker"},  {"r8_", 37, "Replicate"},
};

constexpr std::size_t kFindingLimit = 20;

bool is_token_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

/// Placeholders repeat one letter, as in "hf_xxxxxxxx".
bool is_placeholder(std::string_view body) {
  std::string letters(body);
  std::sort(letters.begin(), letters.end());
  return std::unique(letters.begin(), letters.end()) - letters.begin() < 8;
}

bool is_token_at(std::string_view text, std::size_t at, const Token& token) {
  if (at > 0 && is_token_letter(text[at - 1])) return false;
  const auto body = text.substr(at + token.prefix.size());
  const auto end = std::find_if_not(body.begin(), body.end(), is_token_letter);
  const auto length = static_cast<std::size_t>(end - body.begin());
  return length >= token.least_behind && length < 300 && !is_placeholder(body.substr(0, length));
}

/// "-----BEGIN [kind ]PRIVATE KEY", a line of the key behind it.
bool is_private_key_at(std::string_view text, std::size_t at) {
  const auto line = text.substr(at, text.substr(at, 100).find('\n'));
  return line.find("PRIVATE KEY") != line.npos && text.size() > at + line.size() + 64;
}

}  // namespace

Findings audit_secrets(std::string_view text) {
  Findings findings;
  static constexpr std::string_view kBegin = "-----BEGIN ";
  for (auto at = text.find(kBegin); at != text.npos && findings.size() < kFindingLimit;
       at = text.find(kBegin, at + 1))
    if (is_private_key_at(text, at))
      findings.push_back({"secret.private-key", Severity::Fail, "holds a private key",
                          "at byte " + std::to_string(at)});
  for (const auto& token : kTokens)
    for (auto at = text.find(token.prefix); at != text.npos && findings.size() < kFindingLimit;
         at = text.find(token.prefix, at + 1))
      if (is_token_at(text, at, token))
        findings.push_back({"secret.token", Severity::Fail,
                            "holds what looks like a token of " + std::string(token.service),
                            "at byte " + std::to_string(at)});
  return findings;
}

}  // namespace owrd::weights
