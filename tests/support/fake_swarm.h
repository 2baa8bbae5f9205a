#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/swarm/swarm.h"
#include "tests/support/fake_dht.h"

namespace owrd::swarm {

/// A swarm in memory. What it would take libtorrent and strangers to do, test code says: which
/// pieces arrive, when metadata comes, when the disk fails, when the worker dies. It answers
/// commands as the worker does, in order and never from within send(): by post when it has a loop,
/// else on deliver().
///
/// It holds no bytes: who needs files on disk writes them before saying that their pieces have
/// arrived.
class FakeSwarm final : public Swarm {
 public:
  /// What it knows of one torrent.
  struct Torrent {
    v1::SwarmAdd add;
    std::set<std::uint32_t> have;
    std::set<std::uint32_t> wanted_files;
    bool upload_only = false;
    std::vector<std::string> peers;
    std::vector<std::string> told;  ///< What it was given to tell its peers.
    /// What was told already, over the connection to each.
    std::map<const FakeSwarm*, std::set<std::string>> sent;
  };

  /// Without a loop, events wait for deliver().
  FakeSwarm() = default;
  explicit FakeSwarm(boost::asio::io_context& loop) : loop_(&loop) {}

  void set_listener(Listener listener) override;
  void send(const v1::SwarmCommand& command) override;
  bool is_running() const override { return is_running_; }
  int pid() const override { return is_running_ ? 4711 : 0; }
  std::uint32_t restarts() const override { return restarts_; }

  /// Hands out everything that waits, and what follows from it. Gives how many events that were.
  std::size_t deliver();

  // What happens in the world. Each queues the event that the worker would send.

  /// These pieces arrive and pass; those already had do not count.
  void arrive(std::uint64_t id, const std::vector<std::uint32_t>& pieces);
  void find_metadata(std::uint64_t id, const v1::SwarmMetadata& metadata);
  void fail(std::uint64_t id, const std::string& reason);
  void fail_disk(std::uint64_t id, int error, const std::string& file);
  void report_stats(const v1::SwarmStats& stats);
  void report_peers(const std::vector<std::string>& addresses);
  /// A peer of this torrent tells an object.
  void hear(std::uint64_t id, const std::string& object,
            const std::string& peer = "192.0.2.7:29170");
  /// The torrents that both have get to know each other: each hears what the other tells and it has
  /// not heard from it before. May be called again when there is more to tell.
  void meet(FakeSwarm& other);
  /// What is in the DHT, and what it answers. Used only when the configuration has the DHT on.
  FakeDht& dht() { return *dht_; }
  /// From here on it is the other's DHT too.
  void share_dht(FakeSwarm& other) { dht_ = other.dht_; }
  /// The worker dies with everything in it: queued events are gone, SwarmWorkerLost follows.
  void lose_worker(const std::string& reason);
  /// The worker is there again, as after a restart: SwarmReady follows.
  void restart_worker();

  /// Checkpoints are answered at once unless this is set; then answer_checkpoints() does it.
  /// Events wait to be handed out.
  bool has_events() const { return !events_.empty(); }
  void hold_checkpoints(bool hold) { holds_checkpoints_ = hold; }
  void answer_checkpoints();

  // What was asked of it.

  const std::map<std::uint64_t, Torrent>& torrents() const { return torrents_; }
  /// Null when there is none.
  const Torrent* find(std::uint64_t id) const;
  const Torrent* find_by_infohash(const std::string& infohash) const;
  /// What the peers of this torrent are told.
  std::vector<std::string> told(std::uint64_t id) const;
  const std::optional<v1::SwarmConfigure>& configure() const { return configure_; }
  /// Every command so far, in order, those to a dead worker too.
  const std::vector<v1::SwarmCommand>& commands() const { return commands_; }

 private:
  void obey(const v1::SwarmCommand& command);
  void add(const v1::SwarmAdd& command);
  void remove(std::uint64_t id);
  void answer(std::uint64_t id, std::uint64_t token);
  void set_told(const v1::SwarmTell& command);
  void tell(FakeSwarm& other);
  void look_up(const v1::SwarmDhtGet& command);
  void put(const v1::SwarmDhtPut& command);
  void queue(v1::SwarmEvent event);
  void queue_ready();
  void deliver_one();

  boost::asio::io_context* loop_ = nullptr;
  Listener listener_;
  bool is_running_ = false;
  bool is_lost_ = false;
  bool holds_checkpoints_ = false;
  std::uint32_t restarts_ = 0;
  std::optional<v1::SwarmConfigure> configure_;
  std::map<std::uint64_t, Torrent> torrents_;
  std::shared_ptr<FakeDht> dht_ = std::make_shared<FakeDht>();
  std::vector<std::pair<std::uint64_t, std::uint64_t>> held_;  ///< Torrent and token.
  std::vector<v1::SwarmCommand> commands_;
  std::deque<v1::SwarmEvent> events_;
};

/// Bit p is (byte p/8) & (0x80 >> p%8). Only as long as its highest piece needs, unless piece_count
/// says more.
std::string to_bitmap(const std::set<std::uint32_t>& pieces, std::size_t piece_count = 0);
std::set<std::uint32_t> parse_bitmap(const std::string& bitmap);

}  // namespace owrd::swarm
