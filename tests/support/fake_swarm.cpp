#include "tests/support/fake_swarm.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

namespace owrd::swarm {
namespace {

constexpr std::size_t kMaxObjects = 64;
constexpr std::size_t kMaxObjectBytes = 8192;

}  // namespace

void FakeSwarm::set_listener(Listener listener) { listener_ = std::move(listener); }

void FakeSwarm::send(const v1::SwarmCommand& command) {
  commands_.push_back(command);
  if (command.has_configure()) configure_ = command.configure();
  if (!is_lost_) is_running_ = true;
  if (!is_running_) return;  // The worker is dead: whoever listens says it again on SwarmReady.
  obey(command);
}

void FakeSwarm::obey(const v1::SwarmCommand& command) {
  if (command.has_configure()) {
    queue_ready();
  } else if (command.has_add()) {
    add(command.add());
  } else if (command.has_remove()) {
    remove(command.remove().id());
  } else if (command.has_shutdown()) {
    v1::SwarmEvent event;
    event.mutable_session_state()->set_state("fake session state");
    queue(std::move(event));
    torrents_.clear();
    is_running_ = false;
  } else if (command.has_set_upload_only()) {
    const auto found = torrents_.find(command.set_upload_only().id());
    if (found != torrents_.end())
      found->second.upload_only = command.set_upload_only().upload_only();
  } else if (command.has_connect_peers()) {
    const auto found = torrents_.find(command.connect_peers().id());
    if (found == torrents_.end()) return;
    for (const auto& peer : command.connect_peers().peers()) found->second.peers.push_back(peer);
  } else if (command.has_checkpoint()) {
    const auto& wish = command.checkpoint();
    if (holds_checkpoints_) {
      held_.emplace_back(wish.id(), wish.token());
    } else {
      answer(wish.id(), wish.token());
    }
  } else if (command.has_tell()) {
    set_told(command.tell());
  } else if (command.has_dht_get()) {
    look_up(command.dht_get());
  } else if (command.has_dht_put()) {
    put(command.dht_put());
  }
}

void FakeSwarm::add(const v1::SwarmAdd& command) {
  Torrent torrent;
  torrent.add = command;
  torrent.have = parse_bitmap(command.have());
  torrent.wanted_files = {command.wanted_files().begin(), command.wanted_files().end()};
  torrent.upload_only = command.upload_only();
  torrent.peers = {command.peers().begin(), command.peers().end()};
  torrents_[command.id()] = std::move(torrent);
  v1::SwarmEvent event;
  event.mutable_added()->set_id(command.id());
  queue(std::move(event));
}

void FakeSwarm::remove(std::uint64_t id) {
  torrents_.erase(id);
  v1::SwarmEvent event;
  event.mutable_removed()->set_id(id);
  queue(std::move(event));
}

void FakeSwarm::answer(std::uint64_t id, std::uint64_t token) {
  const auto* torrent = find(id);
  if (!torrent) return;
  v1::SwarmEvent event;
  event.mutable_checkpointed()->set_id(id);
  event.mutable_checkpointed()->set_token(token);
  event.mutable_checkpointed()->set_have(to_bitmap(torrent->have, torrent->add.have().size() * 8));
  queue(std::move(event));
}

void FakeSwarm::answer_checkpoints() {
  for (const auto& [id, token] : std::exchange(held_, {})) answer(id, token);
}

void FakeSwarm::set_told(const v1::SwarmTell& command) {
  const auto found = torrents_.find(command.id());
  if (found == torrents_.end()) return;
  auto& told = found->second.told;
  told.clear();
  for (const auto& object : command.objects())
    if (!object.empty() && object.size() <= kMaxObjectBytes && told.size() < kMaxObjects)
      told.push_back(object);
}

void FakeSwarm::look_up(const v1::SwarmDhtGet& command) {
  const bool is_on = configure_ && configure_->dht();
  for (const auto& item : (is_on ? *dht_ : FakeDht()).get(command)) {
    v1::SwarmEvent event;
    *event.mutable_dht_item() = item;
    queue(std::move(event));
  }
}

void FakeSwarm::put(const v1::SwarmDhtPut& command) {
  const bool is_on = configure_ && configure_->dht();
  FakeDht nobody;
  nobody.nodes = 0;
  v1::SwarmEvent event;
  *event.mutable_dht_stored() = (is_on ? *dht_ : nobody).put(command);
  queue(std::move(event));
}

// --- The world

void FakeSwarm::arrive(std::uint64_t id, const std::vector<std::uint32_t>& pieces) {
  const auto found = torrents_.find(id);
  if (found == torrents_.end()) return;
  v1::SwarmEvent event;
  event.mutable_pieces()->set_id(id);
  for (const auto piece : pieces)
    if (found->second.have.insert(piece).second) event.mutable_pieces()->add_pieces(piece);
  if (event.pieces().pieces_size() > 0) queue(std::move(event));
}

void FakeSwarm::find_metadata(std::uint64_t id, const v1::SwarmMetadata& metadata) {
  v1::SwarmEvent event;
  *event.mutable_metadata() = metadata;
  event.mutable_metadata()->set_id(id);
  queue(std::move(event));
}

void FakeSwarm::fail(std::uint64_t id, const std::string& reason) {
  torrents_.erase(id);
  v1::SwarmEvent event;
  event.mutable_failed()->set_id(id);
  event.mutable_failed()->set_reason(reason);
  queue(std::move(event));
}

void FakeSwarm::fail_disk(std::uint64_t id, int error, const std::string& file) {
  const auto found = torrents_.find(id);
  if (found != torrents_.end()) found->second.upload_only = true;
  v1::SwarmEvent event;
  event.mutable_disk_error()->set_id(id);
  event.mutable_disk_error()->set_error(error);
  event.mutable_disk_error()->set_file(file);
  event.mutable_disk_error()->set_reason("the disk failed");
  queue(std::move(event));
}

void FakeSwarm::report_stats(const v1::SwarmStats& stats) {
  v1::SwarmEvent event;
  *event.mutable_stats() = stats;
  queue(std::move(event));
}

void FakeSwarm::report_peers(const std::vector<std::string>& addresses) {
  v1::SwarmEvent event;
  event.mutable_peers();
  for (const auto& address : addresses) event.mutable_peers()->add_addresses(address);
  queue(std::move(event));
}

void FakeSwarm::hear(std::uint64_t id, const std::string& object, const std::string& peer) {
  v1::SwarmEvent event;
  event.mutable_heard()->set_id(id);
  event.mutable_heard()->set_peer(peer);
  event.mutable_heard()->set_object(object);
  queue(std::move(event));
}

void FakeSwarm::meet(FakeSwarm& other) {
  tell(other);
  other.tell(*this);
}

void FakeSwarm::tell(FakeSwarm& other) {
  for (auto& [id, torrent] : torrents_) {
    auto& sent = torrent.sent[&other];
    for (const auto& [other_id, theirs] : other.torrents_) {
      if (theirs.add.infohash() != torrent.add.infohash()) continue;
      for (const auto& object : torrent.told)
        if (sent.size() < kMaxObjects && sent.insert(object).second) other.hear(other_id, object);
    }
  }
}

void FakeSwarm::lose_worker(const std::string& reason) {
  is_running_ = false;
  is_lost_ = true;
  torrents_.clear();
  held_.clear();
  events_.clear();
  v1::SwarmEvent event;
  event.mutable_worker_lost()->set_reason(reason);
  queue(std::move(event));
}

void FakeSwarm::restart_worker() {
  is_running_ = true;
  is_lost_ = false;
  ++restarts_;
  queue_ready();
}

void FakeSwarm::queue_ready() {
  v1::SwarmEvent event;
  event.mutable_ready()->set_libtorrent_version("fake");
  if (configure_)
    for (const auto& listen : configure_->listen()) {
      const bool chooses = listen.ends_with(":0");
      event.mutable_ready()->add_listening(chooses ? listen.substr(0, listen.size() - 1) + "29170"
                                                   : listen);
    }
  queue(std::move(event));
}

// --- Events up

void FakeSwarm::queue(v1::SwarmEvent event) {
  events_.push_back(std::move(event));
  if (loop_) boost::asio::post(*loop_, [this] { deliver_one(); });
}

void FakeSwarm::deliver_one() {
  if (events_.empty()) return;
  const v1::SwarmEvent event = std::move(events_.front());
  events_.pop_front();
  if (listener_) listener_(event);
}

std::size_t FakeSwarm::deliver() {
  std::size_t count = 0;
  for (; !events_.empty(); ++count) deliver_one();
  return count;
}

const FakeSwarm::Torrent* FakeSwarm::find(std::uint64_t id) const {
  const auto found = torrents_.find(id);
  return found == torrents_.end() ? nullptr : &found->second;
}

std::vector<std::string> FakeSwarm::told(std::uint64_t id) const {
  const auto* torrent = find(id);
  return torrent ? torrent->told : std::vector<std::string>();
}

const FakeSwarm::Torrent* FakeSwarm::find_by_infohash(const std::string& infohash) const {
  for (const auto& [id, torrent] : torrents_)
    if (torrent.add.infohash() == infohash) return &torrent;
  return nullptr;
}

std::string to_bitmap(const std::set<std::uint32_t>& pieces, std::size_t piece_count) {
  const std::size_t needed = pieces.empty() ? 0 : *pieces.rbegin() + std::size_t{1};
  std::string bitmap((std::max(needed, piece_count) + 7) / 8, '\0');
  for (const auto piece : pieces)
    bitmap[piece / 8] =
        static_cast<char>(static_cast<unsigned char>(bitmap[piece / 8]) | (0x80U >> (piece % 8)));
  return bitmap;
}

std::set<std::uint32_t> parse_bitmap(const std::string& bitmap) {
  std::set<std::uint32_t> pieces;
  for (std::uint32_t piece = 0; piece < bitmap.size() * 8; ++piece)
    if (static_cast<unsigned char>(bitmap[piece / 8]) & (0x80U >> (piece % 8)))
      pieces.insert(piece);
  return pieces;
}

}  // namespace owrd::swarm
