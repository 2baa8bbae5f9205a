#include <unistd.h>

#include <ctime>

#include "cli/command.h"
#include "cli/publishers.h"
#include "cli/records.h"
#include "cli/wording.h"
#include "daemon/core/units.h"

namespace owrd::cli {
namespace {

struct StatusOptions {};

void add_flags(CLI::App&, StatusOptions&) {}

std::string kind_of(const v1::StatusReply& status) {
  if (status.is_private()) return "private daemon";
  return status.uid() == ::geteuid() ? "user daemon" : "system daemon";
}

std::string worker_of(const v1::StatusReply& status) {
  if (!status.worker_running()) return "not running";
  auto text = "pid " + std::to_string(status.worker_pid());
  if (status.worker_restarts() > 0) text += ", " + count_of(status.worker_restarts(), "restart");
  return text;
}

/// Time for a ceremony: after its root has expired, a publisher's heads count no more.
constexpr std::int64_t kWarnBeforeSeconds = 30 * 86400;

/// "acme: stale since 2 days ago".
Cell publisher_of(const v1::PublisherRecord& publisher) {
  const auto now = std::time(nullptr);
  const auto freshness = freshness_of(publisher, now);
  const bool is_due = publisher.is_own() && publisher.root_expires() < now + kWarnBeforeSeconds;
  const auto* const verb = publisher.root_expires() > now ? "expires" : "expired";
  const auto warning = is_due ? std::string("; its root ") + verb + " on " +
                                    format_time(publisher.root_expires()).substr(0, 10) +
                                    ": owrd publisher rotate " + publisher.petname()
                              : std::string();
  return {publisher.petname() + ": " + freshness.shown + warning,
          publisher.petname() + ": " + freshness.plain + warning};
}

Table table_of(const v1::StatusReply& status) {
  Table table{{{""}, {""}}, {}};
  const auto add = [&table](const char* name, const std::string& value) {
    table.rows.push_back({Cell(name), Cell(value)});
  };
  add("owrd", status.version() + " (" + kind_of(status) + ", pid " + std::to_string(status.pid()) +
                  ", up " + format_duration(std::chrono::seconds(status.uptime_seconds())) + ")");
  add("socket", status.socket() + (status.read_only() ? " (read-only)" : ""));
  add("releases", std::to_string(status.seeding()) + " seeding, " +
                      std::to_string(status.getting()) + " getting, " +
                      std::to_string(status.paused()) + " paused, " +
                      std::to_string(status.failed()) + " failed");
  add("rates", format_size(status.download_rate()) + "/s down, " +
                   format_size(status.upload_rate()) + "/s up");
  add("store", status.store() + ", " + format_size(status.store_used_bytes()) + " used, " +
                   format_size(status.store_free_bytes()) + " free");
  add("listening", status.listening().empty() ? "nothing" : joined(status.listening()));
  add("DHT", count_of(status.dht_nodes(), "node"));
  add("swarm", worker_of(status));
  for (const auto& publisher : status.publishers())
    table.rows.push_back({Cell("publisher"), publisher_of(publisher)});
  return table;
}

Result<int> run_status(Context& context, const StatusOptions&) {
  auto& output = context.output();
  const auto daemon = context.running_daemon();
  if (!daemon) return daemon.error();
  if (*daemon == nullptr) {
    output.failure(
        kExitNotRunning, "not-running", "no daemon runs",
        "systemctl --user enable --now owrd.socket   (other commands start a private one)");
    return kExitNotRunning;
  }
  const auto& status = (*daemon)->status;
  if (context.json()) {
    output.record(status_record(status));
    return 0;
  }
  output.table(table_of(status));
  for (const auto& warning : status.warnings()) output.warning(warning);
  if (status.version() != OWRD_VERSION)
    output.warning("the daemon is version " + status.version() + ", this program is " OWRD_VERSION);
  return 0;
}

}  // namespace

void add_status(CommandLine& line) {
  add_command<StatusOptions>(
      line, line.root,
      {"status", kOtherGroup, "Show how the daemon is; exit 3 when none runs",
       "owrd status\nowrd status --json | jq .store_free_bytes"},
      add_flags, run_status);
}

}  // namespace owrd::cli
