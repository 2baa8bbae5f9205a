#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace owrd::swarm {

/// Which addresses get no connection because the worker died with them connected. Pure: takes the
/// time.
class PeerBans {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::minutes kWindow{10};  ///< Two losses within it ban an address...
  static constexpr std::chrono::hours kBan{1};        ///< ...for this long.
  /// A swarm in which every peer is suspect must not end with all of them banned for good, nor may
  /// the list grow without end: beyond this many, the oldest bans go.
  static constexpr std::size_t kMaxBans = 4096;

  /// The worker died with these addresses connected.
  void on_loss(const std::set<std::string>& connected, Time now);
  /// Sorted.
  std::vector<std::string> banned(Time now) const;

 private:
  struct Loss {
    Time when;
    std::set<std::string> connected;
  };
  std::deque<Loss> losses_;
  std::map<std::string, Time> until_;
};

}  // namespace owrd::swarm
