#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/engine/belief.h"
#include "daemon/engine/observers.h"
#include "daemon/engine/swarm_link.h"
#include "daemon/engine/transfer.h"

namespace owrd::engine {

/// From an infohash to a believed release: gets the metadata from peers, then release.owrd and
/// nothing else, and checks that the manifest in it derives to the very torrent it came from.
class Resolver final : public TorrentOwner, public std::enable_shared_from_this<Resolver> {
 public:
  /// `on_end` is called once, on the loop, never from within start(); the resolver is idle then.
  Resolver(std::shared_ptr<Surroundings> around, GetRequest request,
           std::function<void(Result<Believed>)> on_end);
  ~Resolver() override;

  void start() { open(); }
  /// Ends without an answer.
  void stop();
  void step();

  const GetRequest& request() const { return request_; }
  const Digest& infohash() const { return request_.magnet->infohash; }
  void add_peers(const std::vector<std::string>& peers);

  /// One of those who wait for the same release, each with wishes of its own.
  struct Asker {
    GetRequest request;
    EarPtr<TransferDone> ear;
    std::chrono::steady_clock::time_point since;
  };
  void listen(GetRequest request, EarPtr<TransferDone> ear);
  /// Gives whether anybody is left.
  bool let_go(const EarPtr<TransferDone>& ear);
  const std::vector<Asker>& askers() const { return askers_; }
  bool is_detached() const;
  /// Somebody listens still, or asked that it be done without.
  bool is_awaited() const;
  std::int64_t added() const { return added_; }
  ReleaseView view() const;

  void on_torrent_event(const v1::SwarmEvent& event) override;
  void on_swarm_ready() override { open(); }
  void on_swarm_lost(const std::string& reason) override;

 private:
  enum class Stage { Metadata, Proof, Reading };

  void open();
  void on_metadata(const v1::SwarmMetadata& metadata);
  void on_pieces(const v1::SwarmPieces& pieces);
  void read_proof();
  Result<Believed> check_proof(ByteView proof) const;
  void end(Result<Believed> result);
  void check_timeouts();
  std::filesystem::path directory() const;
  std::string waiting_reason() const;

  const std::shared_ptr<Surroundings> surroundings_;
  Surroundings& around_;
  GetRequest request_;
  std::function<void(Result<Believed>)> on_end_;
  std::int64_t added_;
  std::chrono::steady_clock::time_point last_sign_;
  Stage stage_ = Stage::Metadata;
  std::optional<std::uint64_t> torrent_;
  v1::SwarmMetadata metadata_;
  std::uint32_t proof_index_ = 0;
  std::uint32_t first_piece_ = 0;
  std::optional<Bitmap> pieces_;
  v1::SwarmStats stats_;
  std::vector<Asker> askers_;
};

}  // namespace owrd::engine
