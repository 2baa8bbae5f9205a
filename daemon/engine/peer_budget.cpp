#include "daemon/engine/peer_budget.h"

#include <arpa/inet.h>

#include <string_view>

namespace owrd::engine {
namespace {

constexpr std::size_t kNetworkBytes = 8;  ///< Of an IPv6 address: its /64.

std::string network_of(std::string_view endpoint) {
  auto host = std::string(endpoint.substr(0, endpoint.rfind(':')));
  if (host.size() < 2 || host.front() != '[' || host.back() != ']') return host;
  in6_addr address{};
  if (::inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &address) != 1) return host;
  return {address.s6_addr, address.s6_addr + kNetworkBytes};
}

}  // namespace

bool PeerBudget::take(const std::string& endpoint, Steady now) {
  std::erase_if(spent_, [&](const auto& each) { return now - each.second.since >= time_; });
  const auto network = network_of(endpoint);
  if (spent_.size() >= kMostPeers && spent_.count(network) == 0) return false;
  auto& spent = spent_.try_emplace(network, Spent{now}).first->second;
  if (spent.count >= most_) return false;
  ++spent.count;
  return true;
}

}  // namespace owrd::engine
