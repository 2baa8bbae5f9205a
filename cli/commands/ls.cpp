#include <cinttypes>
#include <cstdio>
#include <ctime>

#include "cli/command.h"
#include "cli/follow.h"
#include "cli/records.h"
#include "cli/wording.h"
#include "daemon/core/units.h"

namespace owrd::cli {
namespace {

struct LsOptions {};

void add_flags(CLI::App&, LsOptions&) {}

/// Uploaded bytes to the release's: two decimals.
std::string ratio_of(const v1::ReleaseRecord& release) {
  const auto total = release.bytes_total();
  const auto hundredths =
      total == 0 ? 0
                 : static_cast<std::uint64_t>(static_cast<double>(release.bytes_uploaded()) *
                                              100.0 / static_cast<double>(total));
  char text[32];
  std::snprintf(text, sizeof text, "%" PRIu64 ".%02" PRIu64, hundredths / 100, hundredths % 100);
  return text;
}

std::vector<Cell> row_of(const v1::ReleaseRecord& release, std::int64_t now) {
  return {
      release.ref(),
      {format_size(release.bytes_wanted()), std::to_string(release.bytes_wanted())},
      release.bytes_wanted() == 0 ? "-" : percent(release.bytes_verified(), release.bytes_wanted()),
      state_name(release.state()),
      std::to_string(release.seeds()) + "/" + std::to_string(release.peers()),
      ratio_of(release),
      {age(release.added(), now), format_time(release.added())}};
}

Result<int> run_ls(Context& context, const LsOptions&) {
  const auto daemon = context.daemon();
  if (!daemon) return daemon.error();
  const auto reply =
      (*daemon)->client.call<v1::ListReleasesReply>("Releases/List", v1::ListReleasesRequest());
  if (!reply) return reply.error();
  auto& output = context.output();
  Table table{{{"REF"},
               {"SIZE", true},
               {"HAVE", true},
               {"STATE"},
               {"SEEDS/PEERS", true},
               {"RATIO", true},
               {"ADDED"}},
              {}};
  for (const auto& release : reply->releases()) {
    if (context.json())
      output.record(release_record(release));
    else if (output.look().quiet)
      output.result(name_of(release));
    else
      table.rows.push_back(row_of(release, std::time(nullptr)));
  }
  if (!table.rows.empty()) output.table(table);
  if (reply->releases().empty()) output.note("no releases here yet; owrd help get");
  for (const auto& release : reply->releases())
    if (!release.detail().empty() && !context.json())
      output.note(release.ref() + ": " + release.detail());
  return 0;
}

}  // namespace

void add_ls(CommandLine& line) {
  add_command<LsOptions>(line, line.root,
                         {"ls", kReleaseGroup, "List the releases that are here or on their way",
                          "owrd ls\nowrd ls --json | jq -r 'select(.state==\"getting\").ref'"},
                         add_flags, run_ls)
      ->alias("list");
}

}  // namespace owrd::cli
