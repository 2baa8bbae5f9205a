#include "daemon/swarm/peer_bans.h"

#include <algorithm>

namespace owrd::swarm {
namespace {

/// More than that within the window, and something other than a peer is wrong.
constexpr std::size_t kMaxCrashes = 64;

}  // namespace

void PeerBans::on_crash(const std::vector<std::string>& connected, Time now) {
  while (!crashes_.empty() && now - crashes_.front().when > kWindow) crashes_.pop_front();
  const auto was_there_before = [&](const std::string& address) {
    return std::any_of(crashes_.begin(), crashes_.end(), [&](const Crash& crash) {
      return std::find(crash.connected.begin(), crash.connected.end(), address) !=
             crash.connected.end();
    });
  };
  const auto suspect = std::find_if(connected.rbegin(), connected.rend(), was_there_before);
  if (suspect != connected.rend()) until_[*suspect] = now + kBan;
  crashes_.push_back({now, connected});
  if (crashes_.size() > kMaxCrashes) crashes_.pop_front();

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
