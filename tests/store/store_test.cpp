#include "daemon/store/store.h"

#include <fstream>

#include "tests/store/fixture.h"

namespace owrd::store {
namespace {

using StorePending = StoreTest;
using StoreValue = StoreTest;
using StoreFile = StoreTest;

TEST_F(StorePending, IsKeptInTheOrderInWhichItCame) {
  PendingGet second{digest(2), "magnet:2", "/srv/second", {"*.gguf"}, {}, {}, {}, {}, {}, 20};
  const PendingGet first{digest(3),           "magnet:3",  "",           {},
                         {"*.bin", "a"},      {"[::1]:1"}, {"/srv/old"}, {"pickle"},
                         SeedLimit{2000, 60}, 10};
  ASSERT_TRUE(succeeded(store_->save_pending(second)));
  ASSERT_TRUE(succeeded(store_->save_pending(first)));
  second.include = {"*.safetensors"};
  ASSERT_TRUE(succeeded(store_->save_pending(second)));
  reopen();

  const auto pending = store_->pending();

  ASSERT_TRUE(pending);
  ASSERT_EQ(pending->size(), 2U);
  EXPECT_EQ((*pending)[0].infohash, digest(3));
  EXPECT_EQ((*pending)[0].magnet, "magnet:3");
  EXPECT_TRUE((*pending)[0].directory.empty());
  EXPECT_EQ((*pending)[0].exclude, first.exclude);
  EXPECT_EQ((*pending)[0].peers, first.peers);
  EXPECT_EQ((*pending)[0].reuse, first.reuse);
  EXPECT_EQ((*pending)[0].allow, first.allow);
  EXPECT_EQ((*pending)[0].seed, first.seed);
  EXPECT_EQ((*pending)[0].added, 10);
  EXPECT_EQ((*pending)[1].infohash, digest(2));
  EXPECT_EQ((*pending)[1].directory, second.directory);
  EXPECT_EQ((*pending)[1].include, second.include);
  EXPECT_FALSE((*pending)[1].seed);
}

TEST_F(StorePending, IsRemovedOnceAndAgain) {
  ASSERT_TRUE(
      succeeded(store_->save_pending({digest(2), "magnet:2", "", {}, {}, {}, {}, {}, {}, 20})));

  EXPECT_TRUE(succeeded(store_->remove_pending(digest(2))));
  EXPECT_TRUE(succeeded(store_->remove_pending(digest(2))));

  const auto pending = store_->pending();
  ASSERT_TRUE(pending);
  EXPECT_TRUE(pending->empty());
}

TEST_F(StoreValue, IsReplacedAndSurvives) {
  const Bytes all_bytes = [] {
    Bytes bytes;
    for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<std::byte>(i));
    return bytes;
  }();
  ASSERT_TRUE(succeeded(store_->set_value("dht", to_bytes("old"))));
  ASSERT_TRUE(succeeded(store_->set_value("dht", all_bytes)));
  ASSERT_TRUE(succeeded(store_->set_value("nothing", Bytes{})));
  reopen();

  const auto value = store_->value("dht");
  const auto empty = store_->value("nothing");
  const auto absent = store_->value("absent");

  ASSERT_TRUE(value && empty && absent);
  EXPECT_EQ(*value, std::optional<Bytes>(all_bytes));
  EXPECT_EQ(*empty, std::optional<Bytes>(Bytes{}));
  EXPECT_EQ(*absent, std::nullopt);
}

void overwrite(const std::filesystem::path& file, std::streamoff from, std::size_t bytes) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(from);
  stream << std::string(bytes, 'x');
  ASSERT_TRUE(stream.flush());
}

TEST_F(StoreFile, ThatIsNoDatabaseIsCorrupt) {
  store_.reset();
  overwrite(directory_ / "owrd.db", 0, 4096);

  const auto store = Store::open(directory_);

  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::Corrupt);
  EXPECT_EQ(store.error().message,
            "store " + directory_.string() + ": could not open owrd.db: file is not a database");
  EXPECT_NE(store.error().hint.find("owrd seed DIR"), std::string::npos);
}

TEST_F(StoreFile, WithDamagedPagesIsCorruptAtTheLatestWhenTheyAreRead) {
  ASSERT_TRUE(succeeded(store_->add_publisher(acme())));
  for (std::uint32_t i = 0; i < 50; ++i)
    ASSERT_TRUE(succeeded(store_->add_release(release(i), {})));
  store_.reset();
  const auto size = std::filesystem::file_size(directory_ / "owrd.db");
  const auto half = size / 8192 * 4096;
  overwrite(directory_ / "owrd.db", static_cast<std::streamoff>(half), size - half);

  auto store = Store::open(directory_);
  const auto releases =
      store ? (*store)->releases() : Result<std::vector<StoredRelease>>(store.error());

  ASSERT_FALSE(releases);
  EXPECT_EQ(releases.error().code, ErrorCode::Corrupt);
}

TEST_F(StoreFile, IsTheDaemonsOwn) {
  const auto mode = [&](const char* name) {
    return std::filesystem::status(directory_ / name).permissions();
  };
  using std::filesystem::perms;

  EXPECT_EQ(mode("owrd.db"), perms::owner_read | perms::owner_write);
  EXPECT_EQ(mode("owrd.db-wal"), perms::owner_read | perms::owner_write);
  EXPECT_EQ(mode("."), perms::owner_all | perms::group_read | perms::group_exec |
                           perms::others_read | perms::others_exec);
}

}  // namespace
}  // namespace owrd::store
