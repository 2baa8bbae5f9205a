// The engine's releases: finding, showing, pausing, removing.

#include <algorithm>
#include <utility>

#include "daemon/engine/destination.h"
#include "daemon/engine/impl.h"
#include "daemon/engine/selection.h"
#include "daemon/release/bundle.h"
#include "daemon/release/version_order.h"

namespace owrd::engine {
namespace {

Error not_found(const std::string& what) {
  return Error{ErrorCode::NotFound, "no release " + what + " is known here", "owrd ls"};
}

}  // namespace

Result<TransferPtr> Engine::Impl::find(const Ref& ref) {
  if (!ref.publisher.empty()) return find_by_name(ref);
  if (ref.release_id)
    return find_by_digits(ref.release_id->to_hex(), "@sha256:" + ref.release_id->to_hex());
  return find_by_digits(ref.id_prefix, ref.id_prefix);
}

/// Digits of a release id, or of an infohash, which is all that names a release before its manifest
/// is known.
Result<TransferPtr> Engine::Impl::find_by_digits(const std::string& prefix,
                                                 const std::string& what) {
  TransferPtr found;
  for (const auto& [id, transfer] : transfers) {
    const bool matches =
        id.to_hex().compare(0, prefix.size(), prefix) == 0 ||
        transfer->stored().infohash.to_hex().compare(0, prefix.size(), prefix) == 0;
    if (!matches) continue;
    if (found)
      return Error{ErrorCode::InvalidInput, "more than one release begins with " + what,
                   "give more digits"};
    found = transfer;
  }
  if (!found) return not_found(what);
  return found;
}

Result<TransferPtr> Engine::Impl::find_by_name(const Ref& ref) {
  const auto* publisher = around.publishers.find(ref.publisher);
  if (!publisher)
    return Error{ErrorCode::Untrusted, "publisher \"" + ref.publisher + "\" is not pinned here",
                 "get its .owrp from a place you trust, then: owrd publisher add FILE.owrp --as " +
                     ref.publisher};

  if (ref.release_id && ref.label.empty()) {
    const auto known = transfers.find(*ref.release_id);
    const bool is_it = known != transfers.end() && known->second->stored().model == ref.model &&
                       known->second->stored().publisher_id == publisher->id;
    return is_it ? Result<TransferPtr>(known->second) : not_found(to_string(ref));
  }
  const bool wants_latest = ref.label.empty() || ref.label == "latest";
  TransferPtr found;
  for (const auto& [id, transfer] : transfers) {
    const auto& stored = transfer->stored();
    if (stored.publisher_id != publisher->id || stored.model != ref.model) continue;
    if (!wants_latest && stored.version == ref.label) found = transfer;
    if (!wants_latest || release::is_pre_release(stored.version)) continue;
    if (!found || release::version_before(found->stored().version, stored.version))
      found = transfer;
  }
  if (!found) return not_found(to_string(ref));
  if (ref.release_id && *ref.release_id != found->stored().release_id)
    return Error{ErrorCode::BadSignature, to_string(ref) +
                                              ": the release of that name here is sha256:" +
                                              found->stored().release_id.to_hex()};
  return found;
}

std::shared_ptr<Resolver> Engine::Impl::find_resolver(const Ref& ref) {
  const auto prefix = ref.release_id ? ref.release_id->to_hex() : ref.id_prefix;
  if (prefix.empty()) return nullptr;
  for (const auto& [infohash, resolver] : resolvers)
    if (infohash.to_hex().compare(0, prefix.size(), prefix) == 0) return resolver;
  return nullptr;
}

Result<ReleaseView> Engine::Impl::drop_resolver(const std::shared_ptr<Resolver>& resolver) {
  const auto view = resolver->view();
  const auto removed = around.world.store.remove_pending(resolver->infohash());
  if (!removed) return removed.error();
  const auto askers = resolver->askers();
  resolver->stop();
  resolvers.erase(resolver->infohash());
  for (const auto& asker : askers)
    asker.ear->done(Error{ErrorCode::NotFound, view.ref + " was removed"});
  return view;
}

TransferPtr Engine::Impl::find_by_directory(const std::filesystem::path& directory) {
  for (const auto& [id, transfer] : transfers)
    if (is_same_place(transfer->stored().directory, directory)) return transfer;
  return nullptr;
}

store::StoredRelease Engine::Impl::describe(const Believed& believed) const {
  const auto& manifest = believed.manifest;
  store::StoredRelease stored{
      manifest.release_id(), manifest.publisher_id(),   manifest.model(),        manifest.version(),
      believed.proof,        believed.torrent.infohash, place_in_store(believed)};
  stored.added = around.world.clock.now();
  return stored;
}

std::filesystem::path Engine::Impl::place_in_store(const Believed& believed) const {
  return around.world.store.directory() / "releases" /
         believed.manifest.publisher_id().to_hex().substr(0, 16) / believed.manifest.model() /
         believed.manifest.version();
}

Result<TransferPtr> Engine::Impl::add_transfer(store::StoredRelease stored, Believed believed,
                                               const std::vector<bool>& wanted,
                                               const std::vector<store::StoredFile>& files) {
  const auto id = stored.release_id;
  const auto same =
      around.world.store.find_release(stored.publisher_id, stored.model, stored.version);
  if (!same) return same.error();
  if (*same)
    return Error{ErrorCode::BadSignature,
                 ref_text(believed.petname, believed.manifest) +
                     " is known here with other content (sha256:" + (*same)->release_id.to_hex() +
                     "); its publisher signed two releases under one version",
                 "tell the publisher; to take this one instead, first: owrd rm " +
                     ref_text(believed.petname, believed.manifest)};
  if (const auto added = around.world.store.add_release(stored, files); !added)
    return added.error();
  auto transfer = std::make_shared<Transfer>(surroundings, std::move(stored), std::move(believed),
                                             wanted, files);
  transfers[id] = transfer;
  return transfer;
}

Result<TransferPtr> Engine::Impl::load_transfer(const store::StoredRelease& stored) {
  auto believed = believe(stored.proof, around.publishers);
  if (!believed)
    return Error{believed.error().code,
                 "release sha256:" + stored.release_id.to_hex() +
                     " in the store: " + believed.error().message,
                 believed.error().hint};
  const auto wanted = select_files(believed->torrent, stored.include, stored.exclude);
  if (!wanted) return wanted.error();
  const auto files = around.world.store.files(stored.release_id);
  if (!files) return files.error();
  auto transfer =
      std::make_shared<Transfer>(surroundings, stored, std::move(*believed), *wanted, *files);
  transfers[stored.release_id] = transfer;
  return transfer;
}

std::vector<ReleaseView> Engine::releases() {
  std::vector<ReleaseView> views;
  for (const auto& [infohash, resolver] : impl_->resolvers) views.push_back(resolver->view());
  for (const auto& [id, transfer] : impl_->transfers) views.push_back(transfer->view());
  std::sort(views.begin(), views.end(),
            [](const ReleaseView& a, const ReleaseView& b) { return a.ref < b.ref; });
  return views;
}

Result<ReleaseDetails> Engine::show(const Ref& ref) {
  if (const auto resolver = impl_->find_resolver(ref))
    return Error{ErrorCode::Busy,
                 resolver->view().ref + " has not told what it is yet: " + resolver->view().detail,
                 "owrd watch " + resolver->infohash().to_hex().substr(0, 24)};
  const auto found = impl_->find(ref);
  if (!found) return found.error();
  const auto& transfer = **found;
  const auto& believed = transfer.believed();
  ReleaseDetails details{transfer.view(),
                         transfer.file_views(),
                         believed.proof,
                         {believed.torrent.infohash, believed.manifest.dir(), {}, {}},
                         believed.signed_by,
                         believed.manifest.created(),
                         believed.manifest.piece_length(),
                         transfer.endpoints()};
  const auto& trackers = believed.manifest.message().trackers();
  details.magnet.trackers.assign(trackers.begin(), trackers.end());
  return details;
}

Result<Bytes> Engine::bundle(const Ref& ref) {
  const auto found = impl_->find(ref);
  if (!found) return found.error();
  const auto& believed = (*found)->believed();
  const auto* publisher = impl_->around.publishers.find(believed.manifest.publisher_id());
  if (!publisher)
    return Error{ErrorCode::Untrusted,
                 "the publisher of " + to_string(ref) + " is not pinned here"};
  v1::Bundle bundle;
  for (const auto& root : publisher->known.roots.raw())
    bundle.add_roots(std::string(as_text(root)));
  if (publisher->known.head)
    bundle.set_head(std::string(as_text(publisher->known.head->envelope().raw)));
  bundle.set_manifest(std::string(as_text(believed.proof)));
  *bundle.mutable_trackers() = believed.manifest.message().trackers();
  for (const auto& peer : (*found)->stored().peers) bundle.add_peers(peer);
  return release::encode_bundle(bundle);
}

SubscriptionPtr Engine::watch(const Ref& ref, Observer<TransferDone> observer) {
  const auto ear = std::make_shared<Ear<TransferDone>>(std::move(observer));
  if (const auto resolver = impl_->find_resolver(ref)) {
    auto request = resolver->request();
    request.timeout = std::chrono::milliseconds(0);
    request.detach = false;
    resolver->listen(std::move(request), ear);
    return std::make_unique<EarSubscription<TransferDone>>(ear);
  }
  const auto found = impl_->find(ref);
  if (!found) {
    impl_->answer<TransferDone>(ear, found.error());
    return std::make_unique<EarSubscription<TransferDone>>(ear);
  }
  const auto transfer = *found;
  boost::asio::post(impl_->around.world.loop, [ear, transfer] {
    ear->plan(transfer->plan(/*was_running=*/true));
    ear->progress(transfer->progress());
    const bool is_over = !transfer->is_running() && transfer->is_idle();
    if (transfer->is_complete())
      ear->done(
          TransferDone{transfer->view(), std::chrono::milliseconds(0), transfer->is_running()});
    else if (is_over)
      ear->done(Error{ErrorCode::Busy, transfer->view().ref + " is not running",
                      "owrd resume " + transfer->view().ref});
    else
      transfer->listen(ear, std::chrono::milliseconds(0), /*is_owner=*/false);
  });
  return std::make_unique<EarSubscription<TransferDone>>(ear);
}

Result<ReleaseView> Engine::pause(const Ref& ref, bool only_unresolved) {
  if (const auto resolver = impl_->find_resolver(ref)) {
    if (resolver->is_awaited())
      return Error{ErrorCode::Busy,
                   resolver->view().ref + " is only a magnet link yet, and cannot be paused",
                   "to give it up: owrd rm " + to_string(ref)};
    auto dropped = impl_->drop_resolver(resolver);
    if (dropped) dropped->state = State::Paused;
    return dropped;
  }
  if (only_unresolved)
    return Error{ErrorCode::NotFound, to_string(ref) + " is no magnet link that is being resolved",
                 "owrd ls"};
  const auto found = impl_->find(ref);
  if (!found) return found.error();
  const auto paused = (*found)->set_intent(store::Intent::Paused);
  if (!paused) return paused.error();
  (*found)->end_listening(Error{ErrorCode::Busy, (*found)->view().ref + " was paused",
                                "owrd resume " + (*found)->view().ref});
  return (*found)->view();
}

Result<ReleaseView> Engine::resume(const Ref& ref) {
  const auto found = impl_->find(ref);
  if (!found) return found.error();
  const auto intent = (*found)->is_complete() ? store::Intent::Seed : store::Intent::Get;
  if (const auto set = (*found)->set_intent(intent); !set) return set.error();
  (*found)->activate();
  return (*found)->view();
}

Result<Engine::Removed> Engine::remove(const Ref& ref, bool keep_files, bool dry_run) {
  if (const auto resolver = impl_->find_resolver(ref)) {
    const auto removed =
        dry_run ? Result<ReleaseView>(resolver->view()) : impl_->drop_resolver(resolver);
    if (!removed) return removed.error();
    return Removed{*removed, /*files_removed=*/false};
  }
  const auto found = impl_->find(ref);
  if (!found) return found.error();
  const auto transfer = *found;
  const bool is_ours = transfer->stored().ownership == store::Ownership::Store;
  Removed removed{transfer->view(), is_ours && !keep_files};
  if (dry_run) return removed;
  if (const auto gone = impl_->around.world.store.remove_release(transfer->stored().release_id);
      !gone)
    return gone.error();
  impl_->transfers.erase(transfer->stored().release_id);
  transfer->on_removed_from_store();
  transfer->end_listening(Error{ErrorCode::NotFound, removed.release.ref + " was removed"});
  impl_->dying.push_back({transfer, !keep_files});
  impl_->hurry();
  return removed;
}

}  // namespace owrd::engine
