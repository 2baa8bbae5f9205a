// The registry's roots, heads and feeds: what a publisher's own daemon does, and what is asked of
// others.

#include <algorithm>
#include <utility>

#include "daemon/engine/registry.h"
#include "daemon/release/bundle.h"
#include "daemon/release/publication_rules.h"
#include "daemon/release/standing.h"
#include "daemon/trust/release_signers.h"

namespace owrd::engine {
namespace {

Error not_own(const std::string& petname) {
  return {ErrorCode::Denied, "this daemon does not sign the heads of " + petname,
          "do this on the machine of the publisher's daemon"};
}

/// Held by who waits for rounds.
class RefreshSubscription final : public Subscription {
 public:
  explicit RefreshSubscription(std::shared_ptr<RoundObserver> observer)
      : observer_(std::move(observer)) {}
  ~RefreshSubscription() override {
    observer_->on_answer = {};
    observer_->on_done = {};
  }

 private:
  std::shared_ptr<RoundObserver> observer_;
};

}  // namespace

/// Two drafts of one daemon may have been given the same keys.
Result<> Registry::check_unshared(const trust::RootChain& chain) const {
  const auto& newest = chain.newest();
  auto keys = newest.locators();
  if (newest.head_key()) keys.push_back(*newest.head_key());
  for (const auto& [id, other] : publishers_.all())
    for (const auto& root : other->known.roots.roots())
      for (const auto& key : keys) {
        const auto& theirs = root.locators();
        const bool is_theirs =
            root.head_key() == key || std::find(theirs.begin(), theirs.end(), key) != theirs.end();
        if (is_theirs && id != chain.publisher_id())
          return Error{ErrorCode::InvalidInput,
                       "the root names a head or locator key that is " + other->petname + "'s",
                       "draft it again: owrd publisher init, or rotate with --new-online-keys"};
      }
  return Done{};
}

Result<PublisherView> Registry::submit_root(const v1::Bundle& bundle, const std::string& petname) {
  v1::Bundle complete;
  *complete.mutable_roots() = bundle.roots();
  if (!bundle.draft().empty()) complete.add_roots(bundle.draft());
  const auto chain = release::roots_in(complete);
  if (!chain)
    return Error{chain.error().code, chain.error().message,
                 "if signatures are missing: owrd publisher sign FILE --key NAME"};
  if (const auto unshared = check_unshared(*chain); !unshared) return unshared.error();
  const auto* before = publishers_.find(chain->publisher_id());
  const bool was_known = before && before->known.roots.roots().size() >= chain->roots().size();
  auto view = add_publisher(release::encode_bundle(complete), petname, /*dry_run=*/false);
  if (!view) return view;
  const auto id = chain->publisher_id();
  if (const auto renewed = announcing_.renew(id); !renewed) return renewed.error();
  releases_.on_news(id);
  view = describe(*publishers_.find(id));
  view->was_known = was_known;
  return view;
}

Result<PublisherView> Registry::submit_anchors(const std::string& name,
                                               const std::vector<trust::MutableItem>& items) {
  const auto found = find_by_name(name);
  if (!found) return found.error();
  const auto& publisher = **found;
  const auto wanted = trust::encode_anchor_item(release::anchor_target(publisher.known.roots));
  for (const auto& item : items) {
    const auto& anchors = publisher.root().anchors();
    if (std::find(anchors.begin(), anchors.end(), item.key) == anchors.end())
      return Error{
          ErrorCode::Untrusted,
          "the key " + trust::fingerprint(item.key.id()) + " is no anchor of " + publisher.petname,
          "owrd publisher show " + publisher.petname};
    const auto target = trust::read_anchor_item(item);
    if (!target) return target.error();
    if (item.value != wanted)
      return Error{ErrorCode::InvalidInput,
                   "the anchor item does not point to the roots of " + publisher.petname +
                       " up to version " + std::to_string(publisher.root().version()),
                   "owrd publisher anchor " + publisher.petname};
  }
  auto* follower = following_.find(publisher.id);
  follower->activate();
  if (const auto set = follower->set_anchors(items); !set) return set.error();
  return describe(publisher);
}

SubscriptionPtr Registry::refresh(const std::string& name,
                                  std::function<void(const SourceAnswer&)> on_answer,
                                  std::function<void(Result<std::vector<PublisherView>>)> on_done) {
  std::vector<Digest> ids;
  std::optional<Error> problem;
  if (name.empty()) {
    for (const auto& [id, publisher] : publishers_.all()) ids.push_back(id);
  } else if (const auto found = find_by_name(name); found) {
    ids.push_back((*found)->id);
  } else {
    problem = found.error();
  }
  const auto observer = std::make_shared<RoundObserver>();
  const auto waiting = std::make_shared<std::size_t>(ids.size());
  observer->on_answer = std::move(on_answer);
  observer->on_done = [this, waiting, ids, problem, on_done = std::move(on_done)] {
    if (*waiting > 1) {
      --*waiting;
      return;
    }
    if (problem) return on_done(*problem);
    std::vector<PublisherView> views;
    for (const auto& id : ids)
      if (const auto* publisher = publishers_.find(id)) views.push_back(describe(*publisher));
    on_done(std::move(views));
  };
  for (const auto& id : ids) following_.find(id)->refresh(observer);
  if (ids.empty())
    boost::asio::post(around_.world.loop, [observer] {
      if (observer->on_done) observer->on_done();
    });
  return std::make_unique<RefreshSubscription>(observer);
}

namespace {

Result<> check_promotion(const KnownPublisher& publisher, const trust::Notice& notice) {
  if (notice.kind() != v1::NOTICE_KIND_STAGE || !publisher.known.feed) return Done{};
  const auto standing = release::standing_of(*publisher.known.feed, notice.release_id());
  return release::check_promotion(standing.stage, notice.message().stage());
}

}  // namespace

Result<ListedView> Registry::submit_notice(ByteView envelope) {
  const auto notice = trust::Notice::parse(envelope);
  if (!notice) return notice.error();
  const auto* publisher = publishers_.find(notice->publisher_id());
  if (!publisher)
    return Error{ErrorCode::Untrusted, "the notice is of a publisher that is not pinned here",
                 "owrd publisher ls"};
  if (!announcing_.is_own(*publisher)) return not_own(publisher->petname);
  const auto records = publisher->known.feed ? publisher->known.feed->records().size() : 0;
  const auto signers =
      trust::verify_release(notice->envelope(), notice->model(), publisher->known.roots, records,
                            publisher->root().version());
  if (!signers) return signers.error();
  if (const auto due = check_promotion(*publisher, *notice); !due) return due.error();
  v1::FeedRecord record;
  record.set_notice(std::string(as_text(envelope)));
  if (const auto appended = announcing_.append(publisher->id, record); !appended)
    return appended.error();
  return describe(*publisher, *publisher->known.feed->find(notice->release_id()));
}

/// A channel hands out what its publisher stands by.
Result<> Registry::check_offered(const KnownPublisher& publisher,
                                 const v1::ChannelSet& setting) const {
  const auto& feed = publisher.known.feed;
  const auto* listed = feed ? feed->find(setting.model(), setting.version()) : nullptr;
  // A version that is not listed is refused with the record.
  if (!listed) return Done{};
  const auto standing = release::standing_of(*feed, listed->release_id);
  const auto ref = publisher.petname + "/" + listed->model + ":" + listed->version;
  if (standing.withdrawn)
    return Error{ErrorCode::InvalidInput, ref + " was withdrawn: no channel can name it",
                 "owrd release ls " + publisher.petname + "/" + listed->model};
  if (standing.yanked)
    return Error{ErrorCode::InvalidInput, ref + " was yanked: no channel can name it",
                 "owrd release unyank " + ref + ", if it is good after all"};
  return Done{};
}

Result<Registry::ChannelChange> Registry::set_channel(const std::string& name,
                                                      const v1::ChannelSet& setting) {
  const auto found = find_by_name(name);
  if (!found) return found.error();
  const auto& publisher = **found;
  if (!announcing_.is_own(publisher)) return not_own(publisher.petname);
  if (const auto offered = check_offered(publisher, setting); !offered) return offered.error();
  std::string before;
  if (publisher.known.feed) {
    const auto& channels = publisher.known.feed->channels();
    const auto set = channels.find({setting.model(), setting.channel()});
    if (set != channels.end()) before = set->second.version;
  }
  const bool is_change = before != setting.version();
  v1::FeedRecord record;
  *record.mutable_channel() = setting;
  if (is_change || before.empty())
    if (const auto appended = announcing_.append(publisher.id, record); !appended)
      return appended.error();
  return ChannelChange{
      describe(publisher, setting.model(), setting.channel(), setting.version(), now()), before};
}

Result<std::vector<store::StoredEvidence>> Registry::evidence(const std::string& name) {
  const auto found = find_by_name(name);
  if (!found) return found.error();
  return around_.world.store.feeds().evidence((*found)->id);
}

Result<> Registry::list_release(const Believed& believed) {
  const auto& manifest = believed.manifest;
  const auto* publisher = publishers_.find(manifest.publisher_id());
  if (!publisher || !announcing_.is_own(*publisher)) return Done{};
  const auto& feed = publisher->known.feed;
  if (feed && feed->find(manifest.release_id())) return Done{};
  const auto envelope = trust::parse_envelope(believed.proof, trust::PayloadKind::Manifest);
  if (!envelope) return envelope.error();
  const auto signers =
      trust::verify_release(*envelope, manifest.model(), publisher->known.roots,
                            feed ? feed->records().size() : 0, publisher->root().version());
  if (!signers) return signers.error();
  v1::FeedRecord record;
  auto& listed = *record.mutable_release();
  listed.set_model(manifest.model());
  listed.set_version(manifest.version());
  listed.set_release_id(manifest.release_id().to_field());
  listed.set_infohash(believed.torrent.infohash.to_field());
  listed.set_bytes(manifest.total_bytes());
  listed.set_license(manifest.license());
  listed.set_summary(manifest.message().summary());
  listed.set_stage(manifest.message().stage());
  *listed.mutable_audiences() = manifest.message().audiences();
  *listed.mutable_trackers() = manifest.message().trackers();
  return announcing_.append(publisher->id, record);
}

Error Registry::keep_equivocation(const KnownPublisher& publisher,
                                  const release::ListedRelease& listed, ByteView proof,
                                  const std::string& source) {
  const auto ref = publisher.petname + "/" + listed.model + ":" + listed.version;
  const release::Fork fork{"two releases of one version",
                           "the publisher signed another release as " + ref +
                               " than its feed lists, sha256:" + listed.release_id.to_hex(),
                           publisher.known.head->envelope().raw, to_bytes(proof)};
  if (const auto kept = publishers_.keep(publisher.id, fork, source); !kept) return kept.error();
  return {ErrorCode::BadSignature, fork.detail,
          "both are kept: owrd publisher evidence " + publisher.petname};
}

}  // namespace owrd::engine
