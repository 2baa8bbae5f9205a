#pragma once

#include <atomic>
#include <functional>
#include <libtorrent/extensions.hpp>
#include <memory>

namespace owrd::worker {

/// While true, no hash messages (BEP 52) go to or come from the torrent's peers.
using HashMessagesOff = std::shared_ptr<std::atomic<bool>>;

/// What stands between a torrent's peers and libtorrent 2.0.8, on libtorrent's own thread.
///
/// It writes "peer ADDRESS" to standard error as soon as a connection belongs to the torrent: a
/// peer whose first packet ends the process is thereby known to the daemon, where an alert would
/// have died in its queue.
///
/// It can also turn hash messages off, for who has the piece layers needs none. That matters: a
/// piece that fails makes libtorrent ask for block hashes, and the answer "rejected", which every
/// honest seed gives that was not itself downloading, is a write outside of memory
/// (hash_picker::hashes_rejected); so one corrupt seed would end the process of whoever downloads
/// from it. Connections on which the other side sends such a message are closed.
std::function<std::shared_ptr<lt::torrent_plugin>(const lt::torrent_handle&, lt::client_data_t)>
make_peer_guard(HashMessagesOff off);

}  // namespace owrd::worker
