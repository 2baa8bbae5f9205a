// The cases of test_rollback.py of the TUF conformance suite (theupdateframework/tuf-conformance at
// eec841c1), each under its own name. A head is timestamp and snapshot in one, and its feed is what
// targets are there; where they keep the two apart, what is asked here is what can go wrong between
// head and feed.

#include "daemon/release/bundle.h"
#include "tests/conformance/attack.h"

namespace owrd::conformance {
namespace {

using release::MadeFeed;

class TufRollback : public Attack {
 protected:
  void update(const std::string& version, int seed) { lab_.list("atlas", version, seed); }
  /// From now on the network gives this, and nothing else; what the daemon said of it.
  engine::SourceAnswer offer(const release::Announced& what) {
    publish(what);
    return *answer_of(refresh(), "dht, slot 1");
  }
  /// A thief holds the head key; the publisher gives it to another.
  void rotate_head_key() {
    lab_.plan.head = lab_.key(22).public_key();
    lab_.rotate();
  }
};

TEST_F(TufRollback, SimpleSnapshotRollback) {
  update("1.0.0", 1);
  const auto old_feed = lab_.announce();
  update("2.0.0", 2);
  const auto head = lab_.announce();
  ASSERT_TRUE(offer(head).is_news);

  // The older feed under the head that is known: there is nothing to be fetched.
  const auto again = offer({head.head, old_feed.feed, {}});

  EXPECT_EQ(again.problem, "");
  EXPECT_FALSE(again.is_news);
  EXPECT_EQ(known_sequence(), 2U);
  EXPECT_EQ(known().listed_releases, 2U);
}

TEST_F(TufRollback, NewTimestampVersionRollback) {
  update("1.0.0", 1);
  const auto first = lab_.announce();
  const auto second = lab_.announce();
  ASSERT_TRUE(offer(second).is_news);

  EXPECT_EQ(offer(first).problem, "older than head 2, which is known");
  EXPECT_EQ(known_sequence(), 2U);
}

TEST_F(TufRollback, SnapshotRollback) {
  update("1.0.0", 1);
  const auto first = lab_.announce();
  update("2.0.0", 2);
  ASSERT_TRUE(offer(lab_.announce()).is_news);

  // A newer head, validly signed, of the older feed.
  lab_.feed = *release::Feed::parse(first.feed);
  EXPECT_EQ(offer(lab_.announce()).problem,
            "the feed of head 3 takes back what the feed of head 2 said");
  EXPECT_EQ(known_sequence(), 2U);
  EXPECT_EQ(known().listed_releases, 2U);
}

TEST_F(TufRollback, NewTargetsFastForwardRecovery) {
  // The thief lists the versions that the publisher would need.
  update("100.0.0", 100);
  ASSERT_TRUE(offer(lab_.announce()).is_news);

  lab_.feed = release::Feed::begin(lab_.chain(), lab_.now);
  rotate_head_key();
  update("1.0.0", 1);
  const auto recovered = lab_.announce(22);
  EXPECT_TRUE(offer(recovered).is_news);

  const auto listed = engine().registry().list("lab/atlas");
  ASSERT_TRUE(listed) << listed.error().message;
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ(listed->front().release.version, "1.0.0");
  EXPECT_TRUE(engine().registry().search("100", 10)->releases.empty());
  EXPECT_TRUE(evidence().empty()) << "a feed that starts anew contradicts nothing";
}

TEST_F(TufRollback, NewSnapshotFastForwardRecovery) {
  update("1.0.0", 1);
  ASSERT_TRUE(offer(lab_.announce_as(99'999)).is_news);
  rotate_head_key();

  EXPECT_TRUE(offer(lab_.announce_as(1, 22)).is_news);

  EXPECT_EQ(known_sequence(), 1U);
  EXPECT_EQ(known().root().version(), 2U);
}

TEST_F(TufRollback, NewSnapshotVersionMismatch) {
  update("1.0.0", 1);
  const auto head = lab_.announce();
  update("2.0.0", 2);
  const auto newer_feed = lab_.announce().feed;
  seed_feed({head.head, head.feed, {}});

  // Peers that have the head's torrent cannot give another feed for it: it hashes otherwise.
  (*web_)[kWeb] = release::encode_bundle(owrp({head.head, newer_feed, {}}));
  EXPECT_EQ(answer_of(refresh(), kWeb)->problem, "the feed of head 1 is not the one that it pins");
  EXPECT_EQ(known_sequence(), 0U);
}

TEST_F(TufRollback, NewTimestampFastForwardRecovery) {
  update("1.0.0", 1);
  ASSERT_TRUE(offer(lab_.announce_as(100)).is_news);
  rotate_head_key();
  lab_.sequence = 0;

  const auto recovered = lab_.announce(22);
  EXPECT_TRUE(offer(recovered).is_news);

  EXPECT_EQ(known_sequence(), 1U);
  // Not for one who has the old key, though: it has no say any more.
  EXPECT_NE(offer(lab_.announce_as(101, 21)).problem.find("which is not the head key of root"),
            std::string::npos);
  restart();
  EXPECT_EQ(known_sequence(), 1U);
}

TEST_F(TufRollback, TargetsRollback) {
  update("1.0.0", 1);
  update("2.0.0", 2);
  lab_.append(release::MadeFeed::channel("atlas", "stable", "2.0.0"));
  ASSERT_TRUE(offer(lab_.announce()).is_news);

  // All that was listed is there, but the channel was never set to the newer version.
  MadeFeed earlier("lab", 40, &TufRollback::give_lab_more_places);
  earlier.list("atlas", "1.0.0", 1);
  earlier.list("atlas", "2.0.0", 2);
  earlier.append(MadeFeed::channel("atlas", "stable", "1.0.0"));
  EXPECT_EQ(offer(earlier.announce_as(2)).problem,
            "the feed of head 2 takes back what the feed of head 1 said");
  EXPECT_EQ(engine()
                .registry()
                .resolve({*parse_ref("lab/atlas:stable"), /*allow_stale=*/true})
                ->listed.release.version,
            "2.0.0");
}

}  // namespace
}  // namespace owrd::conformance
