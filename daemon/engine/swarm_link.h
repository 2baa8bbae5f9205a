#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "daemon/swarm/swarm.h"

namespace owrd::engine {

/// Whoever has torrents in the swarm.
class TorrentOwner {
 public:
  virtual ~TorrentOwner() = default;
  /// An event of a torrent of this owner.
  virtual void on_torrent_event(const v1::SwarmEvent& event) = 0;
  /// The swarm has started (again) and holds nothing: add what should be there.
  virtual void on_swarm_ready() = 0;
  /// The swarm died and all torrents with it.
  virtual void on_swarm_lost(const std::string& reason) = 0;
};

/// Whoever asks the DHT.
class DhtOwner {
 public:
  virtual ~DhtOwner() = default;
  virtual void on_dht_item(const v1::SwarmDhtItem& item) = 0;
  virtual void on_dht_stored(const v1::SwarmDhtStored& stored) = 0;
};

/// The engine's side of the swarm: starts it when it is first needed, numbers torrents, and brings
/// each event to the torrent's owner.
class SwarmLink {
 public:
  SwarmLink(swarm::Swarm& swarm, v1::SwarmConfigure configuration);

  void set_configuration(v1::SwarmConfigure configuration);
  /// Called with what the swarm wants remembered until next time (the DHT's nodes).
  void set_on_session_state(std::function<void(const std::string&)> on_session_state) {
    on_session_state_ = std::move(on_session_state);
  }

  /// What the DHT answers; null for nobody.
  void set_dht_owner(DhtOwner* owner) { dht_owner_ = owner; }

  void add_owner(TorrentOwner& owner) { owners_.insert(&owner); }
  void remove_owner(TorrentOwner& owner);
  /// Has the swarm say what it wants remembered, and end.
  void end_swarm();
  /// The swarm is going away: nothing is sent to it any more.
  void shut();

  /// Whether torrents can be added now. When not, the swarm is being started and on_swarm_ready()
  /// will come.
  bool ensure_ready();
  /// Gives the new torrent its number, which is never used again.
  std::uint64_t add(TorrentOwner& owner, v1::SwarmAdd add);
  /// No event of that torrent comes after its SwarmRemoved; nothing is answered when the torrent is
  /// not known.
  void remove(std::uint64_t id);
  void send(const v1::SwarmCommand& command) { swarm_.send(command); }

  const swarm::Swarm& swarm() const { return swarm_; }
  const std::vector<std::string>& listening() const { return listening_; }
  const std::vector<std::string>& listen_errors() const { return listen_errors_; }
  std::uint32_t dht_nodes() const { return dht_nodes_; }

 private:
  void on_event(const v1::SwarmEvent& event);
  void on_ready(const v1::SwarmReady& ready);
  void on_lost(const std::string& reason);

  swarm::Swarm& swarm_;
  v1::SwarmConfigure configuration_;
  bool is_shut_ = false;
  bool is_started_ = false;
  bool is_ready_ = false;
  std::uint64_t last_id_ = 0;
  std::set<TorrentOwner*> owners_;
  std::map<std::uint64_t, TorrentOwner*> torrents_;
  std::vector<std::string> listening_;
  std::vector<std::string> listen_errors_;
  std::uint32_t dht_nodes_ = 0;
  DhtOwner* dht_owner_ = nullptr;
  std::function<void(const std::string&)> on_session_state_;
};

}  // namespace owrd::engine
