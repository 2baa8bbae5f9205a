#include "cli/follow.h"

#include <chrono>
#include <thread>

#include "cli/listed.h"
#include "cli/records.h"
#include "cli/wording.h"
#include "daemon/core/ref.h"
#include "daemon/core/units.h"

namespace owrd::cli {
namespace {

constexpr int kSeedingPollMs = 1000;
/// Of an id that stands for a release.
constexpr std::size_t kIdDigits = 24;

Result<int> stop_seeding(Context& context, Daemon& daemon, const std::string& name,
                         const SignalTrap& trap) {
  v1::PauseRequest request;
  request.set_ref(name);
  const auto paused = daemon.client.call<v1::PauseReply>("Releases/Pause", request);
  if (!paused) return paused.error();
  context.output().note("stopped seeding. Again:  owrd seed " + name);
  return 128 + trap.caught();
}

/// Of what nobody else waits for. That this command has left is seen by the daemon in a moment.
void give_up(Client& client, const std::string& name) {
  constexpr int kTries = 10;
  v1::PauseRequest request;
  request.set_ref(name);
  request.set_only_unresolved(true);
  for (int i = 0; i < kTries; ++i) {
    const auto paused = client.call<v1::PauseReply>("Releases/Pause", request);
    if (paused || paused.error().code != ErrorCode::Busy) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

/// What the name stood for, so that it can be pinned, and what speaks against it.
void show_resolved(Output& output, const v1::TransferPlan& plan, const std::string& asked) {
  if (plan.has_resolved())
    output.note((asked.empty() ? plan.release().ref() : asked) +
                (output.look().utf8 ? " → " : " -> ") + pinned_ref(plan.resolved()));
  for (const auto& warning : plan.warnings()) output.warning(warning);
}

void show_plan(Output& output, const v1::TransferPlan& plan, const std::string& asked) {
  show_resolved(output, plan, asked);
  const auto& release = plan.release();
  std::string line =
      release.ref() + "  sha256:" + short_id(release.release_id(), output.look().utf8);
  if (plan.signed_by_size() > 0) line += "  signed by " + joined(plan.signed_by());
  if (!release.license().empty()) line += "  license " + release.license();
  output.good(line);
  if (plan.attested_by_size() > 0) output.good("attested by " + joined(plan.attested_by()));
  line = count_of(release.files(), "file") + ", " + format_size(release.bytes_total());
  if (release.partial()) line += ", of which " + format_size(release.bytes_wanted()) + " selected";
  if (plan.bytes_here() > 0) line += " (" + format_size(plan.bytes_here()) + " already here)";
  if (!release.directory().empty())
    line += (output.look().utf8 ? " → " : " -> ") + release.directory();
  output.note(line);
  if (!plan.copied_from().empty())
    output.note("a copy of what is in " + plan.copied_from() +
                ", which owrd keeps; the copy is yours alone");
}

}  // namespace

TransferTalk::TransferTalk(Context& context, std::string asked)
    : context_(context),
      asked_(std::move(asked)),
      progress_(context.output(), context.transfer_progress()) {}

void TransferTalk::take(const v1::TransferEvent& event) {
  switch (event.event_case()) {
    case v1::TransferEvent::kProgress:
      followed_.release = event.progress().release();
      progress_.transfer(event.progress());
      return;
    case v1::TransferEvent::kPlan:
      take_plan(event.plan());
      return;
    case v1::TransferEvent::kDone:
      followed_.release = event.done().release();
      followed_.done = event.done();
      return;
    case v1::TransferEvent::kHashing:
      progress_.hashing(event.hashing());
      return;
    case v1::TransferEvent::EVENT_NOT_SET:
      return;
  }
}

void TransferTalk::take_plan(const v1::TransferPlan& plan) {
  followed_.plan = plan;
  followed_.release = plan.release();
  if (context_.json())
    context_.output().record(plan_record(plan));
  else
    show_plan(context_.output(), plan, asked_);
}

Followed TransferTalk::end(StreamEnd end) {
  progress_.end();
  followed_.end = end;
  return followed_;
}

std::string name_of(const v1::ReleaseRecord& release) {
  if (parse_ref(release.ref())) return release.ref();
  const auto& id = release.release_id().empty() ? release.infohash() : release.release_id();
  return id.substr(0, kIdDigits);
}

void show_done(Context& context, const v1::TransferDone& done) {
  auto& output = context.output();
  const auto& release = done.release();
  std::string line = "verified " + format_size(release.bytes_wanted()) + " of " + release.ref();
  // Nothing took any time: it is what it was.
  line += done.elapsed_ms() == 0
              ? " before, and unchanged since"
              : " in " + format_duration(std::chrono::seconds(done.elapsed_ms() / 1000));
  if (done.elapsed_ms() != 0 && release.bytes_reused() > 0)
    line += ", " + format_size(release.bytes_reused()) + " of it reused from this disk";
  if (release.bytes_uploaded() > 0) line += "; gave back " + format_size(release.bytes_uploaded());
  output.good(line);
  if (context.json())
    output.record(done_record(done));
  else
    output.result(release.directory());
}

Result<int> stop_transfer(Context& context, Daemon& daemon, const Followed& followed,
                          const SignalTrap& trap, const std::string& resume_command) {
  auto& output = context.output();
  const int exit_code = 128 + trap.caught();
  const auto& release = followed.release;
  const auto name = name_of(release);
  if (!followed.plan) {
    if (!name.empty()) give_up(daemon.client, name);
    output.note("stopped before anything was known of it. Again:  " + resume_command);
    return exit_code;
  }
  if (!followed.plan->copied_from().empty()) {
    output.note("stopped copying. Again:  " + resume_command);
    return exit_code;
  }
  if (followed.plan->was_running()) {
    output.note(name + " was running before and goes on. Come back to it:  owrd watch " + name);
    return exit_code;
  }
  v1::PauseRequest request;
  request.set_ref(name);
  const auto paused = daemon.client.call<v1::PauseReply>("Releases/Pause", request);
  if (!paused && paused.error().code != ErrorCode::NotFound) return paused.error();
  const auto& last = paused ? paused->release() : release;
  if (context.json()) {
    output.record(typed("stopped", release_record(last)));
    return exit_code;
  }
  const bool is_sized = last.bytes_wanted() > 0;
  output.note((is_sized ? "stopped at " + percent(last.bytes_verified(), last.bytes_wanted()) +
                              "; verified data kept. Resume:  "
                        : "stopped. Resume:  ") +
              resume_command);
  return exit_code;
}

Result<int> stay_seeding(Context& context, Daemon& daemon, const v1::ReleaseRecord& release,
                         const SignalTrap& trap) {
  const auto name = name_of(release);
  context.output().note("seeding " + name +
                        " until Ctrl-C (or its limit): this private daemon ends with the command");
  v1::WatchRequest request;
  request.set_ref(name);
  Progress progress(context.output(), context.transfer_progress());
  for (;;) {
    bool is_seeding = false;
    const auto end = daemon.client.stream<v1::TransferEvent>(
        "Releases/Watch", request,
        [&](const v1::TransferEvent& event) {
          if (event.has_done()) is_seeding = event.done().seeding();
          if (event.has_progress()) progress.transfer(event.progress());
          return true;
        },
        &trap);
    const bool goes_on = end && *end == StreamEnd::Finished && is_seeding;
    if (goes_on && !wait_for_signal(trap, kSeedingPollMs)) continue;
    progress.end();
    if (!end) return end.error();
    if (trap.caught() != 0) return stop_seeding(context, daemon, name, trap);
    context.output().note("seeding of " + name + " has reached its limit");
    return 0;
  }
}

}  // namespace owrd::cli
