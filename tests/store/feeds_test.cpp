#include "tests/store/fixture.h"

namespace owrd::store {
namespace {

class StoreFeeds : public StoreTest {
 protected:
  StoreFeeds() { EXPECT_TRUE(succeeded(store_->add_publisher(acme()))); }

  static Feeds::Accepted accepted(const std::string& head) {
    Feeds::Accepted accepted;
    accepted.feed = StoredFeed{to_bytes(head), to_bytes("feed of " + head), {}, 7, "dht"};
    return accepted;
  }
  Result<> accept(const Feeds::Accepted& what) {
    return store_->feeds().accept(acme().id, what, 7, "dht");
  }
  std::vector<std::uint64_t> found(const std::vector<std::string>& words) {
    const auto hits = store_->feeds().search(words, 100);
    EXPECT_TRUE(hits) << hits.error().message;
    std::vector<std::uint64_t> records;
    for (const auto& hit : *hits) {
      EXPECT_EQ(hit.publisher_id, acme().id);
      records.push_back(hit.record);
    }
    return records;
  }
};

TEST_F(StoreFeeds, KeepTheNewestAfterARestart) {
  ASSERT_TRUE(succeeded(accept(accepted("head 1"))));
  auto second = accepted("head 2");
  second.feed->attestations = to_bytes("attestations");
  second.new_roots = {to_bytes("root 3")};
  ASSERT_TRUE(succeeded(accept(second)));
  reopen();

  const auto feed = store_->feeds().find(acme().id);
  const auto sightings = store_->feeds().sightings(acme().id);
  const auto publisher = store_->find_publisher(acme().id);

  ASSERT_TRUE(feed && *feed && sightings && publisher && *publisher);
  EXPECT_EQ((*feed)->head, to_bytes("head 2"));
  EXPECT_EQ((*feed)->feed, to_bytes("feed of head 2"));
  EXPECT_EQ((*feed)->attestations, to_bytes("attestations"));
  EXPECT_EQ((*feed)->accepted, 7);
  EXPECT_EQ((*feed)->source, "dht");
  EXPECT_EQ((*publisher)->roots.back(), to_bytes("root 3"));
  ASSERT_EQ(sightings->size(), 3U);
  EXPECT_EQ(sightings->front().seen, acme().pinned);
  EXPECT_EQ(sightings->back().seen, 7);
  EXPECT_EQ(sightings->back().source, "dht");
}

TEST_F(StoreFeeds, AreForgottenWithTheirReleases) {
  auto first = accepted("head 1");
  first.releases = {{1, "atlas", "1.0", "MIT", ""}};
  ASSERT_TRUE(succeeded(accept(first)));
  Feeds::Accepted rotated;
  rotated.new_roots = {to_bytes("root 3")};
  rotated.forgets_feed = true;
  ASSERT_TRUE(succeeded(accept(rotated)));

  const auto feed = store_->feeds().find(acme().id);

  ASSERT_TRUE(feed);
  EXPECT_FALSE(*feed);
  EXPECT_TRUE(found({"atlas"}).empty());
}

TEST_F(StoreFeeds, AreRefusedOfAPublisherThatIsNotPinned) {
  const auto refused = store_->feeds().accept(digest(99), accepted("head"), 7, "dht");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::NotFound);
  const auto feed = store_->feeds().find(digest(99));
  ASSERT_TRUE(feed);
  EXPECT_FALSE(*feed);
}

TEST_F(StoreFeeds, AreSearchedByTheBeginningsOfAllWords) {
  auto what = accepted("head");
  what.releases = {{1, "atlas-7b", "1.0", "Apache-2.0", "a small model"},
                   {2, "atlas-70b", "2.0", "MIT", "a large one"},
                   {3, "hermes", "1.0", "MIT", ""}};
  ASSERT_TRUE(succeeded(accept(what)));

  EXPECT_EQ(found({"hermes"}), (std::vector<std::uint64_t>{3}));
  EXPECT_EQ(found({"ATLAS-7"}).size(), 2U);
  EXPECT_EQ(found({"atlas", "sma"}), (std::vector<std::uint64_t>{1}));
  EXPECT_EQ(found({"acme", "mit", "herm"}), (std::vector<std::uint64_t>{3}));
  EXPECT_TRUE(found({"tlas"}).empty());
  EXPECT_TRUE(found({"atlas", "absent"}).empty());
  // Nothing is an operator.
  EXPECT_TRUE(found({"\"", "OR", "*", "NEAR("}).empty());

  ASSERT_TRUE(succeeded(store_->rename_publisher(acme().id, "labs")));
  EXPECT_EQ(found({"labs", "hermes"}), (std::vector<std::uint64_t>{3}));
}

TEST_F(StoreFeeds, IndexOnlyWhatIsNewUnlessAllIsAnew) {
  auto first = accepted("head 1");
  first.releases = {{1, "atlas", "1.0", "", ""}};
  ASSERT_TRUE(succeeded(accept(first)));
  auto second = accepted("head 2");
  second.releases = {{2, "atlas", "2.0", "", ""}};
  ASSERT_TRUE(succeeded(accept(second)));
  EXPECT_EQ(found({"atlas"}).size(), 2U);

  second.reindexes = true;
  ASSERT_TRUE(succeeded(accept(second)));
  EXPECT_EQ(found({"atlas"}), (std::vector<std::uint64_t>{2}));

  ASSERT_TRUE(succeeded(store_->remove_publisher(acme().id)));
  EXPECT_TRUE(found({"atlas"}).empty());
}

TEST_F(StoreFeeds, KeepEvidenceOnce) {
  const StoredEvidence evidence{
      "two heads of one sequence", "what is wrong", "dht", 8, 2, to_bytes("one"), to_bytes("two")};
  ASSERT_TRUE(succeeded(store_->feeds().add_evidence(acme().id, evidence)));
  ASSERT_TRUE(succeeded(store_->feeds().add_evidence(acme().id, evidence)));
  reopen();

  const auto all = store_->feeds().evidence(acme().id);

  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 1U);
  EXPECT_EQ(all->front().kind, evidence.kind);
  EXPECT_EQ(all->front().detail, evidence.detail);
  EXPECT_EQ(all->front().found, 8);
  EXPECT_EQ(all->front().root_version, 2U);
  EXPECT_EQ(all->front().first, evidence.first);
  EXPECT_EQ(all->front().second, evidence.second);
}

}  // namespace
}  // namespace owrd::store
