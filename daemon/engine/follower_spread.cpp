// What the follower hands on: the feed and its roots as torrents, heads and anchors in the DHT.

#include <algorithm>
#include <utility>

#include "daemon/engine/follower.h"

namespace owrd::engine {
namespace {

using namespace std::chrono_literals;

/// Nodes may forget an item after two hours (BEP 44).
constexpr auto kPutInterval = std::chrono::seconds(40min);
constexpr auto kPutAgain = 5s;
/// For followers who still are in the swarm of the feed before.
constexpr auto kFormerLife = std::chrono::seconds(24h);
constexpr std::size_t kMostFormer = 3;
/// In the DHT, by roots before the newest.
constexpr std::size_t kMostFormerPlaces = 12;
constexpr std::ptrdiff_t kMostPeers = 50;

v1::SwarmDhtPut put_of(const trust::MutableItem& item) {
  v1::SwarmDhtPut put;
  put.set_public_key(std::string(as_text(item.key.bytes())));
  put.set_salt(item.salt);
  put.set_sequence(item.sequence);
  put.set_value(std::string(as_text(item.value)));
  put.set_signature(std::string(as_text(item.signature)));
  return put;
}

/// In the store, an item of somebody else's key, as a SwarmDhtPut.
std::string name_of_item(const trust::PublicKey& key) { return "dht-item-" + to_hex(key.bytes()); }

}  // namespace

void Follower::on_changed_here() {
  is_active_ = true;
  seed();
  put_items();
}

void Follower::seed() {
  const auto& known = publisher();
  if (!known.known.head || !is_active_) return;
  if (!seed_ || seed_->infohash() != known.known.head->infohash()) {
    if (seed_) former_.push_back({seed_, now() + kFormerLife});
    if (former_.size() > kMostFormer) {
      former_.front().seed->stop();
      former_.erase(former_.begin());
    }
    const auto bytes = known_bytes();
    seed_ = make_seed(release::derive_feed_torrent(id_, bytes.feed, bytes.attestations), bytes);
  }
  seed_roots();
  tell();
}

std::shared_ptr<FeedSeed> Follower::make_seed(release::Torrent torrent, FeedBytes bytes) {
  const auto seed = std::make_shared<FeedSeed>(
      world_.around, std::move(torrent), std::move(bytes),
      [&around = around_](const std::string& peer, ByteView object) { around.hear(peer, object); });
  seed->add_peers(peers());
  seed->start();
  return seed;
}

/// What anchors point to, for those who slept through a change of roots.
void Follower::seed_roots() {
  const auto& roots = publisher().known.roots;
  if (roots.newest().anchors().empty() || !is_active_) return;
  const auto file = release::encode_roots_file(roots);
  auto torrent = release::derive_roots_torrent(id_, file);
  if (roots_seed_ && roots_seed_->infohash() == torrent.infohash) return;
  if (roots_seed_) roots_seed_->stop();
  roots_seed_ = make_seed(std::move(torrent), FeedBytes{file, {}});
}

void Follower::tell() {
  if (!seed_ || !publisher().known.head) return;
  auto objects = world_.objects_for(id_);
  objects.insert(objects.begin(), publisher().known.head->envelope().raw);
  seed_->tell(objects);
  if (roots_seed_) roots_seed_->tell(objects);
  for (const auto& former : former_) former.seed->tell(objects);
}

/// Where the head is put: where the newest root says, and, by who has their keys, where the roots
/// before it said, for those who know no newer one.
std::vector<trust::PublicKey> Follower::places() const {
  const auto& roots = publisher().known.roots.roots();
  auto places = roots.back().locators();
  const auto most = places.size() + kMostFormerPlaces;
  for (auto root = std::next(roots.rbegin()); root != roots.rend(); ++root)
    for (const auto& locator : root->locators()) {
      const bool is_named = std::find(places.begin(), places.end(), locator) != places.end();
      if (!is_named && places.size() < most && world_.keys.find(OnlineKeys::Use::Locator, locator))
        places.push_back(locator);
    }
  return places;
}

/// Whoever has the locator's key signs; anybody else hands on what was signed.
void Follower::put_items() {
  next_put_ = now() + kPutInterval;
  const auto& known = publisher();
  if (!around_.settings.swarm.dht() || !around_.link.ensure_ready()) return;
  put_anchors();
  if (!known.known.head) return;
  const auto& head = *known.known.head;
  for (const auto& locator : places()) {
    if (const auto* key = world_.keys.find(OnlineKeys::Use::Locator, locator)) {
      const auto item = trust::sign_mutable_item(*key, trust::kHeadSalt,
                                                 static_cast<std::int64_t>(head.sequence()),
                                                 trust::encode_head_item(head));
      if (item)
        put(*item);
      else
        around_.world.log(item.error().message);
      continue;
    }
    const auto item = items_.find(locator);
    if (item != items_.end() &&
        static_cast<std::uint64_t>(item->second.sequence) == head.sequence())
      hand_on(item->second);
  }
}

void Follower::put_anchors() {
  for (const auto& anchor : publisher().root().anchors())
    if (const auto item = items_.find(anchor); item != items_.end()) hand_on(item->second);
}

/// For the next start, by when the DHT may have forgotten what nobody here can sign.
Result<> Follower::keep(const trust::MutableItem& item) {
  const auto kept = kept_.find(item.key);
  if (kept != kept_.end() && kept->second == item.sequence) return Done{};
  const auto saved = around_.world.store.set_value(name_of_item(item.key),
                                                   to_bytes(put_of(item).SerializeAsString()));
  if (saved) kept_[item.key] = item.sequence;
  return saved;
}

void Follower::hand_on(const trust::MutableItem& item) {
  put(item);
  keep_or_log(item);
}

void Follower::keep_or_log(const trust::MutableItem& item) {
  if (const auto kept = keep(item); !kept) around_.world.log(kept.error().message);
}

void Follower::take_up_items() {
  auto keys = publisher().root().locators();
  const auto& anchors = publisher().root().anchors();
  keys.insert(keys.end(), anchors.begin(), anchors.end());
  for (const auto& key : keys) {
    const auto bytes = around_.world.store.value(name_of_item(key));
    if (!bytes) return around_.world.log(bytes.error().message);
    v1::SwarmDhtPut put;
    if (!*bytes || !put.ParseFromArray((*bytes)->data(), static_cast<int>((*bytes)->size())))
      continue;
    kept_[key] = put.sequence();
    items_.insert(
        {key, {key, put.salt(), put.sequence(), to_bytes(put.value()), to_bytes(put.signature())}});
  }
}

Result<> Follower::set_anchors(const std::vector<trust::MutableItem>& items) {
  for (const auto& item : items) {
    if (const auto kept = keep(item); !kept) return kept;
    items_.insert_or_assign(item.key, item);
  }
  if (!is_active_) return Done{};
  seed_roots();
  if (around_.link.ensure_ready()) put_anchors();
  return Done{};
}

void Follower::put(const trust::MutableItem& item) {
  v1::SwarmCommand command;
  *command.mutable_dht_put() = put_of(item);
  around_.link.send(command);
}

void Follower::on_dht_stored(std::int64_t sequence, std::uint32_t nodes) {
  const auto& head = publisher().known.head;
  const bool is_current = head && static_cast<std::uint64_t>(sequence) == head->sequence();
  if (is_current && nodes == 0 && is_active_)
    next_put_ = std::min(next_put_, now() + std::chrono::seconds(kPutAgain));
}

void Follower::add_peers(const std::vector<std::string>& peers) {
  for (const auto& peer : peers)
    if (std::find(peers_.begin(), peers_.end(), peer) == peers_.end()) peers_.push_back(peer);
  if (std::ssize(peers_) > kMostPeers) peers_.erase(peers_.begin(), peers_.end() - kMostPeers);
  if (seed_) seed_->add_peers(peers);
  for (const auto& [infohash, fetch] : fetches_) fetch.fetch->add_peers(peers);
}

/// Where the feed may be had: where it was had before, and where the publisher's daemon says it is.
std::vector<std::string> Follower::peers() const {
  auto peers = peers_;
  if (seed_)
    for (const auto& endpoint : seed_->endpoints()) peers.push_back(endpoint);
  const auto& feed = publisher().known.feed;
  if (feed && !feed->releases().empty()) {
    const auto& hints = feed->releases().back().peers;
    peers.insert(peers.end(), hints.begin(), hints.end());
  }
  return peers;
}

}  // namespace owrd::engine
