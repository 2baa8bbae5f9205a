#include "cli/command.h"
#include "cli/records.h"
#include "cli/wording.h"
#include "daemon/core/units.h"

namespace owrd::cli {
namespace {

struct RmOptions {
  std::vector<std::string> refs;
  bool keep_files = false;
  bool dry_run = false;
};

void add_flags(CLI::App& command, RmOptions& options) {
  command.add_option("ref", options.refs, "The releases")->required()->type_name("REF");
  command.add_flag("--keep-files", options.keep_files, "Forget the release, leave its files");
  command.add_flag("-n,--dry-run", options.dry_run, "Say what would go, do nothing");
}

/// "acme/atlas:1.0 and its files (141.2 GB in /var/lib/…)"
std::string what_goes(const v1::RemoveReply& reply) {
  const auto& release = reply.release();
  const bool is_whole = release.bytes_verified() == release.bytes_wanted();
  if (!reply.files_removed())
    return release.ref() + (is_whole ? "; its files stay in " : "; its finished files stay in ") +
           release.directory();
  return release.ref() + " and its files (" + format_size(release.bytes_verified()) + " in " +
         release.directory() + ")";
}

Json record_of(const v1::RemoveReply& reply) {
  auto record = release_record(reply.release());
  record["files_removed"] = reply.files_removed();
  return record;
}

Result<int> rm_one(Context& context, const std::string& ref, const RmOptions& options) {
  const auto daemon = context.commanded_daemon();
  if (!daemon) return daemon.error();
  v1::RemoveRequest request;
  request.set_ref(ref);
  request.set_keep_files(options.keep_files);
  request.set_dry_run(true);
  auto& client = (*daemon)->client;
  const auto preview = client.call<v1::RemoveReply>("Releases/Remove", request);
  if (!preview) return preview.error();
  if (options.dry_run) {
    if (context.json()) context.output().record(record_of(*preview));
    context.output().note("would remove " + what_goes(*preview) + "     (dry run, nothing done)");
    return 0;
  }
  const auto is_sure = context.confirm("Remove " + what_goes(*preview) + "?");
  if (!is_sure) return is_sure.error();
  if (!*is_sure) {
    context.output().note("nothing removed");
    return 1;
  }
  request.set_dry_run(false);
  const auto reply = client.call<v1::RemoveReply>("Releases/Remove", request);
  if (!reply) return reply.error();
  if (context.json()) context.output().record(record_of(*reply));
  context.output().good("removed " + what_goes(*reply));
  return 0;
}

Result<int> run_rm(Context& context, const RmOptions& options) {
  return for_each(context, options.refs,
                  [&](const std::string& ref) { return rm_one(context, ref, options); });
}

}  // namespace

void add_rm(CommandLine& line) {
  add_command<RmOptions>(
      line, line.root,
      {"rm", kReleaseGroup, "Remove a release; files outside the store always stay",
       "owrd rm acme/atlas:1.0\nowrd rm --keep-files acme/atlas:1.0\nowrd ls -q | xargs owrd rm "
       "-y"},
      add_flags, run_rm);
}

}  // namespace owrd::cli
