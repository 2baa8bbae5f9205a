// The engine's get: from whatever names a release to a transfer that fetches it.

#include <algorithm>
#include <utility>

#include "daemon/core/units.h"
#include "daemon/engine/impl.h"
#include "daemon/engine/selection.h"
#include "daemon/release/path_rules.h"

namespace owrd::engine {
namespace {

/// What an explicit destination may hold: nothing, or (part of) this very release.
enum class Destination { Fresh, SameRelease };

/// What a get leaves that was killed at its very beginning.
bool holds_only_empty_staging(const std::filesystem::path& directory) {
  const auto staging = staging_directory(directory);
  const std::filesystem::directory_iterator end;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  if (error || entry == end || entry->path() != staging || !entry->is_directory(error) ||
      entry->is_symlink(error) || ++entry != end)
    return false;
  const auto is_empty = content::is_empty_or_missing(staging);
  return is_empty && *is_empty;
}

Result<Destination> examine(const std::filesystem::path& directory, const Bytes& proof) {
  std::error_code error;
  if (std::filesystem::exists(directory, error) && !std::filesystem::is_directory(directory, error))
    return Error{ErrorCode::AlreadyExists, directory.string() + " is a file",
                 "choose a directory with --to DIR"};
  const auto is_empty = content::is_empty_or_missing(directory);
  if (!is_empty) return is_empty.error();
  if (*is_empty || holds_only_empty_staging(directory)) return Destination::Fresh;
  const std::string name(release::kProofName);
  for (const auto& place : {directory, staging_directory(directory)}) {
    const auto there = content::read_file(place, name, proof.size());
    if (there && *there == proof) return Destination::SameRelease;
  }
  return Error{ErrorCode::AlreadyExists,
               directory.string() + " holds other files, and none of this release",
               "choose an empty or a new directory: --to " + directory.string() + "/NAME"};
}

std::uint64_t wanted_bytes(const release::Torrent& torrent, const std::vector<bool>& wanted) {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (wanted[i]) bytes += torrent.files[i].length;
  return bytes;
}

}  // namespace

SubscriptionPtr Engine::Impl::get(const GetRequest& request, Observer<TransferDone> observer) {
  const auto ear = std::make_shared<Ear<TransferDone>>(std::move(observer));
  const auto begun = [&]() -> Result<> {
    for (const auto& peer : request.peers)
      if (const auto checked = release::check_endpoint(peer); !checked) return checked.error();
    if (request.magnet) return get_magnet(request, ear);
    if (request.bundle) return get_bundle(request, ear);
    const auto found = find(*request.ref);
    if (!found) return found.error();
    return get_known(request, *found, ear);
  }();
  if (!begun) answer<TransferDone>(ear, begun.error());
  std::function<void()> on_let_go;
  if (request.dry_run && request.magnet)
    on_let_go = [this, ear, infohash = request.magnet->infohash] {
      const auto resolver = resolvers.find(infohash);
      if (resolver == resolvers.end() || resolver->second->let_go(ear)) return;
      resolver->second->stop();
      resolvers.erase(resolver);
    };
  return std::make_unique<EarSubscription<TransferDone>>(ear, std::move(on_let_go));
}

Result<> Engine::Impl::get_magnet(const GetRequest& request, const EarPtr<TransferDone>& ear) {
  const auto& infohash = request.magnet->infohash;
  for (const auto& [id, transfer] : transfers)
    if (transfer->stored().infohash == infohash) return get_known(request, transfer, ear);
  if (request.detach && !request.dry_run) {
    const store::PendingGet pending{infohash,          to_string(*request.magnet),
                                    request.directory, request.include,
                                    request.exclude,   request.peers,
                                    request.seed,      around.world.clock.now()};
    if (const auto saved = around.world.store.save_pending(pending); !saved) return saved.error();
  }
  auto& resolver = resolvers[infohash];
  if (resolver) {
    resolver->add_peers(request.peers);
    resolver->listen(request, ear);
    return Done{};
  }
  resolver = std::make_shared<Resolver>(
      surroundings, request,
      [this, infohash](Result<Believed> believed) { on_resolved(infohash, std::move(believed)); });
  resolver->listen(request, ear);
  resolver->start();
  return Done{};
}

void Engine::Impl::on_resolved(const Digest& infohash, Result<Believed> believed) {
  const auto found = resolvers.find(infohash);
  if (found == resolvers.end()) return;
  const auto resolver = found->second;
  resolvers.erase(found);
  const auto forgotten = around.world.store.remove_pending(infohash);
  if (!forgotten) around.world.log(forgotten.error().message);
  for (const auto& asker : resolver->askers()) {
    const auto begun =
        believed ? get_believed(asker.request, *believed, asker.ear) : Result<>(believed.error());
    if (begun) continue;
    around.world.log(begun.error().message);
    asker.ear->done(begun.error());
  }
}

Result<> Engine::Impl::get_bundle(const GetRequest& request, const EarPtr<TransferDone>& ear) {
  if (request.bundle->manifest().empty())
    return Error{ErrorCode::InvalidInput, "the bundle names a publisher but holds no release",
                 "to pin the publisher: owrd publisher add FILE"};
  auto believed = believe(as_bytes(request.bundle->manifest()), around.world.store);
  if (!believed && believed.error().code == ErrorCode::Untrusted) {
    auto error = believed.error();
    error.hint =
        "the bundle names its publisher; if the id above is the one that you were told: owrd "
        "publisher add FILE.owr";
    return error;
  }
  if (!believed) return believed.error();
  auto merged = request;
  for (const auto& peer : request.bundle->peers())
    if (release::check_endpoint(peer)) merged.peers.push_back(peer);
  return get_believed(merged, std::move(*believed), ear);
}

void Engine::Impl::apply_seed_wish(const GetRequest& request, store::StoredRelease& stored) const {
  stored.seed_after = request.seed.has_value() || around.settings.seed_on_complete;
  stored.seed_limit = request.seed.value_or(around.settings.seed_limit);
}

Result<> Engine::Impl::get_believed(const GetRequest& request, Believed believed,
                                    const EarPtr<TransferDone>& ear) {
  const auto known = transfers.find(believed.manifest.release_id());
  if (known != transfers.end()) return get_known(request, known->second, ear);
  const auto wanted = select_files(believed.torrent, request.include, request.exclude);
  if (!wanted) return wanted.error();
  auto stored = describe(believed);
  stored.include = request.include;
  stored.exclude = request.exclude;
  stored.peers = request.peers;
  if (request.magnet) {
    stored.peers.insert(stored.peers.end(), request.magnet->peers.begin(),
                        request.magnet->peers.end());
    stored.trackers = request.magnet->trackers;
  }
  apply_seed_wish(request, stored);
  if (!request.directory.empty()) {
    stored.directory = request.directory;
    stored.ownership = store::Ownership::Given;
    if (const auto other = find_by_directory(stored.directory))
      return Error{ErrorCode::AlreadyExists,
                   stored.directory.string() + " is the directory of " + other->view().ref,
                   "choose another one with --to DIR"};
  }
  const auto again = [this, request, believed, ear] {
    if (const auto begun = get_believed(request, believed, ear); !begun) ear->done(begun.error());
  };
  if (waits_for_burial(stored.directory, again)) return Done{};
  const auto destination = examine(stored.directory, believed.proof);
  if (!destination) return destination.error();
  if (request.dry_run) {
    const auto view =
        std::make_shared<Transfer>(surroundings, std::move(stored), std::move(believed), *wanted,
                                   std::vector<store::StoredFile>{});
    boost::asio::post(around.world.loop, [ear, view] {
      ear->plan(view->plan(/*was_running=*/false));
      ear->done(TransferDone{view->view(), std::chrono::milliseconds(0), false});
    });
    return Done{};
  }
  if (const auto made = content::make_directory(staging_directory(stored.directory)); !made)
    return Error{made.error().code, made.error().message, "choose another place with --to DIR"};
  const auto directory = stored.directory;
  const auto transfer = [&]() -> Result<TransferPtr> {
    const auto needed = wanted_bytes(believed.torrent, *wanted);
    const auto free = content::free_bytes(directory);
    if (*destination == Destination::Fresh && free &&
        needed + around.settings.reserve_free_bytes > *free)
      return Error{
          ErrorCode::NoSpace,
          "fetching to " + directory.string() + ": need " + format_size(needed) + ", have " +
              format_size(*free),
          "make room, or choose another place with --to DIR, or fewer files with --include"};
    return add_transfer(std::move(stored), std::move(believed), *wanted, {});
  }();
  if (!transfer) {
    for (const auto& made : {staging_directory(directory), directory})
      if (const auto removed = content::remove_files(made, {}); !removed) return removed.error();
    return transfer.error();
  }
  if (*destination == Destination::SameRelease) (*transfer)->take_up_what_is_there();
  begin(request, *transfer, ear, /*was_running=*/false);
  return Done{};
}

/// A release that is in the store: complete, under way, or interrupted.
Result<> Engine::Impl::get_known(const GetRequest& request, const TransferPtr& transfer,
                                 const EarPtr<TransferDone>& ear) {
  const bool goes_elsewhere =
      !request.directory.empty() && request.directory != transfer->stored().directory;
  const auto wanted = select_files(transfer->believed().torrent, request.include, request.exclude);
  if (!wanted) return wanted.error();
  if (request.dry_run) {
    boost::asio::post(around.world.loop, [ear, transfer] {
      ear->plan(transfer->plan(transfer->is_running()));
      ear->done(TransferDone{transfer->view(), std::chrono::milliseconds(0), false});
    });
    return Done{};
  }
  const auto state = transfer->view().state;
  const bool same_selection = request.include == transfer->stored().include &&
                              request.exclude == transfer->stored().exclude;
  const bool needs_nothing = transfer->is_complete() && state != State::Damaged &&
                             (same_selection || !transfer->is_partial());
  if (goes_elsewhere && !transfer->is_complete())
    return Error{ErrorCode::Busy,
                 transfer->view().ref + " is already being fetched to " +
                     transfer->stored().directory.string(),
                 "let it finish, or first: owrd rm " + transfer->view().ref};
  if (goes_elsewhere && needs_nothing) return copy_out(request, transfer, ear);
  if (goes_elsewhere)
    return Error{ErrorCode::Busy,
                 transfer->view().ref + " is here with another selection of files, in " +
                     transfer->stored().directory.string(),
                 "get it without --to first"};
  const bool was_running = transfer->is_running() && !transfer->is_complete();
  transfer->add_peers(request.peers);
  if (needs_nothing) {
    if (request.seed) {
      if (const auto set = transfer->set_seed_after(true, *request.seed); !set) return set.error();
      transfer->activate();
    }
  } else if (!same_selection || state == State::Damaged) {
    if (state == State::Damaged) transfer->take_up_what_is_there();
    if (const auto set = transfer->extend_selection(request.include, request.exclude, *wanted);
        !set)
      return set.error();
  } else if (const auto set = transfer->set_intent(store::Intent::Get); !set) {
    return set.error();
  }
  if (request.seed && !needs_nothing)
    if (const auto set = transfer->set_seed_after(true, *request.seed); !set) return set.error();
  begin(request, transfer, ear, was_running);
  return Done{};
}

void Engine::Impl::begin(const GetRequest& request, const TransferPtr& transfer,
                         const EarPtr<TransferDone>& ear, bool was_running) {
  if (request.detach) transfer->set_detached();
  boost::asio::post(around.world.loop, [this, request, transfer, ear, was_running] {
    if (is_stopping) return;
    ear->plan(transfer->plan(was_running));
    if (transfer->is_complete())
      return ear->done(
          TransferDone{transfer->view(), std::chrono::milliseconds(0), transfer->is_running()});
    transfer->listen(ear, request.timeout, /*is_owner=*/!was_running);
    transfer->activate();
  });
}

/// One more copy of a release that is complete here: asked for by name, so it is made, but the
/// store keeps its own.
Result<> Engine::Impl::copy_out(const GetRequest& request, const TransferPtr& transfer,
                                const EarPtr<TransferDone>& ear) {
  const auto examined = examine(request.directory, transfer->believed().proof);
  if (!examined) return examined.error();
  if (*examined == Destination::SameRelease)
    return Error{ErrorCode::AlreadyExists,
                 request.directory.string() + " holds this release already",
                 "to check it: owrd verify " + request.directory.string()};
  auto plan = transfer->plan(/*was_running=*/false);
  plan.copied_from = std::exchange(plan.release.directory, request.directory);
  std::vector<std::string> paths;
  for (const auto& file : plan.files)
    if (file.is_wanted) paths.push_back(file.path);
  boost::asio::post(around.world.loop, [ear, plan = std::move(plan)] { ear->plan(plan); });
  around.world.jobs.run<Done>(
      [from = transfer->stored().directory, to = request.directory,
       paths](const content::JobContext& job) { return content::copy_files(from, to, paths, job); },
      [ear, transfer, to = request.directory](Result<> copied) {
        if (!copied) return ear->done(copied.error());
        TransferDone done{transfer->view(), std::chrono::milliseconds(0), transfer->is_running()};
        done.release.directory = to;
        ear->done(std::move(done));
      },
      [ear](const content::Progress& progress) { ear->hashing(progress); });
  return Done{};
}

}  // namespace owrd::engine
