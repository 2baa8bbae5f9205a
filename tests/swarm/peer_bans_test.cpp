#include "daemon/swarm/peer_bans.h"

#include <gtest/gtest.h>

namespace owrd::swarm {
namespace {

using std::chrono::minutes;
const PeerBans::Time kStart = PeerBans::Time() + std::chrono::hours{10};

TEST(PeerBans, BansWhoWasThereAtTwoCrashes) {
  PeerBans bans;
  bans.on_crash({"192.0.2.1", "192.0.2.2"}, kStart);
  EXPECT_TRUE(bans.banned(kStart).empty());
  bans.on_crash({"192.0.2.2", "192.0.2.3"}, kStart + minutes{9});
  EXPECT_EQ(bans.banned(kStart + minutes{9}), std::vector<std::string>{"192.0.2.2"});
}

TEST(PeerBans, ForgivesACrashTenMinutesOld) {
  PeerBans bans;
  bans.on_crash({"192.0.2.1"}, kStart);
  bans.on_crash({"192.0.2.1"}, kStart + minutes{11});
  EXPECT_TRUE(bans.banned(kStart + minutes{11}).empty());
}

TEST(PeerBans, BansForAnHour) {
  PeerBans bans;
  bans.on_crash({"192.0.2.1"}, kStart);
  bans.on_crash({"192.0.2.1"}, kStart);
  EXPECT_EQ(bans.banned(kStart + minutes{59}).size(), 1U);
  EXPECT_TRUE(bans.banned(kStart + minutes{60}).empty());
}

TEST(PeerBans, SuspectsTheLastToConnectFirst) {
  PeerBans bans;
  bans.on_crash({"192.0.2.1", "192.0.2.2"}, kStart);
  bans.on_crash({"192.0.2.1", "192.0.2.2", "192.0.2.3"}, kStart);
  EXPECT_EQ(bans.banned(kStart), std::vector<std::string>{"192.0.2.2"});
  bans.on_crash({"192.0.2.1"}, kStart);
  EXPECT_EQ(bans.banned(kStart), (std::vector<std::string>{"192.0.2.1", "192.0.2.2"}));
}

TEST(PeerBans, NeverHoldsMoreThanItsLimit) {
  PeerBans bans;
  for (std::size_t i = 0; i < PeerBans::kMaxBans + 10; ++i) {
    bans.on_crash({"peer " + std::to_string(i)}, kStart);
    bans.on_crash({"peer " + std::to_string(i)}, kStart);
  }
  EXPECT_EQ(bans.banned(kStart).size(), PeerBans::kMaxBans);
}

}  // namespace
}  // namespace owrd::swarm
