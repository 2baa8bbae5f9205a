// The engine's get: from whatever names a release to a transfer that fetches it.

#include <algorithm>
#include <utility>

#include "daemon/core/units.h"
#include "daemon/engine/destination.h"
#include "daemon/engine/impl.h"
#include "daemon/engine/selection.h"
#include "daemon/release/path_rules.h"

namespace owrd::engine {
SubscriptionPtr Engine::Impl::get(const GetRequest& request, Observer<TransferDone> observer) {
  const auto ear = std::make_shared<Ear<TransferDone>>(std::move(observer));
  const auto begun = [&]() -> Result<> {
    for (const auto& peer : request.peers)
      if (const auto checked = release::check_endpoint(peer); !checked) return checked.error();
    if (!request.directory.empty() && !find_by_directory(request.directory))
      if (const auto place = check_place(request.directory, around.world.store.directory()); !place)
        return place.error();
    const auto attesters =
        std::max(request.require_attestations, around.settings.require_attestations);
    if (const auto able = registry.check_attesters(attesters, request.attested_by); !able)
      return able.error();
    if (request.magnet) return get_magnet(request, ear);
    if (request.bundle) return get_bundle(request, ear);
    if (!request.ref->model.empty()) return get_named(request, ear);
    const auto found = find(*request.ref);
    if (!found) return found.error();
    return get_known(request, *found, ear);
  }();
  if (!begun) answer<TransferDone>(ear, begun.error());
  return std::make_unique<EarSubscription<TransferDone>>(ear);
}

Result<> Engine::Impl::get_magnet(const GetRequest& request, const EarPtr<TransferDone>& ear) {
  const auto& infohash = request.magnet->infohash;
  for (const auto& [id, transfer] : transfers)
    if (transfer->stored().infohash == infohash) return get_known(request, transfer, ear);
  if (request.detach && !request.dry_run) {
    const store::PendingGet pending{infohash,          to_string(*request.magnet),
                                    request.directory, request.include,
                                    request.exclude,   request.peers,
                                    request.reuse,     request.allow,
                                    request.seed,      around.world.clock.now()};
    if (const auto saved = around.world.store.save_pending(pending); !saved) return saved.error();
  }
  // Whoever only looked leaves nothing behind; any other get outlives the client that is lost.
  if (request.dry_run)
    ear->set_on_let_go([this, weak = std::weak_ptr(ear), infohash] {
      const auto gone = weak.lock();
      const auto resolver = resolvers.find(infohash);
      if (!gone || resolver == resolvers.end() || resolver->second->let_go(gone)) return;
      resolver->second->stop();
      resolvers.erase(resolver);
    });
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
  if (!believed) forget_pending(infohash);
  for (const auto& asker : resolver->askers()) {
    asker.ear->set_on_let_go({});
    const auto begun =
        believed ? get_believed(asker.request, *believed, asker.ear) : Result<>(believed.error());
    if (begun) continue;
    around.world.log(begun.error().message);
    asker.ear->done(begun.error());
  }
}

void Engine::Impl::forget_pending(const Digest& infohash) {
  const auto forgotten = around.world.store.remove_pending(infohash);
  if (!forgotten) around.world.log(forgotten.error().message);
}

Result<> Engine::Impl::get_bundle(const GetRequest& request, const EarPtr<TransferDone>& ear) {
  if (request.bundle->manifest().empty())
    return Error{ErrorCode::InvalidInput, "the bundle names a publisher but holds no release",
                 "to pin the publisher: owrd publisher add FILE"};
  if (const auto taken = registry.take(*request.bundle); !taken) return taken;
  auto believed = believe(as_bytes(request.bundle->manifest()), around.publishers);
  if (!believed && believed.error().code == ErrorCode::Untrusted) {
    auto error = believed.error();
    error.hint =
        "the bundle names its publisher; if the id above is the one that you were told: owrd "
        "publisher add FILE.owr";
    return error;
  }
  if (!believed)
    return equivocates(believed.error(), as_bytes(request.bundle->manifest()), "bundle");
  auto merged = request;
  for (const auto& peer : request.bundle->peers())
    if (release::check_endpoint(peer)) merged.peers.push_back(peer);
  return get_believed(merged, std::move(*believed), ear);
}

void Engine::Impl::apply_seed_wish(const GetRequest& request, store::StoredRelease& stored) const {
  stored.seed_after = request.seed.has_value() || around.settings.seed_on_complete;
  stored.seed_limit = request.seed.value_or(around.settings.seed_limit);
}

/// A release that may be here already, and else is taken into the store.
Result<> Engine::Impl::get_believed(const GetRequest& asked, Believed believed,
                                    const EarPtr<TransferDone>& ear) {
  auto request = asked;
  if (const auto checked = check_wishes(request, believed); !checked) return checked;
  const auto known = transfers.find(believed.manifest.release_id());
  const auto again = [this, request, believed, ear] {
    if (const auto begun = get_believed(request, believed, ear); !begun) ear->done(begun.error());
  };
  if (known == transfers.end() && waits_for_burial(place_of(request, believed), again))
    return Done{};
  const auto infohash = believed.torrent.infohash;
  const auto begun = known != transfers.end() ? get_known(request, known->second, ear)
                                              : get_new(request, std::move(believed), ear);
  // Now the release itself stands in the store, or never will.
  forget_pending(infohash);
  return begun;
}

std::filesystem::path Engine::Impl::place_of(const GetRequest& request,
                                             const Believed& believed) const {
  return request.directory.empty() ? place_in_store(believed) : request.directory;
}

Result<> Engine::Impl::get_new(const GetRequest& asked, Believed believed,
                               const EarPtr<TransferDone>& ear) {
  auto request = asked;
  const auto wanted = select_files(believed.torrent, request.include, request.exclude);
  if (!wanted) return wanted.error();
  if (const auto agreed = check_terms(request, believed, *wanted); !agreed) return agreed;
  auto stored = describe(believed);
  stored.include = request.include;
  stored.exclude = request.exclude;
  stored.peers = request.peers;
  stored.reuse = request.reuse;
  stored.allow = request.allow;
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
  const auto destination = examine(stored.directory, believed.proof);
  if (!destination) return destination.error();
  if (request.dry_run) {
    const Transfer transfer(surroundings, std::move(stored), std::move(believed), *wanted, {});
    show_plan(with_wishes(transfer.plan(/*was_running=*/false), request), ear);
    return Done{};
  }
  if (*destination == Destination::Fresh) {
    const auto needed = wanted_bytes(believed.torrent, *wanted);
    const auto shared = stored.ownership == store::Ownership::Store
                            ? shareable_bytes(believed.torrent, *wanted)
                            : 0;
    if (const auto fits = check_space(stored.directory, needed - shared); !fits)
      return fits.error();
  }
  const auto directory = stored.directory;
  std::error_code ignored;
  const bool was_there = std::filesystem::exists(directory, ignored);
  if (const auto made = content::make_directory(staging_directory(directory)); !made)
    return Error{made.error().code, made.error().message, "choose another place with --to DIR"};
  const auto transfer = add_transfer(std::move(stored), std::move(believed), *wanted, {});
  if (!transfer) {
    std::filesystem::remove(staging_directory(directory), ignored);
    if (!was_there) std::filesystem::remove(directory, ignored);
    return transfer.error();
  }
  if (*destination == Destination::SameRelease)
    (*transfer)->take_up_what_is_there(request.may_replace);
  begin(request, *transfer, ear, /*was_running=*/false);
  return Done{};
}

Result<> Engine::Impl::check_space(const std::filesystem::path& directory,
                                   std::uint64_t needed) const {
  const auto free = content::free_bytes(directory);
  if (!free || needed + around.settings.reserve_free_bytes <= *free) return Done{};
  return Error{ErrorCode::NoSpace,
               "fetching to " + directory.string() + ": need " + format_size(needed) + ", have " +
                   format_size(*free),
               "make room, or choose another place with --to DIR, or fewer files with --include"};
}

/// Of the wanted files, those that the store has whole: they take a second name and no room.
std::uint64_t Engine::Impl::shareable_bytes(const release::Torrent& torrent,
                                            const std::vector<bool>& wanted) const {
  std::set<Digest> here;
  for (const auto& [id, transfer] : transfers)
    if (transfer->stored().ownership == store::Ownership::Store)
      for (const auto& root : transfer->verified_roots()) here.insert(root);
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto& file = torrent.files[i];
    if (wanted[i] && file.pieces_root && here.count(*file.pieces_root) != 0) bytes += file.length;
  }
  return bytes;
}

