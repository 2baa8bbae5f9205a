#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

namespace owrd::engine {

/// How much each peer may still say, by its address: a port costs nothing, and neither does an IPv6
/// address within its /64. Its memory is bounded; when it is full, peers that it does not know may
/// say nothing until somebody's time is over.
class PeerBudget {
 public:
  using Steady = std::chrono::steady_clock::time_point;
  static constexpr std::size_t kMostPeers = 1024;

  PeerBudget(std::size_t most, std::chrono::seconds time) : most_(most), time_(time) {}

  /// One of what the peer at `endpoint` ("192.0.2.1:6881", "[2001:db8::1]:6881") may say within the
  /// time; false when nothing is left of it.
  bool take(const std::string& endpoint, Steady now);

 private:
  struct Spent {
    Steady since;
    std::size_t count = 0;
  };
  const std::size_t most_;
  const std::chrono::seconds time_;
  std::map<std::string, Spent> spent_;
};

}  // namespace owrd::engine
