#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/engine/follower.h"

namespace owrd::engine {

/// The followers of all pinned publishers, and what the DHT and peers say, brought to the right
/// one.
class Following final : public TorrentOwner, public DhtOwner {
 public:
  explicit Following(Follower::World world);
  ~Following() override;

  /// Follows all that are pinned. `polls`: without being asked, too.
  void start(bool polls);
  void add(const Digest& publisher_id);
  void remove(const Digest& publisher_id);
  /// Null when it is not pinned.
  Follower* find(const Digest& publisher_id);
  /// An object that a peer told: a head of some publisher. Anything else is let pass.
  void hear(const std::string& peer, ByteView object);
  void step();

  void on_torrent_event(const v1::SwarmEvent&) override {}
  void on_swarm_ready() override;
  void on_swarm_lost(const std::string&) override {}
  void on_dht_item(const v1::SwarmDhtItem& item) override;
  void on_dht_stored(const v1::SwarmDhtStored& stored) override;

 private:
  std::vector<Follower*> followers_of(const trust::PublicKey& key, bool is_anchor);

  const Follower::World world_;
  bool polls_ = false;
  std::map<Digest, std::unique_ptr<Follower>> followers_;
};

}  // namespace owrd::engine
