#include "daemon/engine/swarm_link.h"

#include <optional>
#include <utility>

namespace owrd::engine {
namespace {

/// The torrent that an event is about.
std::optional<std::uint64_t> torrent_of(const v1::SwarmEvent& event) {
  switch (event.event_case()) {
    case v1::SwarmEvent::kMetadata:
      return event.metadata().id();
    case v1::SwarmEvent::kPieces:
      return event.pieces().id();
    case v1::SwarmEvent::kStats:
      return event.stats().id();
    case v1::SwarmEvent::kCheckpointed:
      return event.checkpointed().id();
    case v1::SwarmEvent::kRemoved:
      return event.removed().id();
    case v1::SwarmEvent::kFailed:
      return event.failed().id();
    case v1::SwarmEvent::kDiskError:
      return event.disk_error().id();
    case v1::SwarmEvent::kAdded:
      return event.added().id();
    case v1::SwarmEvent::kHeard:
      return event.heard().id();
    case v1::SwarmEvent::kReady:
    case v1::SwarmEvent::kPeers:
    case v1::SwarmEvent::kSessionState:
    case v1::SwarmEvent::kWorkerLost:
    case v1::SwarmEvent::kDhtItem:
    case v1::SwarmEvent::kDhtStored:
    case v1::SwarmEvent::EVENT_NOT_SET:
      break;
  }
  return std::nullopt;
}

}  // namespace

SwarmLink::SwarmLink(swarm::Swarm& swarm, v1::SwarmConfigure configuration)
    : swarm_(swarm), configuration_(std::move(configuration)) {
  swarm_.set_listener([this](const v1::SwarmEvent& event) { on_event(event); });
}

void SwarmLink::set_configuration(v1::SwarmConfigure configuration) {
  // What the swarm wants remembered is not the caller's to know.
  if (configuration.session_state().empty())
    configuration.set_session_state(configuration_.session_state());
  configuration_ = std::move(configuration);
  if (!is_started_) return;
  v1::SwarmCommand command;
  *command.mutable_configure() = configuration_;
  swarm_.send(command);
}

void SwarmLink::end_swarm() {
  if (!is_started_) return;
  v1::SwarmCommand command;
  command.mutable_shutdown();
  swarm_.send(command);
}

void SwarmLink::shut() {
  is_shut_ = true;
  dht_owner_ = nullptr;
  owners_.clear();
  torrents_.clear();
}

void SwarmLink::remove_owner(TorrentOwner& owner) {
  owners_.erase(&owner);
  for (auto it = torrents_.begin(); it != torrents_.end();) {
    if (it->second != &owner) {
      ++it;
      continue;
    }
    v1::SwarmCommand command;
    command.mutable_remove()->set_id(it->first);
    swarm_.send(command);
    it = torrents_.erase(it);
  }
}

bool SwarmLink::ensure_ready() {
  if (!is_started_) {
    is_started_ = true;
    v1::SwarmCommand command;
    *command.mutable_configure() = configuration_;
    swarm_.send(command);
  }
  return is_ready_;
}

std::uint64_t SwarmLink::add(TorrentOwner& owner, v1::SwarmAdd add) {
  const auto id = ++last_id_;
  torrents_[id] = &owner;
  add.set_id(id);
  v1::SwarmCommand command;
  *command.mutable_add() = std::move(add);
  swarm_.send(command);
  return id;
}

void SwarmLink::remove(std::uint64_t id) {
  if (torrents_.count(id) == 0) return;
  v1::SwarmCommand command;
  command.mutable_remove()->set_id(id);
  swarm_.send(command);
}

void SwarmLink::on_event(const v1::SwarmEvent& event) {
  if (is_shut_) return;
  if (event.has_ready()) return on_ready(event.ready());
  if (event.has_worker_lost()) return on_lost(event.worker_lost().reason());
  if (event.has_session_state()) {
    if (on_session_state_) on_session_state_(event.session_state().state());
    return;
  }
  if (event.has_dht_item() && dht_owner_) return dht_owner_->on_dht_item(event.dht_item());
  if (event.has_dht_stored() && dht_owner_) return dht_owner_->on_dht_stored(event.dht_stored());
  if (event.has_stats()) dht_nodes_ = event.stats().dht_nodes();

  const auto id = torrent_of(event);
  if (!id) return;
  const auto torrent = torrents_.find(*id);
  if (torrent == torrents_.end()) return;
  auto* owner = torrent->second;
  if (event.has_removed() || event.has_failed()) torrents_.erase(torrent);
  owner->on_torrent_event(event);
}

void SwarmLink::on_ready(const v1::SwarmReady& ready) {
  listening_.assign(ready.listening().begin(), ready.listening().end());
  listen_errors_.assign(ready.listen_errors().begin(), ready.listen_errors().end());
  if (std::exchange(is_ready_, true)) return;
  const auto owners = owners_;
  for (auto* owner : owners)
    if (owners_.count(owner) != 0) owner->on_swarm_ready();
}

void SwarmLink::on_lost(const std::string& reason) {
  is_ready_ = false;
  dht_nodes_ = 0;
  listening_.clear();
  torrents_.clear();
  const auto owners = owners_;
  for (auto* owner : owners)
    if (owners_.count(owner) != 0) owner->on_swarm_lost(reason);
}

}  // namespace owrd::engine
