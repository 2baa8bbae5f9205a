#include "daemon/worker/peer_journal.h"

#include <poll.h>
#include <unistd.h>

#include <libtorrent/peer_connection_handle.hpp>

#include "daemon/worker/link.h"
#include "daemon/worker/peer_address.h"

namespace owrd::worker {
namespace {

class PeerJournal final : public lt::torrent_plugin {
 public:
  std::shared_ptr<lt::peer_plugin> new_connection(const lt::peer_connection_handle& peer) override {
    // libtorrent's thread must not wait for a daemon that is slow to read.
    pollfd room{STDERR_FILENO, POLLOUT, 0};
    if (::poll(&room, 1, 0) == 1) log("peer " + to_string(peer.remote().address()));
    return nullptr;
  }
};

}  // namespace

std::shared_ptr<lt::torrent_plugin> make_peer_journal(const lt::torrent_handle& /*torrent*/,
                                                      lt::client_data_t /*userdata*/) {
  return std::make_shared<PeerJournal>();
}

}  // namespace owrd::worker
