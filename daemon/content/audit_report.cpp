#include "daemon/content/audit_report.h"

#include <algorithm>
#include <set>

#include "daemon/core/text.h"

namespace owrd::content {
namespace {

using weights::Finding;
using weights::Severity;

constexpr int kMostFindings = 500;
constexpr std::size_t kLongestText = 2000;

std::string family_of(std::string_view rule) { return std::string(rule.substr(0, rule.find('.'))); }

/// One printable line.
std::string sentence_of(const Finding& finding) {
  auto text = finding.message;
  if (!finding.detail.empty()) text += (text.empty() ? "" : " ") + finding.detail;
  for (auto& letter : text)
    if (letter == '\n' || letter == '\t') letter = ' ';
  if (!is_plain_line(text)) text = quoted(text);
  if (text.size() > kLongestText) text = text.substr(0, kLongestText) + "…";
  return is_plain_line(text) ? text : quoted(text.substr(0, kLongestText / 8));
}

v1::AuditResult result_of(Severity severity) {
  switch (severity) {
    case Severity::Pass:
      return v1::AUDIT_RESULT_PASS;
    case Severity::Warn:
      return v1::AUDIT_RESULT_WARN;
    case Severity::Fail:
      return v1::AUDIT_RESULT_FAIL;
  }
  return v1::AUDIT_RESULT_FAIL;
}

void add_finding(v1::Audit& audit, const std::string& path, const Finding& finding) {
  auto& added = *audit.add_findings();
  added.set_rule(finding.rule);
  added.set_result(result_of(finding.severity));
  added.set_path(path);
  added.set_text(sentence_of(finding));
}

/// Whether a finding that fails needs this word.
bool lets_through(const std::string& word, const std::vector<AuditedFile>& files) {
  for (const auto& file : files)
    for (const auto& finding : file.findings)
      if (finding.severity == Severity::Fail && is_allowed(finding.rule, {word})) return true;
  return false;
}

}  // namespace

bool is_allowed(std::string_view rule, const std::vector<std::string>& allow) {
  return std::any_of(allow.begin(), allow.end(), [rule](const std::string& word) {
    return word == rule || word == family_of(rule);
  });
}

Result<> judge_audit(const std::vector<AuditedFile>& files, const std::vector<std::string>& allow,
                     const std::string& remedy) {
  std::string first;
  std::size_t count = 0;
  std::set<std::string> families;
  for (const auto& file : files)
    for (const auto& finding : file.findings) {
      if (finding.severity != Severity::Fail || is_allowed(finding.rule, allow)) continue;
      if (count++ == 0) first = file.path + ": " + finding.rule + ": " + sentence_of(finding);
      families.insert(family_of(finding.rule));
    }
  if (count == 0) return Done{};
  std::string words;
  for (const auto& family : families) words += " --allow " + family;
  return Error{ErrorCode::Unsafe,
               "the audit refuses " + first +
                   (count == 1 ? "" : " (and " + std::to_string(count - 1) + " more)"),
               remedy + words};
}

v1::Audit audit_record(const std::vector<AuditedFile>& files, const std::vector<std::string>& allow,
                       const std::string& reason, std::int64_t performed) {
  v1::Audit audit;
  audit.set_kind(std::string(kAuditKind));
  audit.set_tool("owrd");
  audit.set_tool_version(OWRD_VERSION);
  audit.set_performed(performed);
  auto result = Severity::Pass;
  int left_out = 0;
  for (const auto& file : files)
    for (const auto& finding : file.findings) {
      result = std::max(result, finding.severity);
      if (finding.severity == Severity::Pass) continue;
      if (audit.findings_size() < kMostFindings)
        add_finding(audit, file.path, finding);
      else
        ++left_out;
    }
  audit.set_result(result_of(result));
  if (left_out != 0)
    add_finding(audit, audit.findings(0).path(),
                {"audit.more", Severity::Warn, std::to_string(left_out) + " more findings."});
  for (const auto& word : allow)
    if (lets_through(word, files)) audit.add_allowed_formats(word);
  if (audit.allowed_formats_size() != 0) audit.set_override_reason(reason);
  return audit;
}

}  // namespace owrd::content
