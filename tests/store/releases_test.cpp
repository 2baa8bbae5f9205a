#include <limits>

#include "tests/store/fixture.h"

namespace owrd::store {
namespace {

class StoreReleaseTest : public StoreTest {
 protected:
  StoreReleaseTest() { EXPECT_TRUE(succeeded(store_->add_publisher(acme()))); }

  StoredRelease stored(const Digest& id) {
    const auto found = store_->find_release(id);
    if (!found || !*found) {
      ADD_FAILURE() << "the release is not in the store";
      return release(0);
    }
    return **found;
  }
};
using StoreRelease = StoreReleaseTest;
using StoreProgress = StoreReleaseTest;

void expect_same(const StoredRelease& a, const StoredRelease& b) {
  EXPECT_EQ(a.release_id, b.release_id);
  EXPECT_EQ(a.publisher_id, b.publisher_id);
  EXPECT_EQ(a.model, b.model);
  EXPECT_EQ(a.version, b.version);
  EXPECT_EQ(a.proof, b.proof);
  EXPECT_EQ(a.infohash, b.infohash);
  EXPECT_EQ(a.directory, b.directory);
  EXPECT_EQ(a.ownership, b.ownership);
  EXPECT_EQ(a.intent, b.intent);
  EXPECT_EQ(a.seed_after, b.seed_after);
  EXPECT_EQ(a.seed_limit, b.seed_limit);
  EXPECT_EQ(a.include, b.include);
  EXPECT_EQ(a.exclude, b.exclude);
  EXPECT_EQ(a.peers, b.peers);
  EXPECT_EQ(a.trackers, b.trackers);
  EXPECT_EQ(a.reuse, b.reuse);
  EXPECT_EQ(a.allow, b.allow);
  EXPECT_EQ(a.super_seeding, b.super_seeding);
  EXPECT_EQ(a.added, b.added);
  EXPECT_EQ(a.completed, b.completed);
  EXPECT_EQ(a.uploaded, b.uploaded);
  EXPECT_EQ(a.downloaded, b.downloaded);
  EXPECT_EQ(a.reused, b.reused);
}

void expect_same(const StoredFile& a, const StoredFile& b) {
  EXPECT_EQ(a.index, b.index);
  EXPECT_EQ(a.have, b.have);
  EXPECT_EQ(a.verified, b.verified);
  EXPECT_EQ(a.device, b.device);
  EXPECT_EQ(a.inode, b.inode);
  EXPECT_EQ(a.size, b.size);
  EXPECT_EQ(a.modified_ns, b.modified_ns);
}

// The largest numbers, the earliest time, and nothing at all.
std::vector<StoredFile> some_files() {
  constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();
  StoredFile full{0, to_bytes(std::string_view("\xff\x00\x80", 3)), true};
  full.device = kMax;
  full.inode = kMax - 1;
  full.size = kMax - 2;
  full.modified_ns = std::numeric_limits<std::int64_t>::min();
  return {full, StoredFile{std::numeric_limits<std::uint32_t>::max()}};
}

TEST_F(StoreRelease, ComesBackWithEveryField) {
  auto first = release(1);
  first.directory = "/srv/not utf-8 \xff\xfe/it's \"here\"\n";
  first.uploaded = std::numeric_limits<std::uint64_t>::max();
  ASSERT_TRUE(succeeded(store_->add_release(first, some_files())));
  reopen();

  const auto by_name = store_->find_release(acme().id, "atlas", "1.1");
  const auto files = store_->files(first.release_id);

  expect_same(stored(first.release_id), first);
  ASSERT_TRUE(by_name && *by_name);
  expect_same(**by_name, first);
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 2U);
  expect_same((*files)[0], some_files()[0]);
  expect_same((*files)[1], some_files()[1]);
}

TEST_F(StoreRelease, ComesBackWithEveryIntentAndOwner) {
  std::uint32_t number = 0;
  for (const auto intent : {Intent::Get, Intent::Seed, Intent::Keep, Intent::Paused})
    for (const auto ownership : {Ownership::Store, Ownership::Given}) {
      auto one = release(++number);
      one.intent = intent;
      one.ownership = ownership;
      ASSERT_TRUE(succeeded(store_->add_release(one, {})));
      expect_same(stored(one.release_id), one);
    }
}

TEST_F(StoreRelease, IsAbsentWhenNobodyAddedIt) {
  const auto by_id = store_->find_release(digest(99));
  const auto by_name = store_->find_release(acme().id, "atlas", "9.9");
  const auto files = store_->files(digest(99));

  ASSERT_TRUE(by_id && by_name && files);
  EXPECT_FALSE(*by_id);
  EXPECT_FALSE(*by_name);
  EXPECT_TRUE(files->empty());
}

TEST_F(StoreRelease, IsListedInTheOrderInWhichItCame) {
  for (const std::uint32_t number : {3U, 1U, 2U})
    ASSERT_TRUE(succeeded(store_->add_release(release(number), {})));

  const auto all = store_->releases();

  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 3U);
  for (std::uint32_t i = 0; i < 3; ++i) expect_same((*all)[i], release(i + 1));
}

