// The engine's prepare and commit.

#include <algorithm>
#include <utility>

#include "daemon/content/audit_report.h"
#include "daemon/engine/destination.h"
#include "daemon/engine/impl.h"
#include "daemon/release/path_rules.h"
#include "daemon/trust/envelope.h"

namespace owrd::engine {
namespace {

/// Prepared releases that wait for their signature.
constexpr std::size_t kMostPrepared = 8;

Result<> check_request(const PrepareRequest& request) {
  if (!is_valid_name(request.model))
    return Error{ErrorCode::InvalidInput, "invalid model name \"" + request.model + "\""};
  if (!release::is_valid_version(request.version) || !is_valid_name(request.version))
    return Error{
        ErrorCode::InvalidInput,
        "version \"" + request.version + "\" is not a version such as 1.0, 2.1.0 or 2.1.0-rc.1",
        "owrd publish DIR --as PUBLISHER/MODEL:VERSION"};
  const auto& terms =
      request.license.empty() ? request.said.license().spdx_expression() : request.license;
  if (terms.empty())
    return Error{ErrorCode::InvalidInput, "no licence is named, and nothing is published without",
                 "--license Apache-2.0, or license in release.toml"};
  if (const auto license = release::check_license(terms); !license) return license.error();
  for (const auto& tracker : request.trackers)
    if (const auto checked = release::check_tracker(tracker); !checked) return checked.error();
  for (const auto& audit : request.said.audits())
    if (audit.kind() == content::kAuditKind)
      return Error{ErrorCode::InvalidInput,
                   "audits: " + audit.kind() + " is what owrd itself writes there",
                   "name another kind in release.toml"};
  if (request.allow.empty() == request.allow_reason.empty()) return Done{};
  return Error{ErrorCode::InvalidInput,
               request.allow.empty() ? "--reason says why something is let through, and nothing is"
                                     : "--allow wants a reason, which goes into the manifest",
               "owrd publish … --allow pickle --reason TEXT"};
}

bool is_called(const Transfer& transfer, const Digest& publisher, const std::string& model,
               const std::string& version) {
  const auto& stored = transfer.stored();
  return stored.publisher_id == publisher && stored.model == model && stored.version == version;
}

Error seeded_copy_of(const Transfer& other) {
  const auto ref = other.view().ref;
  return Error{ErrorCode::AlreadyExists,
               other.stored().directory.string() + " is the seeded copy of " + ref,
               "publish from another directory, or first: owrd rm --keep-files " + ref};
}

/// What a publisher may say once.
std::string version_name(const release::Manifest& manifest) {
  return manifest.publisher_id().to_hex() + "/" + manifest.model() + ":" + manifest.version();
}

Error published_already(const std::string& ref) {
  return Error{ErrorCode::AlreadyExists, ref + " is published already, with other content",
               "a version is written once: publish this under a new one"};
}

}  // namespace

SubscriptionPtr Engine::Impl::prepare(const PrepareRequest& request, Observer<Prepared> observer) {
  const auto ear = std::make_shared<Ear<Prepared>>(std::move(observer));
  const auto refuse = [&](const Error& error) {
    answer<Prepared>(ear, error);
    return std::make_unique<EarSubscription<Prepared>>(ear);
  };
  if (const auto checked = check_request(request); !checked) return refuse(checked.error());
  const auto* publisher = around.publishers.find(request.publisher);
  if (!publisher)
    return refuse(Error{ErrorCode::NotFound,
                        "no publisher \"" + request.publisher + "\" is pinned here",
                        "owrd publisher init " + request.publisher + " --key NAME"});
  if (const auto other = find_by_directory(request.directory);
      other && !is_called(*other, publisher->id, request.model, request.version))
    return refuse(seeded_copy_of(*other));
  auto complete = request;
  complete.parent_licenses = parent_licenses(request.said);
  const auto job = around.world.jobs.run<PreparedRelease>(
      [request = std::move(complete), id = publisher->id,
       now = around.world.clock.now()](const content::JobContext& context) {
        return prepare_release(request, id, now, context);
      },
      [this, ear](Result<PreparedRelease> result) { on_prepared(std::move(result), ear); },
      [ear](const content::Progress& progress) { ear->hashing(progress); });
  ear->set_on_let_go([job] { job.cancel(); });
  return std::make_unique<EarSubscription<Prepared>>(ear);
}

/// Of the models that it is made of, as far as they are here.
std::vector<std::string> Engine::Impl::parent_licenses(const v1::Manifest& said) const {
  std::vector<std::string> licenses;
  for (const auto& parent : said.derived_from()) {
    const auto id = Digest::from_bytes(as_bytes(parent.release_id()));
    const auto found = id ? transfers.find(*id) : transfers.end();
    licenses.push_back(found == transfers.end() ? ""
                                                : found->second->believed().manifest.license());
  }
  return licenses;
}

void Engine::Impl::on_prepared(Result<PreparedRelease> result, const EarPtr<Prepared>& ear) {
  if (!result) return ear->done(result.error());
  const auto published = find_published(*result);
  if (!published) return ear->done(published.error());
  Prepared answer{result->manifest, *published, result->left_out, result->warnings};
  if (*published) {
    const auto envelope = trust::parse_envelope(**published, trust::PayloadKind::Manifest);
    if (!envelope) return ear->done(envelope.error());
    auto manifest = release::Manifest::parse(envelope->payload);
    if (!manifest) return ear->done(manifest.error());
    result->manifest = *manifest;
    answer.manifest = std::move(*manifest);
  }
  prepared.push_front(std::make_shared<const PreparedRelease>(std::move(*result)));
  if (prepared.size() > kMostPrepared) prepared.pop_back();
  ear->done(std::move(answer));
}

/// The envelope under which this content is published already: in the store, or by the release.owrd
/// that an earlier, interrupted commit left in the directory. An error when the version belongs to
/// something else.
Result<std::optional<Bytes>> Engine::Impl::find_published(const PreparedRelease& result) {
  const auto& manifest = result.manifest;
  auto& store = around.world.store;
  const auto stored =
      store.find_release(manifest.publisher_id(), manifest.model(), manifest.version());
  if (!stored) return stored.error();
  const auto* listed = find_listed(manifest);
  const auto same_as = [&](ByteView proof) -> Result<bool> {
    const auto believed = believe(proof, around.publishers);
    if (!believed) return believed.error();
    return is_same_content(believed->manifest, manifest);
  };
  if (*stored) {
    const auto same = same_as((*stored)->proof);
    if (!same) return same.error();
    if (!*same) return published_already(manifest.model() + ":" + manifest.version());
    return std::optional<Bytes>((*stored)->proof);
  }
  const auto limit = trust::envelope_limit_bytes(trust::PayloadKind::Manifest);
  const auto proof = content::read_file(result.directory, std::string(release::kProofName), limit);
  const auto same = proof ? same_as(*proof) : Result<bool>(false);
  if (same && *same) return std::optional<Bytes>(*proof);
  if (listed)
    return Error{
        ErrorCode::AlreadyExists,
        manifest.model() + ":" + manifest.version() +
            " is published already: the feed lists it as sha256:" + listed->release_id.to_hex(),
        "a version is written once: publish this under a new one"};
  return std::optional<Bytes>();
}

const release::ListedRelease* Engine::Impl::find_listed(const release::Manifest& manifest) const {
  const auto* publisher = around.publishers.find(manifest.publisher_id());
  if (!publisher || !publisher->known.feed) return nullptr;
  return publisher->known.feed->find(manifest.model(), manifest.version());
}

/// Whoever is not the feed's owner lists nothing, and neither does a release for a closed circle.
Result<> Engine::Impl::list(const Believed& believed) {
  const auto& manifest = believed.manifest;
  if (manifest.message().private_swarm()) return Done{};
  const auto listed = registry.list_release(believed);
  if (listed) return Done{};
  return Error{
      listed.error().code,
      ref_text(believed.petname, manifest) +
          " is published and seeded, but not listed in the feed: " + listed.error().message,
      "run the same owrd publish again when that is put right"};
}

SubscriptionPtr Engine::Impl::commit(const CommitRequest& request, Observer<Committed> observer) {
  const auto ear = std::make_shared<Ear<Committed>>(std::move(observer));
  if (const auto begun = begin_commit(request, ear); !begun) answer<Committed>(ear, begun.error());
  return std::make_unique<EarSubscription<Committed>>(ear);
}

Result<> Engine::Impl::begin_commit(const CommitRequest& request, const EarPtr<Committed>& ear) {
  auto believed = believe(request.envelope, around.publishers);
  if (!believed) return believed.error();
  const auto id = believed->manifest.release_id();
  const auto known = transfers.find(id);
  if (known != transfers.end()) return commit_again(request, known->second, ear);
  const auto found = std::find_if(prepared.begin(), prepared.end(), [&](const auto& one) {
    return one->manifest.release_id() == id;
  });
  if (found == prepared.end())
    return Error{ErrorCode::NotFound, "this manifest was not prepared here, or too long ago",
                 "run owrd publish again"};
  const auto release = *found;
  const auto copy_to = request.copy ? place_in_store(*believed) : std::filesystem::path();
  const auto directory = request.copy ? copy_to : release->directory;
  if (const auto free = check_free(*believed, directory); !free) return free.error();
  const auto again = [this, request, ear] {
    if (const auto begun = begin_commit(request, ear); !begun) ear->done(begun.error());
  };
  if (waits_for_burial(directory, again)) return Done{};
  committing.push_back({id, version_name(believed->manifest), directory});
  around.world.jobs.run<std::vector<content::FileIdentity>>(
      [release, believed = *believed, copy_to](const content::JobContext& job) {
        return place_release(*release, believed, copy_to, job);
      },
      [this, ear, request, release, believed = *believed,
       directory](Result<std::vector<content::FileIdentity>> identities) {
        std::erase_if(committing, [&](const Committing& one) {
          return one.release_id == believed.manifest.release_id();
        });
        if (identities)
          return ear->done(finish_commit(request, *release, believed, directory, *identities));
        auto error = identities.error();
        if (error.code == ErrorCode::Denied && !request.copy)
          error.hint =
              "the directory gains release.owrd and layers.owrd; to leave it alone and seed a "
              "copy: owrd publish --copy";
        ear->done(std::move(error));
      },
      [ear](const content::Progress& progress) { ear->hashing(progress); });
  return Done{};
}

/// Before anything is written: neither this version nor this directory is another release's.
Result<> Engine::Impl::check_free(const Believed& believed,
                                  const std::filesystem::path& directory) {
  const auto& manifest = believed.manifest;
  const auto ref = ref_text(believed.petname, manifest);
  for (const auto& [id, transfer] : transfers)
    if (is_called(*transfer, manifest.publisher_id(), manifest.model(), manifest.version()))
      return published_already(ref);
  if (const auto other = find_by_directory(directory)) return seeded_copy_of(*other);
  for (const auto& one : committing)
    if (one.name == version_name(manifest) || is_same_place(one.directory, directory))
      return Error{ErrorCode::Busy,
                   one.name == version_name(manifest)
                       ? ref + " is just being published"
                       : directory.string() + " is just being published as another release",
                   "run owrd publish again when that is done"};
  return Done{};
}

Result<> Engine::Impl::commit_again(const CommitRequest& request, const TransferPtr& transfer,
                                    const EarPtr<Committed>& ear) {
  const auto intent = transfer->is_complete() ? store::Intent::Seed : store::Intent::Get;
  if (const auto set = transfer->set_intent(intent); !set) return set.error();
  transfer->activate();
  if (const auto listed = list(transfer->believed()); !listed) return listed;
  answer<Committed>(ear, committed(transfer, request));
  return Done{};
}

Result<Committed> Engine::Impl::finish_commit(
    const CommitRequest& request, const PreparedRelease& release, Believed believed,
    const std::filesystem::path& directory, const std::vector<content::FileIdentity>& identities) {
  auto stored = describe(believed);
  stored.directory = directory;
  stored.ownership = request.copy ? store::Ownership::Store : store::Ownership::Given;
  stored.intent = store::Intent::Seed;
  stored.super_seeding = true;
  for (const auto& audit : believed.manifest.message().audits())
    if (audit.kind() == content::kAuditKind)
      stored.allow.assign(audit.allowed_formats().begin(), audit.allowed_formats().end());
  stored.completed = stored.added;
  const std::vector<bool> wanted(believed.torrent.files.size(), true);
  FileTable files(believed.torrent, wanted, {});
  for (std::size_t i = 0; i < identities.size(); ++i) files.set_verified(i, identities[i]);
  const auto transfer = add_transfer(std::move(stored), std::move(believed), wanted, files.rows());
  if (!transfer) {
    // Signed, and nobody's: it must not be taken for a release.
    if (const auto removed =
            request.copy ? content::remove_tree(directory) : remove_own_files(directory);
        !removed)
      around.world.log(removed.error().message);
    return transfer.error();
  }
  prepared.remove_if([&](const auto& one) { return one.get() == &release; });
  (*transfer)->activate();
  if (const auto listed = list((*transfer)->believed()); !listed) return listed.error();
  return committed(*transfer, request);
}

Committed Engine::Impl::committed(const TransferPtr& transfer, const CommitRequest& request) const {
  if (request.detach) transfer->set_detached();
  const auto& believed = transfer->believed();
  release::Magnet magnet{believed.torrent.infohash, believed.manifest.dir(), {}, {}};
  const auto& trackers = believed.manifest.message().trackers();
  magnet.trackers.assign(trackers.begin(), trackers.end());
  return Committed{transfer->view(), std::move(magnet)};
}

}  // namespace owrd::engine
