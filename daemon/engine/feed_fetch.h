#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/engine/feed_files.h"
#include "daemon/engine/swarm_link.h"
#include "daemon/engine/transfer.h"

namespace owrd::engine {

/// Gets the bytes of a feed (or of a file of roots) from the peers of their torrent: first its
/// metadata, then the segments that are not known already. The bytes are not believed yet.
class FeedFetch final : public TorrentOwner, public std::enable_shared_from_this<FeedFetch> {
 public:
  using OnEnd = std::function<void(Result<FeedBytes>)>;
  struct Wanted {
    Digest infohash;
    std::vector<release::FeedSegment> segments;
    FeedBytes known = {};  ///< What is believed of the publisher; its segments are not fetched.
  };
  /// `on_end` is called once, on the loop, never from within start().
  FeedFetch(std::shared_ptr<Surroundings> around, Wanted wanted, std::vector<std::string> peers,
            OnEnd on_end);
  ~FeedFetch() override;

  void start() { open(); }
  /// Ends without an answer.
  void stop();
  /// Ends with NoSources after a while without a byte.
  void step();
  void give_up(const std::string& why) { end(Error{ErrorCode::NoSources, why}); }
  void add_peers(const std::vector<std::string>& peers);
  /// Of the peers that it had last.
  std::vector<std::string> endpoints() const {
    return {stats_.endpoints().begin(), stats_.endpoints().end()};
  }

  void on_torrent_event(const v1::SwarmEvent& event) override;
  void on_swarm_ready() override { open(); }
  void on_swarm_lost(const std::string& reason) override;

 private:
  enum class Stage { Metadata, Preparing, Segments, Reading };

  void open();
  void on_metadata(const v1::SwarmMetadata& metadata);
  void on_prepared(Result<std::vector<bool>> known);
  void on_pieces(const v1::SwarmPieces& pieces);
  void on_removed();
  void read();
  void end(Result<FeedBytes> result);
  std::filesystem::path directory() const;

  template <class T>
  void run(std::function<Result<T>()> work, void (FeedFetch::*done)(Result<T>));

  const std::shared_ptr<Surroundings> surroundings_;
  Surroundings& around_;
  const Wanted wanted_;
  std::vector<std::string> peers_;
  OnEnd on_end_;
  std::chrono::steady_clock::time_point last_sign_;
  Stage stage_ = Stage::Metadata;
  std::optional<std::uint64_t> torrent_;
  v1::SwarmMetadata metadata_;
  std::vector<bool> have_;
  v1::SwarmStats stats_;
};

}  // namespace owrd::engine