TEST_F(StoreRelease, IsWrittenOnce) {
  ASSERT_TRUE(succeeded(store_->add_release(release(1), {})));
  auto same_id = release(2);
  same_id.release_id = release(1).release_id;
  auto same_name = release(3);
  same_name.version = release(1).version;
  auto same_infohash = release(4);
  same_infohash.infohash = release(1).infohash;
  auto stranger = release(5);
  stranger.publisher_id = digest(77);
  const std::string id = release(1).release_id.to_hex();

  struct Case {
    StoredRelease release;
    ErrorCode code;
    std::string message;
  };
  const Case cases[] = {
      {same_id, ErrorCode::AlreadyExists,
       "the release sha256:" + id + " (atlas:1.2) is in the store already"},
      {same_name, ErrorCode::AlreadyExists,
       "the version atlas:1.1 of this publisher is in the store already, as sha256:" + id},
      {same_infohash, ErrorCode::AlreadyExists,
       "the infohash " + release(1).infohash.to_hex() + " (of sha256:" + id +
           ") is in the store already"},
      {stranger, ErrorCode::NotFound, "no publisher " + digest(77).to_hex() + " is pinned"}};
  for (const auto& [refused, code, message] : cases) {
    SCOPED_TRACE(message);
    const auto added = store_->add_release(refused, some_files());
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code, code);
    EXPECT_EQ(added.error().message, message);
  }

  const auto all = store_->releases();
  const auto files = store_->files(release(1).release_id);
  ASSERT_TRUE(all && files);
  ASSERT_EQ(all->size(), 1U);
  expect_same((*all)[0], release(1));
  EXPECT_TRUE(files->empty());
}

TEST_F(StoreRelease, KeepsItsProofWhenItIsUpdated) {
  ASSERT_TRUE(succeeded(store_->add_release(release(1), {})));
  StoredRelease changed = release(2);
  changed.release_id = release(1).release_id;
  changed.directory = "/elsewhere";
  changed.ownership = Ownership::Store;
  changed.intent = Intent::Paused;
  changed.seed_after = false;
  changed.seed_limit = {};
  changed.include = {};
  changed.peers = {"c:1", "b:2", "a:3"};
  changed.super_seeding = false;
  changed.completed = 0;
  changed.uploaded = 30;

  ASSERT_TRUE(succeeded(store_->update_release(changed)));

  auto expected = changed;
  expected.version = release(1).version;
  expected.proof = release(1).proof;
  expected.infohash = release(1).infohash;
  expect_same(stored(release(1).release_id), expected);
}

TEST_F(StoreRelease, TakesItsFilesAndListsWithIt) {
  ASSERT_TRUE(succeeded(store_->add_release(release(1), some_files())));

  ASSERT_TRUE(succeeded(store_->remove_release(release(1).release_id)));
  auto bare = release(1);
  bare.include = bare.exclude = bare.peers = bare.trackers = bare.reuse = {};
  ASSERT_TRUE(succeeded(store_->add_release(bare, {})));

  const auto files = store_->files(release(1).release_id);
  ASSERT_TRUE(files);
  EXPECT_TRUE(files->empty());
  expect_same(stored(release(1).release_id), bare);
}

TEST_F(StoreRelease, ThatIsAbsentCannotBeChanged) {
  const auto message = "no release sha256:" + release(1).release_id.to_hex() + " is in the store";
  for (const auto& result :
       {store_->update_release(release(1)), store_->remove_release(release(1).release_id),
        store_->save_progress(release(1).release_id, some_files(), 1, 2)}) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::NotFound);
    EXPECT_EQ(result.error().message, message);
  }
  const auto files = store_->files(release(1).release_id);
  ASSERT_TRUE(files);
  EXPECT_TRUE(files->empty());
}

TEST_F(StoreProgress, ReplacesTheFilesThatItNamesAlone) {
  const auto id = release(1).release_id;
  ASSERT_TRUE(succeeded(store_->add_release(
      release(1), {StoredFile{0, to_bytes("a")}, StoredFile{1, to_bytes("b")}})));

  ASSERT_TRUE(succeeded(store_->save_progress(
      id, {StoredFile{1, to_bytes("B"), true}, StoredFile{2, to_bytes("c")}}, 50, 60)));

  const auto files = store_->files(id);
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 3U);
  expect_same((*files)[0], StoredFile{0, to_bytes("a")});
  expect_same((*files)[1], StoredFile{1, to_bytes("B"), true});
  expect_same((*files)[2], StoredFile{2, to_bytes("c")});
  auto expected = release(1);
  expected.uploaded = 50;
  expected.downloaded = 60;
  expect_same(stored(id), expected);
}

}  // namespace
}  // namespace owrd::store
