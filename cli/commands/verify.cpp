#include "cli/command.h"
#include "cli/files.h"
#include "cli/follow.h"
#include "cli/records.h"
#include "cli/source.h"
#include "cli/wording.h"
#include "daemon/core/text.h"

namespace owrd::cli {
namespace {

struct VerifyOptions {
  std::string target;
  bool repair = false;
};

void add_flags(CLI::App& command, VerifyOptions& options) {
  command.add_option("target", options.target, "A release, or a directory that holds release.owrd")
      ->required()
      ->type_name("REF|DIR");
  command.add_flag("--repair", options.repair, "Fetch the bad pieces again");
}

v1::VerifyRequest request_of(const VerifyOptions& options) {
  v1::VerifyRequest request;
  if (is_directory_target(options.target))
    request.set_directory(absolute_path(options.target));
  else
    request.set_ref(options.target);
  request.set_repair(options.repair);
  return request;
}

void show_report(Context& context, const v1::VerifyReport& report) {
  auto& output = context.output();
  if (context.json()) {
    output.record(verify_record(report));
    return;
  }
  for (const auto& signer : report.signed_by()) output.note("signed by " + signer);
  for (const auto& file : report.files()) {
    if (file.skipped() || file.ok()) continue;
    if (report.repaired())
      output.note(file.path() + ": " + file.problem() + "; fetched again");
    else
      output.bad(file.path() + ": " + file.problem());
  }
  const auto found_bad = std::to_string(report.files_bad());
  output.table({{{""}, {""}, {""}},
                {{Cell(count_of(report.files_ok() + report.files_bad(), "file")),
                  Cell(std::to_string(report.files_ok()) + " ok"),
                  Cell(found_bad + (report.repaired() ? " repaired" : " bad"))}}});
}

Result<int> judge(const v1::VerifyReport& report, const VerifyOptions& options) {
  if (report.files_bad() == 0 || report.repaired()) return 0;
  const auto& ref = report.release().ref();
  return Error{ErrorCode::Corrupt,
               std::to_string(report.files_bad()) + " of " +
                   count_of(report.files_ok() + report.files_bad(), "file") + " of " +
                   (ref.empty() ? options.target : ref) + " differ from what was signed",
               options.repair ? "" : "owrd verify --repair " + shell_quote(options.target)};
}

std::string stopped_note(const Daemon& daemon, const std::string& repairing,
                         const VerifyOptions& options) {
  if (repairing.empty()) return "stopped; nothing was changed";
  if (!daemon.status.is_private())
    return "the repair goes on without this command. Come back to it:  owrd watch " + repairing;
  return "stopped; what is bad waits in .owrd-partial for its missing pieces. Again:  owrd verify "
         "--repair " +
         shell_quote(options.target);
}

Result<int> run_verify(Context& context, const VerifyOptions& options) {
  const auto daemon = context.commanded_daemon();
  if (!daemon) return daemon.error();
  Progress hashing(context.output(), context.hashing_progress());
  std::optional<v1::VerifyReport> report;
  const SignalTrap trap;
  std::string repairing;
  const auto end = (*daemon)->client.stream<v1::VerifyEvent>(
      "Releases/Verify", request_of(options),
      [&](const v1::VerifyEvent& event) {
        if (event.has_progress()) hashing.hashing(event.progress());
        if (event.has_repairing()) {
          repairing = name_of(event.repairing().release());
          hashing.transfer(event.repairing());
        }
        if (event.has_report()) report = event.report();
        return true;
      },
      &trap);
  hashing.end();
  if (!end) return end.error();
  if (*end == StreamEnd::Signalled) {
    context.output().note(stopped_note(**daemon, repairing, options));
    return 128 + trap.caught();
  }
  if (!report)
    return Error{ErrorCode::Internal, "the daemon ended the verification without a report"};
  show_report(context, *report);
  return judge(*report, options);
}

}  // namespace

void add_verify(CommandLine& line) {
  add_command<VerifyOptions>(
      line, line.root,
      {"verify", kReleaseGroup, "Hash the files again and compare with what was signed",
       "owrd verify acme/atlas:1.0\nowrd verify ./atlas\nowrd verify --repair acme/atlas:1.0"},
      add_flags, run_verify);
}

}  // namespace owrd::cli
