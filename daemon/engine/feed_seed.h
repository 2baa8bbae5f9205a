#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/engine/feed_files.h"
#include "daemon/engine/swarm_link.h"
#include "daemon/engine/transfer.h"

namespace owrd::engine {

/// Seeds a feed that is believed (or a publisher's roots), and tells its peers of the newest head:
/// whoever is still in the swarm of an older one learns of it here.
class FeedSeed final : public TorrentOwner, public std::enable_shared_from_this<FeedSeed> {
 public:
  /// A head that a peer told of: its endpoint, and the envelope.
  using OnHeard = std::function<void(const std::string& peer, ByteView object)>;

  /// `torrent` is derived from `bytes`.
  FeedSeed(std::shared_ptr<Surroundings> around, release::Torrent torrent, FeedBytes bytes,
           OnHeard on_heard);
  ~FeedSeed() override;

  void start();
  /// Lets go of the torrent and takes its files away.
  void stop();
  /// What peers are told from now on.
  void tell(std::vector<Bytes> objects);
  void add_peers(const std::vector<std::string>& peers);

  const Digest& infohash() const { return torrent_.infohash; }
  std::vector<std::string> endpoints() const;

  void on_torrent_event(const v1::SwarmEvent& event) override;
  void on_swarm_ready() override { open(); }
  void on_swarm_lost(const std::string& reason) override;

 private:
  void open();
  void send_objects();

  const std::shared_ptr<Surroundings> surroundings_;
  Surroundings& around_;
  const release::Torrent torrent_;
  const FeedBytes bytes_;
  OnHeard on_heard_;
  bool are_files_there_ = false;
  bool is_stopped_ = false;
  std::optional<std::uint64_t> id_;
  std::vector<Bytes> objects_;
  std::vector<std::string> peers_;
  v1::SwarmStats stats_;
};

}  // namespace owrd::engine
