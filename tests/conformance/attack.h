#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/engine/engine_fixture.h"
#include "tests/support/made_feed.h"

namespace owrd::conformance {

/// Whether an error has this code and says this.
::testing::AssertionResult says(const Error& error, ErrorCode code, std::string_view text);
/// The same of a result that should be an error.
template <class T>
::testing::AssertionResult refuses(const Result<T>& result, ErrorCode code, std::string_view text) {
  if (result) return ::testing::AssertionFailure() << "it was accepted";
  return says(result.error(), code, text);
}

/// Changed in the middle.
Bytes flipped(Bytes bytes);

/// A daemon, and a publisher that it has pinned and knows nothing else of: "lab", whose releases
/// are models named atlas. The network between them does what the test says: what the DHT holds,
/// what lies on the web, what peers tell and which torrents they have.
class Attack : public engine::EngineTest {
 protected:
  Attack();

  // The lab's side.

  static void give_lab_more_places(release::MadeFeed& lab);
  /// A release that the lab's release key `signer` has signed.
  engine::MadeRelease make(const std::string& version,
                           const std::function<void(v1::Manifest&)>& change = {},
                           int signer = 11) const;
  /// Puts it at the end of the lab's feed.
  void list(const engine::MadeRelease& release);
  /// A head as the lab would sign it, but for what `change` does to it.
  release::Announced announce_changed(const std::function<void(trust::NewHead&)>& change,
                                      int signer = 21);

  // The network's side.

  /// Peers have the head's feed.
  void seed_feed(const release::Announced& what);
  /// The head lies in the DHT under one of the lab's locator keys.
  void put_in_dht(const release::Announced& what, int locator = 31);
  swarm::FakeDht::Item dht_item(const release::Announced& what, int locator = 31) const;
  swarm::FakeDht::Key dht_slot(int locator = 31) const;
  /// Both, under all locator keys: as it is when nobody attacks.
  void publish(const release::Announced& what);
  /// The lab's .owrp with this head and its feed.
  v1::Bundle owrp(const release::Announced& what) const;
  /// A peer of whatever torrent there is tells the daemon this.
  void tell(ByteView object, const std::string& peer = "192.0.2.7:29170");
  /// Peers have the release, too.
  void seed_release(const engine::MadeRelease& release) { seeded_.push_back(release); }
  /// What the network does while the daemon waits.
  void move_network();

  // The daemon's side.

  /// Runs until the condition holds; false when it does not in time.
  bool until_moved(const std::function<bool()>& condition);
  /// Asks all sources of the lab's head, and gives what they answered.
  std::vector<engine::SourceAnswer> refresh();
  /// What it was told by this source; nothing when it did not answer.
  static std::optional<engine::SourceAnswer> answer_of(
      const std::vector<engine::SourceAnswer>& answers, const std::string& source);
  /// The head is believed, by way of the DHT.
  void follow(const release::Announced& what);
  engine::PublisherView known();
  /// The sequence of the head that is believed; 0 for none.
  std::uint64_t known_sequence();
  std::vector<store::StoredEvidence> evidence();
  /// "lab/atlas:1.0.0", to `to_` unless the request says otherwise.
  engine::GetRequest by_name(const std::string& ref) const;
  engine::GetRequest by_owr(const engine::MadeRelease& release) const;
  /// Until it is answered.
  engine::AskerPtr<engine::TransferDone> finish(const engine::GetRequest& request);
  /// Every torrent that was ever added, by its infohash.
  std::set<std::string> torrents_ever();
  void restart();

  static constexpr const char* kWeb = "https://lab.example/lab.owrp";

  /// Keys 31, 32 and 33 locate, and the web has a copy.
  release::MadeFeed lab_{"lab", 40, &Attack::give_lab_more_places};

 private:
  void move_feed(const release::Announced& what);

  std::vector<release::Announced> feeds_;
  std::vector<engine::MadeRelease> seeded_;
};

}  // namespace owrd::conformance
