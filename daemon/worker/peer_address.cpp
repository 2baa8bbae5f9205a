#include "daemon/worker/peer_address.h"

#include <charconv>

namespace owrd::worker {

Result<HostAndPort> parse_host_and_port(std::string_view text) {
  const Error invalid{ErrorCode::InvalidInput,
                      "\"" + std::string(text) + "\" is no address of the form HOST:PORT"};
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return invalid;
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  if (host.starts_with('[')) {
    if (!host.ends_with(']') || host.size() < 3) return invalid;
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return invalid;
  }
  std::uint16_t port = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) return invalid;
  return HostAndPort{std::string(host), port};
}

std::string to_string(const lt::tcp::endpoint& endpoint) {
  const std::string host = to_string(endpoint.address());
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(endpoint.port());
}

std::string to_string(const lt::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6())
        .to_string();
  return address.to_string();
}

}  // namespace owrd::worker
