// The engine's get of a release that is in the store already.

#include <algorithm>
#include <utility>

#include "daemon/engine/copying.h"
#include "daemon/engine/destination.h"
#include "daemon/engine/impl.h"
#include "daemon/engine/known_get.h"
#include "daemon/engine/selection.h"

namespace owrd::engine {
namespace {

bool is_gone(const std::filesystem::path& directory) {
  std::error_code error;
  return !std::filesystem::exists(directory, error) && !error;
}

}  // namespace

/// A release that is in the store: complete, under way, or interrupted.
Result<> Engine::Impl::get_known(const GetRequest& asked, const TransferPtr& transfer,
                                 const EarPtr<TransferDone>& ear) {
  auto request = asked;
  const auto& stored = transfer->stored();
  const auto& torrent = transfer->believed().torrent;
  const auto wanted = select_files(torrent, request.include, request.exclude);
  if (!wanted) return wanted.error();
  const auto agreed = check_terms(request, transfer->believed(), *wanted);
  if (!agreed) return agreed;
  const bool goes_elsewhere =
      !request.directory.empty() && !is_same_place(request.directory, stored.directory);
  const auto act = decide(
      {transfer->is_complete(), transfer->is_whole(), transfer->wants(*wanted), goes_elsewhere});
  const auto ref = transfer->view().ref;
  if (act == KnownGet::RefuseUnfinished)
    return Error{ErrorCode::Busy, ref + " is already being fetched to " + stored.directory.string(),
                 "let it finish, or first: owrd rm " + ref};
  if (act == KnownGet::RefuseIncomplete)
    return Error{ErrorCode::Busy,
                 ref + " is in " + stored.directory.string() + ", without some of these files",
                 is_gone(stored.directory) ? "that directory is gone; to forget it: owrd rm " + ref
                                           : "first fetch them there: owrd get " + ref};
  if (request.dry_run) {
    show_plan(with_wishes(act == KnownGet::Copy ? plan_of_copy(request, *transfer, *wanted)
                                                : transfer->plan_with(*wanted),
                          request),
              ear);
    return Done{};
  }
  if (act == KnownGet::Copy) return copy_out(request, transfer, *wanted, ear);
  if (act == KnownGet::Confirm) {
    confirm(request, transfer, *wanted, ear);
    return Done{};
  }
  const bool was_running = transfer->is_running() && !transfer->is_complete();
  if (act == KnownGet::Join)
    if (const auto set = transfer->set_intent(store::Intent::Get); !set) return set.error();
  if (act == KnownGet::Extend)
    if (const auto begun = fetch_again(*transfer, *wanted); !begun) return begun.error();
  transfer->add_peers(request.peers);
  transfer->look_in(request.reuse);
  transfer->allow(request.allow);
  if (request.seed)
    if (const auto set = transfer->set_seed_after(true, *request.seed); !set) return set.error();
  begin(request, transfer, ear, was_running);
  return Done{};
}

Result<> Engine::Impl::fetch_again(Transfer& transfer, const std::vector<bool>& wanted) {
  if (transfer.is_complete() && !transfer.is_whole())
    transfer.take_up_what_is_there(/*may_replace=*/false);
  return transfer.want_also(wanted);
}

/// Says that all is there only when the files are what they were when they were hashed.
void Engine::Impl::confirm(const GetRequest& request, const TransferPtr& transfer,
                           const std::vector<bool>& wanted, const EarPtr<TransferDone>& ear) {
  using Changes = std::vector<ChangedFile>;
  around.world.jobs.run<Changes>(
      [directory = transfer->stored().directory, files = transfer->verified_files()](
          const content::JobContext&) -> Result<Changes> { return find_changed(directory, files); },
      [this, request, transfer, wanted, ear](Result<Changes> changed) {
        if (!changed) return ear->done(changed.error());
        if (find_by_directory(transfer->stored().directory) != transfer)
          return ear->done(Error{ErrorCode::NotFound, transfer->view().ref + " was removed"});
        const auto begun = finish_confirming(request, transfer, wanted, *changed);
        if (!begun) return ear->done(begun.error());
        begin(request, transfer, ear, /*was_running=*/false);
      });
}

Result<> Engine::Impl::finish_confirming(const GetRequest& request, const TransferPtr& transfer,
                                         const std::vector<bool>& wanted,
                                         const std::vector<ChangedFile>& changed) {
  transfer->add_peers(request.peers);
  transfer->look_in(request.reuse);
  transfer->forget(changed);
  if (request.seed)
    if (const auto set = transfer->set_seed_after(true, *request.seed); !set) return set.error();
  if (!changed.empty()) return fetch_again(*transfer, wanted);
  if (request.seed) transfer->activate();
  return Done{};
}

TransferPlan Engine::Impl::plan_of_copy(const GetRequest& request, const Transfer& transfer,
                                        const std::vector<bool>& wanted) const {
  auto plan = transfer.plan(/*was_running=*/false);
  plan.copied_from = std::exchange(plan.release.directory, request.directory);
  for (std::size_t i = 0; i < wanted.size(); ++i) plan.files[i].is_wanted = wanted[i];
  plan.release.bytes_wanted = wanted_bytes(transfer.believed().torrent, wanted);
  plan.release.is_partial = std::find(wanted.begin(), wanted.end(), false) != wanted.end();
  plan.bytes_here = 0;
  if (const auto free = content::free_bytes(request.directory)) plan.bytes_free = *free;
  return plan;
}

/// One more copy of a release that is complete here: asked for by name, so it is made, but the
/// store keeps its own.
Result<> Engine::Impl::copy_out(const GetRequest& request, const TransferPtr& transfer,
                                const std::vector<bool>& wanted, const EarPtr<TransferDone>& ear) {
  const auto to = std::filesystem::weakly_canonical(request.directory);
  // Before the place is looked at, where half a copy lies then.
  if (copying.count(to) != 0)
    return Error{ErrorCode::Busy,
                 "another copy to " + request.directory.string() + " is being made",
                 "wait for that one"};
  if (const auto examined = examine(request.directory, transfer->believed().proof); !examined)
    return examined.error();
  auto plan = with_wishes(plan_of_copy(request, *transfer, wanted), request);
  if (const auto fits = check_space(request.directory, plan.release.bytes_wanted); !fits)
    return fits.error();
  copying.insert(to);
  TransferDone done{plan.release, std::chrono::milliseconds(0), transfer->is_running()};
  boost::asio::post(around.world.loop, [ear, plan = std::move(plan)] { ear->plan(plan); });
  const auto job = around.world.jobs.run<Done>(
      [from = transfer->stored().directory, to = request.directory, believed = transfer->believed(),
       wanted](const content::JobContext& context) {
        return copy_release(from, to, believed, wanted, context);
      },
      [this, ear, done, to, begun = around.world.clock.steady_now()](Result<> copied) mutable {
        copying.erase(to);
        if (!copied) return ear->done(copied.error());
        done.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
            around.world.clock.steady_now() - begun);
        done.release.bytes_verified = done.release.bytes_wanted;
        ear->done(std::move(done));
      },
      [ear](const content::Progress& progress) { ear->hashing(progress); });
  ear->set_on_let_go([job] { job.cancel(); });
  return Done{};
}

}  // namespace owrd::engine
