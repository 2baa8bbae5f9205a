#pragma once

#include <libtorrent/extensions.hpp>
#include <memory>

namespace owrd::worker {

/// Writes "peer ADDRESS" to standard error as soon as a connection belongs to the torrent, from
/// libtorrent's own thread. A peer whose first packet ends the process is thereby known to the
/// daemon, where an alert would have died in its queue.
std::shared_ptr<lt::torrent_plugin> make_peer_journal(const lt::torrent_handle& torrent,
                                                      lt::client_data_t userdata);

}  // namespace owrd::worker
