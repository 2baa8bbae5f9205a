#include "daemon/swarm/peer_bans.h"

#include <algorithm>

namespace owrd::swarm {

void PeerBans::on_loss(const std::set<std::string>& connected, Time now) {
  while (!losses_.empty() && now - losses_.front().when > kWindow) losses_.pop_front();
  for (const auto& address : connected) {
    const bool again = std::any_of(losses_.begin(), losses_.end(), [&](const Loss& loss) {
      return loss.connected.count(address) > 0;
    });
    if (again) until_[address] = now + kBan;
  }
  losses_.push_back({now, connected});

  std::erase_if(until_, [&](const auto& ban) { return ban.second <= now; });
  while (until_.size() > kMaxBans)
    until_.erase(std::min_element(until_.begin(), until_.end(), [](const auto& a, const auto& b) {
      return a.second < b.second;
    }));
}

std::vector<std::string> PeerBans::banned(Time now) const {
  std::vector<std::string> addresses;
  for (const auto& [address, until] : until_)
    if (until > now) addresses.push_back(address);
  return addresses;
}

}  // namespace owrd::swarm
