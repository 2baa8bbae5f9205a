#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace owrd::swarm {

/// Which addresses get no connection because the worker crashed with them connected. Pure: takes
/// the time. Of all that were there at two crashes, one is banned at a time, the last to connect:
/// who sends what crashes a worker mostly does so at once, and the others may be good seeds.
class PeerBans {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::minutes kWindow{10};  ///< Two crashes within it ban an address...
  static constexpr std::chrono::hours kBan{1};        ///< ...for this long.
  /// A swarm in which every peer is suspect must not end with all of them banned for good, nor may
  /// the list grow without end: beyond this many, the oldest bans go.
  static constexpr std::size_t kMaxBans = 4096;

  /// The worker crashed with these addresses connected, the last to connect at the end.
  void on_crash(const std::vector<std::string>& connected, Time now);
  /// Sorted.
  std::vector<std::string> banned(Time now) const;

 private:
  struct Crash {
    Time when;
    std::vector<std::string> connected;
  };
  std::deque<Crash> crashes_;
  std::map<std::string, Time> until_;
};

}  // namespace owrd::swarm
