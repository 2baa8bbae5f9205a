#pragma once

#include <cstdint>
#include <libtorrent/address.hpp>
#include <libtorrent/socket.hpp>
#include <string>
#include <string_view>

#include "daemon/core/result.h"

namespace owrd::worker {

struct HostAndPort {
  std::string host;  ///< Without the brackets of an IPv6 address.
  std::uint16_t port;
};

/// "host:port", "1.2.3.4:port" or "[v6]:port"; a port of 0 is accepted, for listening.
Result<HostAndPort> parse_host_and_port(std::string_view text);

/// "1.2.3.4:port" or "[v6]:port".
std::string to_string(const lt::tcp::endpoint& endpoint);

/// Without a port; an IPv4 address that came in an IPv6 one is printed as IPv4.
std::string to_string(const lt::address& address);

}  // namespace owrd::worker
