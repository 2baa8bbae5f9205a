#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <libtorrent/alert_types.hpp>
#include <libtorrent/session.hpp>
#include <list>
#include <map>
#include <string>
#include <utility>

#include "owrd/v1/swarm.pb.h"

namespace owrd::worker {

/// The DHT's mutable items (BEP 44) that the daemon asks for or has stored. Every question is
/// answered, in kGetPatience or kPutPatience at most: libtorrent says nothing at all while its DHT
/// is off, has no socket or is still being started.
///
/// Its calls of libtorrent may throw; Worker catches.
class DhtItems {
 public:
  using Report = std::function<void(const v1::SwarmEvent&)>;
  using Clock = std::chrono::steady_clock;
  using Now = std::function<Clock::time_point()>;
  static constexpr std::chrono::seconds kGetPatience{30};
  static constexpr std::chrono::seconds kPutPatience{60};
  /// A DHT that has just been started knows nobody yet and would find nothing: for so long
  /// questions wait for it to have asked around.
  static constexpr std::chrono::seconds kStartPatience{5};

  explicit DhtItems(Report report, Now now = &Clock::now)
      : report_(std::move(report)), now_(std::move(now)) {}

  /// Told at every configuration; a DHT that is off answers everything at once.
  void set_dht(bool is_on);
  /// One that asks for an item which is being looked up already shares its answers.
  void get(lt::session& session, const v1::SwarmDhtGet& command);
  void put(lt::session& session, const v1::SwarmDhtPut& command);

  void on_item(const lt::dht_mutable_item_alert& alert);
  void on_put(const lt::dht_put_alert& alert);
  void on_bootstrap(lt::session& session);
  /// Once a second.
  void tick(lt::session& session);

 private:
  using Key = std::pair<std::string, std::string>;  ///< Public key and salt.
  struct Get {
    Clock::time_point deadline;
    bool is_asked = false;
    v1::SwarmDhtItem best;  ///< The item of the highest sequence so far.
  };
  struct Put {
    v1::SwarmDhtPut command;
    Clock::time_point deadline;
    bool is_asked = false;
  };

  bool is_anything_waiting() const;
  void ask_what_waits(lt::session& session);
  void answer_what_is_overdue();
  void report_item(v1::SwarmDhtItem item, bool is_authoritative);
  void report_stored(const v1::SwarmDhtPut& command, std::int64_t sequence, std::uint32_t nodes);

  Report report_;
  Now now_;
  bool is_on_ = false;
  Clock::time_point started_;  ///< When questions can be asked.
  std::map<Key, Get> gets_;
  std::list<Put> puts_;  ///< As they came.
};

}  // namespace owrd::worker
