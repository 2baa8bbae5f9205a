#pragma once

#include <optional>
#include <string>

#include "cli/context.h"

namespace owrd::cli {

/// How following a transfer ended, and what it was.
struct Followed {
  StreamEnd end = StreamEnd::Finished;
  std::optional<v1::TransferPlan> plan;
  std::optional<v1::TransferDone> done;
  v1::ReleaseRecord release;  ///< As last seen.
};

/// Shows the events of a transfer: plan and progress, and in --json all of them as records.
class TransferTalk {
 public:
  /// `asked` is what the person named: what it stands for is said when that is known.
  explicit TransferTalk(Context& context, std::string asked = {});

  void take(const v1::TransferEvent& event);
  Followed end(StreamEnd end);

 private:
  void take_plan(const v1::TransferPlan& plan);

  Context& context_;
  std::string asked_;
  Progress progress_;
  Followed followed_;
};

/// Calls a method that streams TransferEvents and shows them until it ends or a signal comes.
template <class Request>
Result<Followed> follow(Context& context, Client& client, std::string_view method,
                        const Request& request, const SignalTrap& trap, std::string asked = {}) {
  TransferTalk talk(context, std::move(asked));
  const auto end = client.stream<v1::TransferEvent>(
      method, request,
      [&](const v1::TransferEvent& event) {
        talk.take(event);
        return true;
      },
      &trap);
  auto followed = talk.end(end ? *end : StreamEnd::Stopped);
  if (!end) return end.error();
  return followed;
}

/// How the daemon can be told of this transfer again.
std::string name_of(const v1::ReleaseRecord& release);

/// "✓ verified 30 files, 141.2 GB in 5m41s; gave back 18.4 GB", and the path on standard output.
void show_done(Context& context, const v1::TransferDone& done);

/// Stops what this command began and says how to go on: 128 and the signal. What stood before goes
/// on.
Result<int> stop_transfer(Context& context, Daemon& daemon, const Followed& followed,
                          const SignalTrap& trap, const std::string& resume_command);

/// With a private daemon, which would end with this command: stays until the limit of seeding is
/// reached or a signal comes.
Result<int> stay_seeding(Context& context, Daemon& daemon, const v1::ReleaseRecord& release,
                         const SignalTrap& trap);

}  // namespace owrd::cli
