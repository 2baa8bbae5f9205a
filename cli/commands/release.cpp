#include "cli/commands/release.h"

#include "cli/listed.h"
#include "cli/name_records.h"
#include "daemon/core/units.h"

namespace owrd::cli {
namespace {

struct LsOptions {
  std::string name;
};

void add_ls_flags(CLI::App& command, LsOptions& options) {
  command.add_option("name", options.name, "PUBLISHER or PUBLISHER/MODEL (default: all)")
      ->type_name("NAME");
}

Result<int> run_ls(Context& context, const LsOptions& options) {
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  v1::ListNamesRequest request;
  request.set_name(options.name);
  const auto reply = (*daemon)->client.call<v1::ListNamesReply>("Names/List", request);
  if (!reply) return reply.error();
  print_listed(context, reply->releases(), "no release is listed here; owrd publisher refresh");
  return 0;
}

struct LogOptions {
  std::string name;
};

void add_log_flags(CLI::App& command, LogOptions& options) {
  command.add_option("name", options.name, "PUBLISHER or PUBLISHER/MODEL")
      ->required()
      ->type_name("NAME");
}

Result<int> run_log(Context& context, const LogOptions& options) {
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  v1::LogRequest request;
  request.set_name(options.name);
  const auto reply = (*daemon)->client.call<v1::LogReply>("Names/Log", request);
  if (!reply) return reply.error();
  auto& output = context.output();
  Table table{{{"RECORD", true}, {"ADDED"}, {"KIND"}, {"WHAT"}}, {}};
  for (const auto& record : reply->records()) {
    if (context.json())
      output.record(log_record(record));
    else if (output.look().quiet)
      output.result(std::to_string(record.number()));
    else
      table.rows.push_back({std::to_string(record.number()), format_time(record.added()),
                            record.kind(), record.text()});
  }
  if (!table.rows.empty()) output.table(table);
  if (reply->records().empty()) output.note("its feed has no record of that");
  return 0;
}

}  // namespace

void add_release(CommandLine& line) {
  CLI::App* group = add_group(
      line, {"release", kPublishGroup, "What publishers list, and say of it later",
             "owrd release ls acme/atlas\n"
             "owrd release yank acme/atlas:1.2.0 --reason defect --text 'bad tokenizer'"});
  add_command<LsOptions>(line, *group,
                         {"ls", kPublishGroup, "List what the feeds list, newest versions first",
                          "owrd release ls\nowrd release ls acme/atlas --json"},
                         add_ls_flags, run_ls)
      ->alias("list");
  add_command<LogOptions>(
      line, *group,
      {"log", kPublishGroup, "Print the records of a publisher's feed, in order",
       "owrd release log acme\nowrd release log acme/atlas --json"},
      add_log_flags, run_log);
  add_release_diff(line, *group);
  add_release_notices(line, *group);
}

}  // namespace owrd::cli
