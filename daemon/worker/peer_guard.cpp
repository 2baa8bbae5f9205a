// libtorrent's Debug headers lay its classes out otherwise than Debian's library was built.
#undef TORRENT_USE_ASSERTS

#include "daemon/worker/peer_guard.h"

#include <poll.h>
#include <unistd.h>

#include <libtorrent/peer_connection.hpp>
#include <libtorrent/peer_connection_handle.hpp>
#include <libtorrent/torrent_peer.hpp>
#include <utility>

#include "daemon/worker/link.h"
#include "daemon/worker/peer_address.h"

namespace owrd::worker {
namespace {

/// Lets libtorrent take the peer for one that knows v1 alone, between the greeting and the end.
class HashMessageGuard final : public lt::peer_plugin {
 public:
  HashMessageGuard(lt::peer_connection_handle peer, HashMessagesOff off)
      : peer_(std::move(peer)), off_(std::move(off)) {}

  bool on_handshake(lt::span<const char> /*reserved*/) override {
    if (off_->load()) set_v2(false);
    return true;
  }
  void on_disconnect(const lt::error_code& /*error*/) override { set_v2(true); }

 private:
  void set_v2(bool v2) {
    const auto connection = peer_.native_handle();
    if (!connection) return;
    if (auto* known = connection->peer_info_struct()) known->protocol_v2 = v2;
  }

  lt::peer_connection_handle peer_;
  HashMessagesOff off_;
};

class PeerGuard final : public lt::torrent_plugin {
 public:
  explicit PeerGuard(HashMessagesOff off) : off_(std::move(off)) {}

  std::shared_ptr<lt::peer_plugin> new_connection(const lt::peer_connection_handle& peer) override {
    // libtorrent's thread must not wait for a daemon that is slow to read.
    pollfd room{STDERR_FILENO, POLLOUT, 0};
    if (::poll(&room, 1, 0) == 1) log("peer " + to_string(peer.remote().address()));
    return std::make_shared<HashMessageGuard>(peer, off_);
  }

 private:
  HashMessagesOff off_;
};

}  // namespace

std::function<std::shared_ptr<lt::torrent_plugin>(const lt::torrent_handle&, lt::client_data_t)>
make_peer_guard(HashMessagesOff off) {
  return [off](const lt::torrent_handle&, lt::client_data_t) {
    return std::make_shared<PeerGuard>(off);
  };
}

}  // namespace owrd::worker
