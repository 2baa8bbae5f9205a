#include "daemon/engine/announcing.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/content/temporary_directory.h"
#include "tests/support/made_feed.h"
#include "tests/support/manual_clock.h"

namespace owrd::engine {
namespace {

using release::MadeFeed;

/// A daemon's store, its keys, and publishers of which it signs the heads, or does not.
class AnnouncingTest : public ::testing::Test {
 protected:
  AnnouncingTest() { EXPECT_TRUE(keys_.load()); }

  /// A publisher whose root names these online keys.
  MadeFeed announced_here(const std::string& name, const Announcing::PublicKeys& online) {
    return MadeFeed(name, static_cast<int>(publishers_.all().size()) * 40, [&](MadeFeed& root) {
      root.plan.head = online.head;
      root.plan.locators = online.locators;
    });
  }
  Digest pin(const std::string& name, const Announcing::PublicKeys& online) {
    return pin(announced_here(name, online), name);
  }
  Digest pin(const MadeFeed& made, const std::string& name) {
    const auto pinned = publishers_.pin(made.chain(), name);
    EXPECT_TRUE(pinned) << pinned.error().message;
    return made.id();
  }
  const KnownPublisher& publisher(const Digest& id) { return *publishers_.find(id); }
  const trust::Head& head(const Digest& id) { return *publisher(id).known.head; }

  content::TemporaryDirectory home_;
  test::ManualClock clock_;
  std::unique_ptr<store::Store> store_ = std::move(*store::Store::open(home_ / "store"));
  KnownPublishers publishers_{*store_, clock_};
  OnlineKeys keys_{home_ / "keys", ""};
  int changes_ = 0;
  Announcing announcing_{publishers_, keys_, clock_, [this](const Digest&) { ++changes_; }};
};

TEST_F(AnnouncingTest, OffersKeysThatNoRootNames) {
  const auto first = *announcing_.unused_keys();
  EXPECT_EQ(std::set(first.locators.begin(), first.locators.end()).size(), 3U);
  const auto again = *announcing_.unused_keys();
  EXPECT_EQ(again.head, first.head);
  EXPECT_EQ(again.locators, first.locators);

  const auto id = pin("acme", first);
  EXPECT_TRUE(announcing_.is_own(publisher(id)));
  const auto next = *announcing_.unused_keys();
  EXPECT_NE(next.head, first.head);
  for (const auto& locator : next.locators)
    EXPECT_EQ(std::count(first.locators.begin(), first.locators.end(), locator), 0);
}

TEST_F(AnnouncingTest, KeysOfARemovedPublisherAreNoOthers) {
  const auto first = *announcing_.unused_keys();
  const auto made = announced_here("acme", first);
  const auto id = pin(made, "acme");
  ASSERT_TRUE(announcing_.retire_keys(publisher(id)));
  ASSERT_TRUE(publishers_.remove(id));
  // Also after a restart.
  ASSERT_TRUE(keys_.load());
  const auto next = *announcing_.unused_keys();
  EXPECT_NE(next.head, first.head);
  for (const auto& locator : next.locators)
    EXPECT_EQ(std::count(first.locators.begin(), first.locators.end(), locator), 0);
  // Pinned again, it is this daemon's own again.
  EXPECT_TRUE(announcing_.is_own(publisher(pin(made, "acme"))));
}

TEST_F(AnnouncingTest, SaysNothingForOthers) {
  const auto id = pin(MadeFeed(), "acme");
  EXPECT_FALSE(announcing_.is_own(publisher(id)));
  const auto appended = announcing_.append(id, MadeFeed::listing("atlas", "1.0.0", 1));
  ASSERT_FALSE(appended);
  EXPECT_EQ(appended.error().code, ErrorCode::Denied);
  EXPECT_TRUE(announcing_.renew(id));
  EXPECT_TRUE(announcing_.set_attestations(id, to_bytes("owrd-attestations-1\n")));
  EXPECT_FALSE(publisher(id).known.head);
  EXPECT_EQ(changes_, 0);
}

TEST_F(AnnouncingTest, EachChangeIsANewHead) {
  const auto id = pin("acme", *announcing_.unused_keys());
  ASSERT_TRUE(announcing_.append(id, MadeFeed::listing("atlas", "1.0.0", 1)));
  const auto first = head(id);
  EXPECT_EQ(first.sequence(), static_cast<std::uint64_t>(clock_.now()));
  EXPECT_EQ(first.issued(), clock_.now());
  EXPECT_EQ(first.expires(), clock_.now() + 7 * 86400);
  // The clock stands still; sequences do not.
  ASSERT_TRUE(announcing_.append(id, MadeFeed::listing("atlas", "1.1.0", 2)));
  EXPECT_EQ(head(id).sequence(), first.sequence() + 1);
  EXPECT_EQ(publisher(id).known.feed->releases().size(), 2U);
  EXPECT_EQ(changes_, 2);

  const auto twice = announcing_.append(id, MadeFeed::listing("atlas", "1.1.0", 3));
  EXPECT_FALSE(twice) << "a version is listed once";
  EXPECT_EQ(head(id).sequence(), first.sequence() + 1);
  EXPECT_EQ(changes_, 2);

  KnownPublishers reread(*store_, clock_);
  ASSERT_TRUE(reread.load());
  EXPECT_EQ(reread.find(id)->known.head->sequence(), first.sequence() + 1);
}

TEST_F(AnnouncingTest, RenewsDailyAndAfterARoot) {
  auto made = announced_here("acme", *announcing_.unused_keys());
  const auto id = pin(made, "acme");
  ASSERT_TRUE(announcing_.renew(id));
  const auto first = head(id).sequence();
  clock_.advance(std::chrono::hours(23));
  ASSERT_TRUE(announcing_.renew(id));
  EXPECT_EQ(head(id).sequence(), first);
  clock_.advance(std::chrono::hours(1));
  ASSERT_TRUE(announcing_.renew(id));
  EXPECT_GT(head(id).sequence(), first);

  const auto daily = head(id).sequence();
  made.rotate();
  ASSERT_TRUE(publishers_.accept(id, made.chain(), "test"));
  ASSERT_TRUE(announcing_.renew(id));
  EXPECT_GT(head(id).sequence(), daily);
  EXPECT_EQ(head(id).root_version(), 2U);
  EXPECT_EQ(publisher(id).known.feed->roots().roots().size(), 2U);
}

TEST_F(AnnouncingTest, ANewHeadKeyCarriesTheFeedOver) {
  auto made = announced_here("acme", *announcing_.unused_keys());
  const auto id = pin(made, "acme");
  ASSERT_TRUE(announcing_.append(id, MadeFeed::listing("atlas", "1.0.0", 1)));
  ASSERT_TRUE(announcing_.append(id, MadeFeed::listing("atlas", "1.1.0", 2)));
  const auto before = publisher(id).known;
  const auto next = *announcing_.unused_keys();
  made.plan.head = next.head;
  made.plan.locators = next.locators;
  made.rotate();
  ASSERT_TRUE(publishers_.accept(id, made.chain(), "test"));
  KnownPublishers reread(*store_, clock_);
  ASSERT_TRUE(reread.load());
  EXPECT_TRUE(reread.find(id)->known.feed) << "a crash here loses nothing";
  ASSERT_TRUE(announcing_.renew(id));
  EXPECT_TRUE(publisher(id).known.feed->find("atlas", "1.0.0"));
  EXPECT_EQ(head(id).root_version(), 2U);
  EXPECT_EQ(head(id).sequence(), before.head->sequence() + 1)
      << "where the old head lay, the DHT takes the new one";
}

}  // namespace
}  // namespace owrd::engine
