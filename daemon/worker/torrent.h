#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <libtorrent/alert_types.hpp>
#include <libtorrent/session.hpp>
#include <libtorrent/torrent_handle.hpp>
#include <libtorrent/torrent_status.hpp>
#include <set>
#include <string>
#include <vector>

#include "daemon/core/result.h"
#include "daemon/worker/object_exchange.h"
#include "daemon/worker/peer_guard.h"
#include "daemon/worker/torrent_plan.h"
#include "owrd/v1/swarm.pb.h"

namespace owrd::worker {

/// One torrent of the daemon's. Keeps its id over the lives that it has in libtorrent: 2.0.8 cannot
/// unlearn a piece, so that takes leaving the session and being added again.
///
/// Its calls of libtorrent may throw; Worker catches.
class Torrent {
 public:
  using Report = std::function<void(v1::SwarmEvent)>;
  using Clock = std::chrono::steady_clock;

  Torrent(v1::SwarmAdd add, bool use_pex, Report report, OnHeard on_heard);

  /// Adds it to the session.
  Result<> start(lt::session& session);

  void set_upload_only(bool upload_only);
  /// Every piece that was reported is in the kernel: disk::BackEnd hashes none before that.
  void checkpoint(std::uint64_t token);
  /// Replaces what its peers are told.
  void tell(const v1::SwarmTell& command);
  void remove();
  void add_endpoint(const lt::tcp::endpoint& endpoint);

  void on_metadata();
  void on_piece(lt::piece_index_t piece);
  void on_file_error(const lt::file_error_alert& alert);
  void on_error(const lt::torrent_error_alert& alert);
  /// May be told twice.
  void on_ban(const lt::tcp::endpoint& endpoint);
  void on_status(const lt::torrent_status& status) {
    status_ = status;
    is_changed_ = true;
  }
  /// libtorrent has let go of it. False when that was the end of it.
  bool on_removed(lt::session& session);

  /// Leaves when libtorrent's writes are done. True while it waits for them.
  bool poll(lt::session& session);
  /// Reports the pieces that libtorrent has and the daemon was not told of.
  void resync();
  void report_pieces();
  /// Reports statistics, and gives the connected peers.
  std::vector<lt::peer_info> report_stats(std::uint32_t dht_nodes);
  /// Tries the named peers again that are not connected.
  void retry_peers();
  /// Looks for peers in the DHT, and says there that it has come, when that is due. libtorrent does
  /// so at once and then every 15 minutes: too late for who came a moment before the first seed, or
  /// before the first node of the DHT. True when it did.
  bool announce_when_due(std::uint32_t dht_nodes);
  /// Forgets libtorrent's bans when they are why nothing arrives, ever less often while that does
  /// not help. It bans whoever had a part in four pieces that failed, so one corrupt peer takes
  /// good ones down with it, and one that had a bad day stays away. In the next life one peer is
  /// connected at a time until one is banned: then it is certain which it was.
  void forgive_peers();
  /// libtorrent does not connect again to a peer from whom it has parted because both have
  /// everything. When there is something new to tell, a torrent that stands alone begins anew.
  void meet_peers_again();

  const lt::torrent_handle& handle() const { return handle_; }
  std::uint64_t id() const { return add_.id(); }
  const v1::SwarmAdd& add() const { return add_; }
  bool wants_peers() const;
  /// On its way out of the session, and not to come back.
  bool is_leaving_for_good() const { return is_leaving_ && next_ != Next::StartAgain; }

 private:
  /// What comes after it has left the session.
  enum class Next { None, End, StartAgain };
  void leave(Next next);
  bool is_writing() const;
  void fail(const std::string& reason);
  void note_pieces(const Pieces& pieces);
  void note_peers(std::vector<lt::peer_info>& peers);
  Pieces missing() const;
  void update_guard();
  void connect_freely();
  Result<std::shared_ptr<lt::torrent_info>> load();
  v1::SwarmEvent make_stats(const std::vector<lt::peer_info>& peers) const;
  void end_super_seeding(const v1::SwarmStats& stats);

  v1::SwarmAdd add_;
  bool use_pex_;
  Report report_;
  OnHeard on_heard_;
  int piece_count_ = 0;  ///< 0 before the metadata is there.
  std::vector<TorrentFile> files_;
  lt::torrent_handle handle_;
  Pieces have_;  ///< Everything reported or given.
  std::vector<std::uint32_t> unreported_;
  HashMessagesOff hash_messages_off_ = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<ToldObjects> told_ = std::make_shared<ToldObjects>();
  std::set<lt::tcp::endpoint> named_peers_;
  std::set<lt::tcp::endpoint> connected_;
  /// Where this side has connected to, to do so in the next life.
  std::set<lt::tcp::endpoint> met_;
  std::set<lt::tcp::endpoint> banned_;  ///< In this life.
  std::chrono::seconds patience_{1};    ///< With bans, before they are forgotten.
  Next next_ = Next::None;
  bool is_leaving_ = false;          ///< Paused, waits for its writes.
  bool is_removed_ = false;          ///< Then handed back; on_removed() follows.
  bool is_disk_error_told_ = false;  ///< Until SwarmSetUploadOnly.
  bool is_careful_ = false;          ///< One peer at a time.
  bool is_changed_ = false;
  bool is_announced_ = false;                 ///< To nodes of the DHT, in this life.
  std::chrono::seconds announce_patience_{};  ///< While no peer is found.
  Clock::time_point next_announce_;
  bool has_news_ = false;  ///< Its peers were told things before this came.
  lt::torrent_status status_;
  std::uint32_t dht_nodes_ = 0;           ///< As it was told last.
  std::uint64_t earlier_downloaded_ = 0;  ///< In earlier lives.
  std::uint64_t earlier_uploaded_ = 0;
  std::uint64_t earlier_failed_ = 0;
  Clock::time_point last_piece_ = Clock::now();
  Clock::time_point started_ = Clock::now();  ///< This life.
};

}  // namespace owrd::worker
