#include "cli/command.h"
#include "cli/records.h"
#include "cli/wording.h"

namespace owrd::cli {
namespace {

struct ResumeOptions {
  std::vector<std::string> refs;
};

void add_flags(CLI::App& command, ResumeOptions& options) {
  command.add_option("ref", options.refs, "The releases")->required()->type_name("REF");
}

Result<int> resume_one(Context& context, const std::string& ref) {
  const auto daemon = context.commanded_daemon();
  if (!daemon) return daemon.error();
  v1::ResumeRequest request;
  request.set_ref(ref);
  const auto reply = (*daemon)->client.call<v1::ResumeReply>("Releases/Resume", request);
  if (!reply) return reply.error();
  const auto& release = reply->release();
  if (context.json())
    context.output().record(release_record(release));
  else
    context.output().good(release.ref() + ": " + state_name(release.state()));
  if ((*daemon)->status.is_private())
    context.output().hint(
        "this daemon is private and ends with its last command; stay with:  owrd watch " +
        release.ref());
  return 0;
}

Result<int> run_resume(Context& context, const ResumeOptions& options) {
  return for_each(context, options.refs,
                  [&](const std::string& ref) { return resume_one(context, ref); });
}

}  // namespace

void add_resume(CommandLine& line) {
  add_command<ResumeOptions>(
      line, line.root,
      {"resume", kReleaseGroup, "Go on with what was paused", "owrd resume acme/atlas:1.0"},
      add_flags, run_resume);
}

}  // namespace owrd::cli