std::vector<OtherRelease> Engine::Impl::related_to(const Transfer& one) const {
  const auto& manifest = one.believed().manifest;
  std::set<Digest> missing;
  for (const auto& file : one.believed().torrent.files)
    if (file.pieces_root) missing.insert(*file.pieces_root);
  std::vector<OtherRelease> related;
  for (const auto& [id, other] : transfers) {
    if (other.get() == &one) continue;
    const auto& theirs = other->believed().manifest;
    const bool is_same_model =
        theirs.publisher_id() == manifest.publisher_id() && theirs.model() == manifest.model();
    const auto roots = other->verified_roots();
    const bool shares = std::any_of(roots.begin(), roots.end(),
                                    [&](const Digest& root) { return missing.count(root) != 0; });
    if (!is_same_model && !shares) continue;
    const bool may_link = one.stored().ownership == store::Ownership::Store &&
                          other->stored().ownership == store::Ownership::Store;
    related.push_back({other->stored().directory, other->believed(), other->verified(), may_link});
  }
  return related;
}

void Engine::Impl::show_plan(TransferPlan plan, const EarPtr<TransferDone>& ear) {
  boost::asio::post(around.world.loop, [ear, plan = std::move(plan)] {
    ear->plan(plan);
    ear->done(TransferDone{plan.release, std::chrono::milliseconds(0), false});
  });
}

void Engine::Impl::begin(const GetRequest& request, const TransferPtr& transfer,
                         const EarPtr<TransferDone>& ear, bool was_running) {
  if (request.detach) transfer->set_detached();
  boost::asio::post(around.world.loop, [this, request, transfer, ear, was_running] {
    if (is_stopping) return;
    ear->plan(with_wishes(transfer->plan(was_running), request));
    if (transfer->is_complete())
      return ear->done(
          TransferDone{transfer->view(), std::chrono::milliseconds(0), transfer->is_running()});
    transfer->listen(ear, request.timeout, /*is_owner=*/!was_running);
    transfer->activate();
  });
}

}  // namespace owrd::engine
