#include <filesystem>

#include "cli/command.h"
#include "cli/files.h"
#include "cli/manifests.h"
#include "cli/records.h"
#include "cli/source.h"
#include "cli/wording.h"
#include "daemon/content/audit_report.h"
#include "daemon/content/scan.h"
#include "daemon/release/path_rules.h"

namespace owrd::cli {
namespace {

struct AuditOptions {
  std::string subject;
  std::vector<std::string> allow;
  bool all = false;
};

void add_flags(CLI::App& command, AuditOptions& options) {
  command.add_option("subject", options.subject, "A file, a directory, or a release that is here")
      ->required()
      ->type_name("PATH|REF");
  add_repeatable(command, "--allow", options.allow,
                 "Let a rule through, or a family of them such as pickle; may be repeated")
      ->type_name("RULE");
  command.add_flag("--all", options.all, "Show what passes, too");
}

struct Audited {
  std::string name;
  std::filesystem::path directory;
  std::vector<std::string> paths;
};

Result<Audited> files_of_directory(const std::string& name,
                                   const std::filesystem::path& directory) {
  const auto scan = content::scan_directory(directory);
  if (!scan) return scan.error();
  Audited audited{name, directory, {}};
  for (const auto& file : scan->files) audited.paths.push_back(file.path);
  return audited;
}

bool is_own(const std::string& path) {
  return path == release::kLayersName || path == release::kTensorsName;
}

Result<Audited> files_of_release(Context& context, const std::string& ref) {
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  const auto found = find_manifest(**daemon, ref);
  if (!found) return found.error();
  if (found->directory.empty())
    return Error{ErrorCode::NotFound, found->ref + " is not here, so its files cannot be looked at",
                 "what its publisher found: owrd inspect " + found->ref +
                     "; every get audits before it hands over"};
  Audited audited{found->ref, found->directory, {}};
  std::error_code ignored;
  for (const auto& file : found->manifest.files())
    if (!is_own(file.path) && std::filesystem::exists(found->directory / file.path, ignored))
      audited.paths.push_back(file.path);
  return audited;
}

Result<Audited> find_files(Context& context, const std::string& text) {
  std::error_code error;
  if (is_directory_target(text) && std::filesystem::is_directory(text, error))
    return files_of_directory(text, absolute_path(text));
  if (!std::filesystem::is_regular_file(text, error)) return files_of_release(context, text);
  const auto whole = std::filesystem::canonical(text, error);
  if (error) return Error{ErrorCode::Io, text + ": " + error.message()};
  return Audited{text, whole.parent_path(), {whole.filename().string()}};
}

Json record_of(const std::string& name, const std::vector<content::AuditedFile>& files,
               const AuditOptions& options) {
  auto findings = Json::array();
  auto worst = weights::Severity::Pass;
  for (const auto& file : files)
    for (const auto& finding : file.findings) {
      worst = std::max(worst, finding.severity);
      if (finding.severity == weights::Severity::Pass && !options.all) continue;
      findings.push_back(Json{{"path", file.path},
                              {"rule", finding.rule},
                              {"result", weights::to_string(finding.severity)},
                              {"allowed", content::is_allowed(finding.rule, options.allow)},
                              {"message", finding.message},
                              {"detail", finding.detail}});
    }
  return Json{{"subject", name},
              {"tool", "owrd"},
              {"tool_version", OWRD_VERSION},
              {"files", files.size()},
              {"result", weights::to_string(worst)},
              {"findings", findings}};
}

void print(Output& output, const std::vector<content::AuditedFile>& files,
           const AuditOptions& options) {
  Table table{{{"RESULT"}, {"RULE"}, {"FILE"}, {"WHAT"}}, {}};
  for (const auto& file : files)
    for (const auto& finding : file.findings)
      if (finding.severity != weights::Severity::Pass || options.all)
        table.rows.push_back(
            {std::string(weights::to_string(finding.severity)), finding.rule, file.path,
             finding.message + (finding.detail.empty() ? "" : " " + finding.detail)});
  if (!table.rows.empty()) output.table(table);
}

Result<int> run_audit(Context& context, const AuditOptions& options) {
  const auto found = find_files(context, options.subject);
  if (!found) return found.error();
  const auto audited = content::audit_files(found->directory, found->paths, {});
  if (!audited) return audited.error();
  if (context.json())
    context.output().record(record_of(found->name, *audited, options));
  else
    print(context.output(), *audited, options);
  const auto judged =
      content::judge_audit(*audited, options.allow, "to let it through: owrd audit " + found->name);
  if (!judged) return judged.error();
  context.output().good(count_of(found->paths.size(), "file") + " audited: nothing is refused");
  return 0;
}

}  // namespace

void add_audit(CommandLine& line) {
  add_command<AuditOptions>(
      line, line.root,
      {"audit", kJudgeGroup, "Look for what could harm whoever uses the files",
       "owrd audit ./atlas\nowrd audit model.bin --all\nowrd audit acme/atlas:1.0 --json"},
      add_flags, run_audit);
}

}  // namespace owrd::cli
