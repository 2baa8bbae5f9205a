#include <ctime>

#include "cli/commands/publisher.h"
#include "cli/publishers.h"
#include "cli/trust_records.h"
#include "daemon/core/units.h"

namespace owrd::cli {
namespace {

struct LsOptions {};

void add_flags(CLI::App&, LsOptions&) {}

std::vector<Cell> row_of(const v1::PublisherRecord& publisher, std::int64_t now) {
  return {
      publisher.petname(),
      publisher.display_name(),
      std::to_string(publisher.releases()),
      freshness_of(publisher, now),
      {format_time(publisher.root_expires()).substr(0, 10), format_time(publisher.root_expires())},
      publisher.id()};
}

Result<int> run_ls(Context& context, const LsOptions&) {
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  const auto reply = (*daemon)->client.call<v1::ListPublishersReply>("Publishers/List",
                                                                     v1::ListPublishersRequest());
  if (!reply) return reply.error();
  auto& output = context.output();
  Table table{{{"PETNAME"},
               {"NAME"},
               {"RELEASES", true},
               {"FRESHNESS"},
               {"ROOT EXPIRES"},
               {"PUBLISHER ID"}},
              {}};
  for (const auto& publisher : reply->publishers()) {
    if (context.json())
      output.record(publisher_record(publisher));
    else if (output.look().quiet)
      output.result(publisher.petname());
    else
      table.rows.push_back(row_of(publisher, std::time(nullptr)));
  }
  if (!table.rows.empty()) output.table(table);
  if (reply->publishers().empty())
    output.note("no publisher is pinned yet; owrd help publisher add");
  return 0;
}

}  // namespace

void add_publisher_ls(CommandLine& line, CLI::App& group) {
  add_command<LsOptions>(
      line, group,
      {"ls", kTrustGroup, "List the pinned publishers, and whether what is known of them is fresh",
       "owrd publisher ls\nowrd publisher ls --json"},
      add_flags, run_ls)
      ->alias("list");
}

}  // namespace owrd::cli
