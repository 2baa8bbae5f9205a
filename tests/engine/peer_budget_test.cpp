#include "daemon/engine/peer_budget.h"

#include <gtest/gtest.h>

namespace owrd::engine {
namespace {

using namespace std::chrono_literals;

class PeerBudgetTest : public testing::Test {
 protected:
  bool take(const std::string& endpoint) { return budget_.take(endpoint, now_); }

  PeerBudget budget_{2, 1h};
  PeerBudget::Steady now_{100h};
};

TEST_F(PeerBudgetTest, EndsAndComesAgainWithTime) {
  EXPECT_TRUE(take("192.0.2.1:6881"));
  EXPECT_TRUE(take("192.0.2.1:6881"));
  EXPECT_FALSE(take("192.0.2.1:6881"));
  EXPECT_TRUE(take("192.0.2.2:6881"));
  now_ += 59min;
  EXPECT_FALSE(take("192.0.2.1:6881"));
  now_ += 1min;
  EXPECT_TRUE(take("192.0.2.1:6881"));
}

TEST_F(PeerBudgetTest, IsOfAnAddressOrANetworkWhateverThePort) {
  EXPECT_TRUE(take("192.0.2.1:6881"));
  EXPECT_TRUE(take("192.0.2.1:6882"));
  EXPECT_FALSE(take("192.0.2.1:6883"));

  EXPECT_TRUE(take("[2001:db8::1]:6881"));
  EXPECT_TRUE(take("[2001:db8:0:0:ffff::2]:6881"));
  EXPECT_FALSE(take("[2001:db8::3]:6881"));
  EXPECT_TRUE(take("[2001:db8:0:1::1]:6881"));
}

TEST_F(PeerBudgetTest, RemembersNoMorePeersThanItsLimit) {
  for (std::size_t i = 0; i < PeerBudget::kMostPeers; ++i)
    ASSERT_TRUE(take("10." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".1:1"));

  EXPECT_FALSE(take("192.0.2.1:6881"));
  EXPECT_TRUE(take("10.0.0.1:1")) << "known, and with something left";
  now_ += 1h;
  EXPECT_TRUE(take("192.0.2.1:6881"));
}

}  // namespace
}  // namespace owrd::engine
