#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <libtorrent/session.hpp>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/core/system.h"
#include "daemon/worker/dht_items.h"
#include "daemon/worker/link.h"
#include "daemon/worker/torrent.h"
#include "owrd/v1/swarm.pb.h"

namespace owrd::worker {

/// The worker process: one libtorrent session, driven by the daemon's commands. All of its own
/// state lives on one thread; libtorrent's alerts come in by post.
class Worker {
 public:
  /// Takes the descriptors of the worker's ends of the two socket pairs.
  Worker(boost::asio::io_context& loop, int channel, int files);
  ~Worker();

 private:
  using Torrents = std::map<std::uint64_t, std::unique_ptr<Torrent>>;
  /// A torrent that can be added when another of the same infohash has left.
  struct Waiting {
    v1::SwarmAdd add;
    std::optional<v1::SwarmTell> tell;
  };

  void on_command(const v1::SwarmCommand& command);
  void dispatch(const v1::SwarmCommand& command);
  void configure(const v1::SwarmConfigure& configure);
  void report_ready();
  void add(const v1::SwarmAdd& command);
  Waiting* find_waiting(std::uint64_t id);
  bool waits_for_another(const v1::SwarmAdd& command) const;
  void add_waiting();
  void remove(std::uint64_t id);
  void connect_peers(std::uint64_t id,
                     const google::protobuf::RepeatedPtrField<std::string>& peers);
  void connect_peer(std::uint64_t id, const std::string& peer);
  void tell(const v1::SwarmTell& command);
  /// Called on libtorrent's thread.
  void post_heard(std::uint64_t id, std::string peer, std::string object);
  void report_heard(std::uint64_t id, const std::string& peer, const std::string& object);
  void shut_down();
  Torrent* find(std::uint64_t id);

  void drain_alerts();
  void on_alert(const lt::alert& alert);
  bool on_session_alert(const lt::alert& alert);
  void on_torrent_alert(Torrent& torrent, const lt::alert& alert);
  void on_removed(const lt::torrent_handle& handle);
  void note_dht_nodes(std::uint32_t nodes);
  void on_statuses(const lt::state_update_alert& alert);
  void note_listening(const lt::alert& alert);

  void tick();
  void look_after_torrents();
  void announce_what_is_due();
  void keep_useless_peers_while_fetching();
  void poll_soon();
  void report_pieces_soon();
  void report_peers();

  boost::asio::io_context& loop_;
  Link link_;
  Descriptor files_;  ///< Until the session has it.
  boost::asio::ip::tcp::resolver resolver_;
  boost::asio::steady_timer tick_;
  boost::asio::steady_timer poll_;
  boost::asio::steady_timer pieces_;
  bool is_polling_ = false;
  bool keeps_useless_peers_ = false;
  bool is_collecting_pieces_ = false;
  unsigned ticks_ = 0;
  std::optional<v1::SwarmConfigure> configure_;
  std::unique_ptr<lt::session> session_;
  Torrents torrents_;
  std::vector<Waiting> waiting_;
  std::map<lt::torrent_handle, std::uint64_t> ids_;
  /// Names of peers that have not been resolved yet, to be tried again.
  std::map<std::uint64_t, std::set<std::string>> unresolved_;
  std::vector<std::string> listening_;
  std::vector<std::string> listen_errors_;
  std::set<lt::tcp::endpoint> connected_;
  std::set<std::string> told_peers_;
  std::uint32_t dht_nodes_ = 0;
  DhtItems dht_items_;
  int dht_nodes_metric_;
};

}  // namespace owrd::worker
