#include "cli/commands/publisher.h"
#include "cli/publishers.h"
#include "cli/trust_records.h"
#include "cli/wording.h"

namespace owrd::cli {
namespace {

struct RmOptions {
  std::string name;
};

void add_flags(CLI::App& command, RmOptions& options) { add_publisher_name(command, options.name); }

Result<int> run_rm(Context& context, const RmOptions& options) {
  const auto daemon = context.commanded_daemon();
  if (!daemon) return daemon.error();
  const auto known = show_publisher(**daemon, options.name);
  if (!known) return known.error();
  const auto& publisher = known->publisher();
  if (publisher.is_own())
    context.output().warning(
        "this daemon signs the heads of " + publisher.petname() +
        ": once it is removed nobody does, and its feed expires within a week. Its keys stay here; "
        "pin it again to go on: owrd publisher add FILE.owrp (owrd publisher export " +
        publisher.petname() + " writes one)");
  const auto is_sure =
      context.confirm("Remove publisher " + publisher.petname() + " (" +
                      fingerprint_of(publisher.id()) + ")? Nothing new of it will be believed.");
  if (!is_sure) return is_sure.error();
  if (!*is_sure) {
    context.output().note("nothing removed");
    return 1;
  }
  v1::RemovePublisherRequest request;
  request.set_name(publisher.petname());
  const auto reply = (*daemon)->client.call<v1::RemovePublisherReply>("Publishers/Remove", request);
  if (!reply) return reply.error();
  context.output().good("removed publisher " + publisher.petname());
  if (context.json()) context.output().record(publisher_record(reply->publisher()));
  return 0;
}

}  // namespace

void add_publisher_rm(CommandLine& line, CLI::App& group) {
  add_command<RmOptions>(
      line, group, {"rm", kTrustGroup, "Stop believing a publisher", "owrd publisher rm acme"},
      add_flags, run_rm);
}

}  // namespace owrd::cli
