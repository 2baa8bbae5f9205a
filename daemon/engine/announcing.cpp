#include "daemon/engine/announcing.h"

#include <algorithm>
#include <utility>

#include "daemon/release/feed_torrent.h"

namespace owrd::engine {
namespace {

constexpr std::int64_t kRenewAfterSeconds = 86400;
/// Each is a place of its own in the DHT: whoever holds the nodes around one of them can keep back
/// what lies there, and nowhere else.
constexpr std::size_t kLocatorsPerRoot = 3;

bool is_in(const std::vector<trust::PublicKey>& keys, const trust::PublicKey& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

}  // namespace

Announcing::Announcing(KnownPublishers& publishers, OnlineKeys& keys, const Clock& clock,
                       std::function<void(const Digest&)> on_changed)
    : publishers_(publishers), keys_(keys), clock_(clock), on_changed_(std::move(on_changed)) {
  publishers_.set_is_own([this](const trust::PublicKey& key) {
    return keys_.find(OnlineKeys::Use::Head, key) != nullptr;
  });
}

bool Announcing::is_named(const trust::PublicKey& key) const {
  return std::any_of(publishers_.all().begin(), publishers_.all().end(), [&](const auto& entry) {
    const auto& roots = entry.second->known.roots.roots();
    return std::any_of(roots.begin(), roots.end(), [&](const trust::Root& root) {
      return root.head_key() == key || is_in(root.locators(), key);
    });
  });
}

Result<std::vector<trust::PublicKey>> Announcing::unused_keys(OnlineKeys::Use use,
                                                              std::size_t count) {
  std::vector<trust::PublicKey> unused;
  for (const auto& [public_key, key] : keys_.all(use))
    if (!keys_.is_used(use, public_key) && !is_named(public_key)) unused.push_back(public_key);
  while (unused.size() < count) {
    const auto made = keys_.make(use);
    if (!made) return made.error();
    unused.push_back(made->public_key());
  }
  std::sort(unused.begin(), unused.end());
  unused.resize(count, unused.front());
  return unused;
}

Result<Announcing::PublicKeys> Announcing::unused_keys() {
  const auto heads = unused_keys(OnlineKeys::Use::Head, 1);
  if (!heads) return heads.error();
  const auto locators = unused_keys(OnlineKeys::Use::Locator, kLocatorsPerRoot);
  if (!locators) return locators.error();
  return PublicKeys{heads->front(), *locators};
}

Result<> Announcing::retire_keys(const KnownPublisher& publisher) {
  const auto retire = [this](OnlineKeys::Use use, const trust::PublicKey& key) -> Result<> {
    return keys_.find(use, key) ? keys_.set_used(use, key) : Done{};
  };
  for (const auto& root : publisher.known.roots.roots()) {
    if (root.head_key())
      if (const auto done = retire(OnlineKeys::Use::Head, *root.head_key()); !done) return done;
    for (const auto& locator : root.locators())
      if (const auto done = retire(OnlineKeys::Use::Locator, locator); !done) return done;
  }
  return Done{};
}

const trust::SecretKey* Announcing::head_key_of(const KnownPublisher& publisher) const {
  const auto& key = publisher.root().head_key();
  return key ? keys_.find(OnlineKeys::Use::Head, *key) : nullptr;
}

bool Announcing::is_own(const KnownPublisher& publisher) const {
  return head_key_of(publisher) != nullptr;
}

/// The feed with all of these roots in it.
Result<release::Feed> Announcing::with_roots(release::Feed feed,
                                             const trust::RootChain& chain) const {
  for (std::size_t i = feed.roots().roots().size(); i < chain.roots().size(); ++i) {
    v1::FeedRecord record;
    record.set_root(std::string(as_text(chain.roots()[i].raw())));
    if (const auto appended = feed.append(std::move(record), clock_.now()); !appended)
      return appended.error();
  }
  return feed;
}

Result<release::Feed> Announcing::feed_of(const KnownPublisher& publisher) const {
  if (!publisher.known.feed) return release::Feed::begin(publisher.known.roots, clock_.now());
  return with_roots(*publisher.known.feed, publisher.known.roots);
}

Result<> Announcing::append(const Digest& publisher_id, const v1::FeedRecord& record) {
  const auto& publisher = *publishers_.find(publisher_id);
  if (!is_own(publisher))
    return Error{ErrorCode::Denied,
                 "this daemon does not sign the heads of " + publisher.petname +
                     ": only the daemon whose key its root names can add to its feed",
                 "do this on the machine of the publisher's daemon"};
  auto feed = feed_of(publisher);
  if (!feed) return feed.error();
  if (const auto appended = feed->append(record, clock_.now()); !appended) return appended;
  return publish(publisher, std::move(*feed), publisher.attestations);
}

Result<> Announcing::set_attestations(const Digest& publisher_id, Bytes attestations) {
  const auto& publisher = *publishers_.find(publisher_id);
  if (!is_own(publisher) || !publisher.known.feed || publisher.attestations == attestations)
    return Done{};
  auto feed = feed_of(publisher);
  if (!feed) return feed.error();
  return publish(publisher, std::move(*feed), std::move(attestations));
}

Result<> Announcing::renew(const Digest& publisher_id) {
  const auto& publisher = *publishers_.find(publisher_id);
  const auto& head = publisher.known.head;
  const bool is_due = !head || clock_.now() - head->issued() >= kRenewAfterSeconds ||
                      head->root_version() != publisher.root().version();
  if (!is_own(publisher) || !is_due) return Done{};
  auto feed = feed_of(publisher);
  if (!feed) return feed.error();
  return publish(publisher, std::move(*feed), publisher.attestations);
}

/// Nodes of the DHT keep what has the higher number, so a new head key goes on with the old one's;
/// but not with one that was burnt.
std::uint64_t Announcing::sequence_before(const KnownPublisher& publisher) const {
  const auto& head = publisher.known.head;
  if (!head) return 0;
  const auto& signed_by = publisher.known.roots.roots()[head->root_version() - 1];
  const bool is_burnt =
      head->sequence() > static_cast<std::uint64_t>(clock_.now()) + kRenewAfterSeconds;
  return is_burnt && signed_by.head_key() != publisher.root().head_key() ? 0 : head->sequence();
}

Result<> Announcing::publish(const KnownPublisher& publisher, release::Feed feed,
                             Bytes attestations) {
  const auto now = clock_.now();
  // By the clock, so that a daemon restored from a backup does not say something else under a
  // number that it has used.
  const auto sequence = std::max(static_cast<std::uint64_t>(now), sequence_before(publisher) + 1);
  const auto torrent = release::derive_feed_torrent(publisher.id, feed.bytes(), attestations);
  const trust::NewHead what{
      publisher.id,
      sequence,
      now,
      now + trust::kHeadLifeSeconds,
      publisher.root().version(),
      release::describe_file(feed.bytes()),
      attestations.empty() ? std::nullopt : std::optional(release::describe_file(attestations)),
      torrent.infohash};
  const auto envelope = trust::make_head(what, *head_key_of(publisher));
  const auto head = trust::Head::parse(envelope);
  if (!head) return head.error();
  // As a stranger's: what would not be believed elsewhere is not said.
  auto verdict = release::judge_feed(publisher.known, *head, feed.bytes(), attestations, now);
  if (!verdict.news) return *verdict.error;
  const auto id = publisher.id;
  if (const auto accepted = publishers_.accept(id, std::move(*verdict.news), "own"); !accepted)
    return accepted;
  on_changed_(id);
  return Done{};
}

}  // namespace owrd::engine
