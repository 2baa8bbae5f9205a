#include "daemon/engine/following.h"

#include <algorithm>
#include <utility>

namespace owrd::engine {

Following::Following(Follower::World world) : world_(std::move(world)) {
  world_.around->link.add_owner(*this);
  world_.around->link.set_dht_owner(this);
}

Following::~Following() {
  world_.around->link.set_dht_owner(nullptr);
  world_.around->link.remove_owner(*this);
}

void Following::start(bool polls) {
  polls_ = polls;
  for (const auto& [id, publisher] : world_.publishers.all()) add(id);
}

void Following::add(const Digest& publisher_id) {
  auto& follower = followers_[publisher_id];
  if (follower) return;
  follower = std::make_unique<Follower>(world_, publisher_id);
  if (polls_) follower->activate();
}

void Following::remove(const Digest& publisher_id) {
  if (auto* follower = find(publisher_id)) follower->stop();
  followers_.erase(publisher_id);
}

Follower* Following::find(const Digest& publisher_id) {
  const auto found = followers_.find(publisher_id);
  return found == followers_.end() ? nullptr : found->second.get();
}

void Following::hear(const std::string& peer, ByteView object) {
  const auto head = trust::Head::parse(object);
  if (!head) return;
  if (auto* follower = find(head->publisher_id()))
    follower->offer(object, std::nullopt, std::string(kPeerSource) + peer);
}

void Following::step() {
  for (const auto& [id, follower] : followers_) follower->step();
}

void Following::on_swarm_ready() {
  for (const auto& [id, follower] : followers_) follower->on_swarm_ready();
}

std::vector<Follower*> Following::followers_of(const trust::PublicKey& key, bool is_anchor) {
  std::vector<Follower*> found;
  for (const auto& [id, follower] : followers_) {
    const auto& root = world_.publishers.find(id)->root();
    const auto& keys = is_anchor ? root.anchors() : root.locators();
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) found.push_back(follower.get());
  }
  return found;
}

void Following::on_dht_item(const v1::SwarmDhtItem& message) {
  const auto key = trust::PublicKey::from_bytes(as_bytes(message.public_key()));
  const bool is_anchor = message.salt() == trust::kAnchorSalt;
  if (!key || (!is_anchor && message.salt() != trust::kHeadSalt)) return;
  const trust::MutableItem item{*key, message.salt(), message.sequence(), to_bytes(message.value()),
                                to_bytes(message.signature())};
  for (auto* follower : followers_of(*key, is_anchor))
    if (item.value.empty())
      follower->on_dht_nothing(*key);
    else if (is_anchor)
      follower->on_anchor(item, message.authoritative());
    else
      follower->on_dht_item(item, message.authoritative());
}

void Following::on_dht_stored(const v1::SwarmDhtStored& stored) {
  const auto key = trust::PublicKey::from_bytes(as_bytes(stored.public_key()));
  if (key && stored.salt() == trust::kHeadSalt)
    for (auto* follower : followers_of(*key, /*is_anchor=*/false))
      follower->on_dht_stored(stored.sequence(), stored.nodes());
}

}  // namespace owrd::engine
