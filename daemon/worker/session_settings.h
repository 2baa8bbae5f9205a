#pragma once

#include <libtorrent/ip_filter.hpp>
#include <libtorrent/settings_pack.hpp>

#include "owrd/v1/swarm.pb.h"

namespace owrd::worker {

/// libtorrent's settings for what the daemon asks.
lt::settings_pack make_settings(const v1::SwarmConfigure& configure);

/// Blocks the banned addresses; what is no address is left out.
lt::ip_filter make_ban_filter(const v1::SwarmConfigure& configure);

/// Every listen address is a loopback one: an instance that speaks with this machine alone, as in
/// tests.
bool is_loopback_only(const v1::SwarmConfigure& configure);

/// Puts every peer, those of the local network too, into the class that the rate limits hold for.
lt::ip_filter make_one_class_for_all();

/// libtorrent sizes its connection limit by this, once, when a session is made.
void raise_descriptor_limit();

}  // namespace owrd::worker
