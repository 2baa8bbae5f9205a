#include "cli/command.h"
#include "cli/files.h"
#include "cli/statements.h"
#include "cli/trust_records.h"
#include "cli/wording.h"
#include "daemon/core/base64.h"

namespace owrd::cli {
namespace {

struct SendOptions {
  StatementOptions statement;
  std::string kind;
};

void add_send_flags(CLI::App& command, SendOptions& options) {
  add_statement_flags(command, options.statement, /*is_text_needed=*/true);
  command.add_option("--kind", options.kind, "bug, safety, quality or license")
      ->required()
      ->type_name("KIND")
      ->check(CLI::IsMember({"bug", "safety", "quality", "license"}));
}

v1::StatementKind kind_of(const std::string& name) {
  if (name == "bug") return v1::STATEMENT_KIND_BUG;
  if (name == "safety") return v1::STATEMENT_KIND_SAFETY;
  if (name == "quality") return v1::STATEMENT_KIND_QUALITY;
  return v1::STATEMENT_KIND_LICENSE;
}

Result<int> run_send(Context& context, const SendOptions& options) {
  return send_statement(context, options.statement, kind_of(options.kind), {});
}

struct LsOptions {
  std::string ref;
};

void add_ls_flags(CLI::App& command, LsOptions& options) {
  command.add_option("ref", options.ref, "A release (default: all)")->type_name("REF");
}

/// Whose releases feedback is answered here: those of publishers whose heads this daemon signs.
Result<bool> concerns_own_releases(Daemon& daemon,
                                   const std::vector<v1::StatementRecord>& feedback) {
  const auto reply =
      daemon.client.call<v1::ListPublishersReply>("Publishers/List", v1::ListPublishersRequest());
  if (!reply) return reply.error();
  for (const auto& publisher : reply->publishers())
    for (const auto& each : feedback)
      if (publisher.is_own() && each.ref().starts_with(publisher.petname() + "/")) return true;
  return false;
}

Result<int> run_ls(Context& context, const LsOptions& options) {
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  const auto feedback = list_statements(**daemon, options.ref, /*is_feedback=*/true);
  if (!feedback) return feedback.error();
  print_statements(context, *feedback, "no feedback is known here");
  if (feedback->empty()) return 0;
  const auto is_own = concerns_own_releases(**daemon, *feedback);
  if (!is_own) return is_own.error();
  if (*is_own)
    context.output().hint(
        "what everyone who gets the release should know, say with: owrd release advise " +
        feedback->front().ref());
  return 0;
}

struct ExportOptions {
  std::string ref;
  std::string output = "-";
};

void add_export_flags(CLI::App& command, ExportOptions& options) {
  command.add_option("ref", options.ref, "A release (default: all)")->type_name("REF");
  command.add_option("-o,--output", options.output, "Where to write it (default: standard output)")
      ->type_name("FILE");
}

/// One JSON record on a line, with the signed envelope in it.
std::string lines_of(const std::vector<v1::StatementRecord>& feedback) {
  std::string lines;
  for (const auto& each : feedback) {
    auto record = statement_record(each);
    record["envelope"] = to_base64(as_bytes(each.envelope()));
    lines += record.dump() + "\n";
  }
  return lines;
}

Result<int> run_export(Context& context, const ExportOptions& options) {
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  const auto feedback = list_statements(**daemon, options.ref, /*is_feedback=*/true);
  if (!feedback) return feedback.error();
  auto& output = context.output();
  const auto lines = lines_of(*feedback);
  if (options.output == "-") {
    output.raw(lines);
    return 0;
  }
  if (const auto written = write_file(options.output, as_bytes(lines)); !written)
    return written.error();
  output.good("wrote " + count_of(feedback->size(), "statement"));
  if (context.json())
    output.record(Json{{"path", absolute_path(options.output)}, {"statements", feedback->size()}});
  else
    output.result(options.output);
  return 0;
}

}  // namespace

void add_feedback(CommandLine& line) {
  CLI::App* group = add_group(
      line, {"feedback", kReleaseGroup, "Tell a release's publisher what you found in it",
             "owrd feedback send acme/atlas:1.2.0 --kind bug --text 'it stops after 2,048 tokens'\n"
             "owrd feedback ls"});
  add_command<SendOptions>(
      line, *group,
      {"send", kReleaseGroup, "Sign it, and let it travel to the publisher",
       "owrd feedback send acme/atlas:1.2.0 --kind bug --text 'it stops after 2,048 tokens'\n"
       "owrd feedback send acme/atlas --kind safety --text 'see there' "
       "--evidence https://ada.example/atlas --as Ada"},
      add_send_flags, run_send);
  add_command<LsOptions>(line, *group,
                         {"ls", kReleaseGroup, "List what has come, and what you sent",
                          "owrd feedback ls\nowrd feedback ls acme/atlas:1.2.0 --json"},
                         add_ls_flags, run_ls)
      ->alias("list");
  add_command<ExportOptions>(
      line, *group,
      {"export", kReleaseGroup, "Write it all as JSON lines, with the signed bytes",
       "owrd feedback export -o feedback.jsonl\nowrd feedback export acme/atlas:1.2.0"},
      add_export_flags, run_export);
}

}  // namespace owrd::cli
