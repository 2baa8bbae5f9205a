#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <fstream>
#include <sstream>

#include "daemon/store/database.h"
#include "tests/store/fixture.h"

namespace owrd::store {
namespace {

namespace fs = std::filesystem;

std::string schema_of(const fs::path& file) {
  SQLite::Database database(file.string());
  SQLite::Statement query(database,
                          "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name");
  std::string schema;
  while (query.executeStep())
    for (int column = 0; column < 3; ++column) schema += query.getColumn(column).getString() + "\n";
  return schema;
}

int version_of(const fs::path& file) {
  SQLite::Database database(file.string());
  return database.execAndGet("PRAGMA user_version").getInt();
}

void execute(const fs::path& file, const std::string& sql) {
  SQLite::Database database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  database.exec(sql);
}

std::string golden(const std::string& name) {
  std::ifstream file(fs::path(OWRD_VECTORS_DIR) / "store" / name);
  EXPECT_TRUE(file) << name;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// One dump for each version that was ever released: v1.sql, v2.sql …
TEST(StoreSchema, OfEveryEarlierVersionBecomesTheFreshOne) {
  const Scratch scratch;
  const auto fresh = scratch.path() / "fresh";
  ASSERT_TRUE(Store::open(fresh));

  for (std::size_t version = 1; version <= schema_steps().size(); ++version) {
    SCOPED_TRACE("version " + std::to_string(version));
    const auto old = scratch.path() / std::to_string(version);
    fs::create_directory(old);
    execute(old / "owrd.db", golden("v" + std::to_string(version) + ".sql"));

    ASSERT_TRUE(Store::open(old));

    EXPECT_EQ(schema_of(old / "owrd.db"), schema_of(fresh / "owrd.db"));
    EXPECT_EQ(version_of(old / "owrd.db"), version_of(fresh / "owrd.db"));
  }
}

TEST(StoreSchema, OfVersionOneKeepsItsContent) {
  const Scratch scratch;
  execute(scratch.path() / "owrd.db", golden("v1.sql"));

  const auto store = Store::open(scratch.path());
  ASSERT_TRUE(store) << store.error().message;

  const auto publisher = (*store)->find_publisher("acme");
  const auto found = (*store)->find_release(acme().id, "atlas", "1.1");
  const auto files = (*store)->files(release(1).release_id);
  const auto pending = (*store)->pending();
  const auto value = (*store)->value("dht");
  ASSERT_TRUE(publisher && *publisher && found && *found && files && pending && value && *value);
  EXPECT_EQ((*publisher)->roots, acme().roots);
  EXPECT_EQ((*found)->proof, release(1).proof);
  EXPECT_EQ((*found)->directory, release(1).directory);
  EXPECT_EQ((*found)->intent, Intent::Seed);
  EXPECT_EQ((*found)->ownership, Ownership::Given);
  EXPECT_EQ((*found)->seed_limit, release(1).seed_limit);
  EXPECT_EQ((*found)->include, release(1).include);
  EXPECT_EQ((*found)->trackers, release(1).trackers);
  ASSERT_EQ(files->size(), 1U);
  EXPECT_EQ((*files)[0].have, to_bytes(std::string_view("\xff\x80", 2)));
  EXPECT_EQ((*files)[0].inode, 0xffffffffffffffffU);
  ASSERT_EQ(pending->size(), 1U);
  EXPECT_EQ((*pending)[0].infohash, digest(9));
  EXPECT_EQ((*pending)[0].directory, "/srv/new");
  EXPECT_EQ((*pending)[0].include, std::vector<std::string>{"*.gguf"});
  EXPECT_EQ((*pending)[0].seed, (SeedLimit{2000, 60}));
  EXPECT_EQ(**value, to_bytes("nodes"));
}

TEST(StoreSchema, OfVersionTwoKeepsWhatItAdded) {
  const Scratch scratch;
  execute(scratch.path() / "owrd.db", golden("v2.sql"));

  const auto store = Store::open(scratch.path());
  ASSERT_TRUE(store) << store.error().message;

  const auto found = (*store)->find_release(acme().id, "atlas", "1.1");
  const auto pending = (*store)->pending();
  ASSERT_TRUE(found && *found && pending);
  EXPECT_EQ((*found)->reused, 5U);
  EXPECT_EQ((*found)->reuse, std::vector<std::string>{"/srv/old"});
  EXPECT_EQ((*found)->trackers, release(1).trackers);
  ASSERT_EQ(pending->size(), 1U);
  EXPECT_EQ((*pending)[0].reuse, std::vector<std::string>{"/srv/old"});
}

TEST(StoreSchema, OfANewerOwrdIsRefusedAndLeftAlone) {
  const Scratch scratch;
  ASSERT_TRUE(Store::open(scratch.path()));
  execute(scratch.path() / "owrd.db", "CREATE TABLE later (x); PRAGMA user_version = 999");
  const auto before = schema_of(scratch.path() / "owrd.db");

  const auto store = Store::open(scratch.path());

  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::Config);
  EXPECT_EQ(store.error().message,
            "store " + scratch.path().string() +
                ": its database is version 999, of a newer owrd; this owrd (" + OWRD_VERSION +
                ") knows versions up to " + std::to_string(schema_steps().size()));
  EXPECT_EQ(store.error().hint, "upgrade owrd, or give this one another store: OWRD_STORE=DIR");
  EXPECT_EQ(schema_of(scratch.path() / "owrd.db"), before);
}

TEST(StoreSchema, OfAnotherProgramIsRefused) {
  const Scratch scratch;
  execute(scratch.path() / "owrd.db", "CREATE TABLE bookmark (url TEXT)");

  const auto store = Store::open(scratch.path());

  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::Corrupt);
  EXPECT_EQ(store.error().message,
            "store " + scratch.path().string() + ": owrd.db is a database of another program");
}

class Migration : public ::testing::Test {
 protected:
  Result<> open(const std::vector<const char*>& steps) {
    const auto database = Database::open(file_, scratch_.path(), steps);
    if (!database) return database.error();
    return Done{};
  }

  Scratch scratch_;
  fs::path file_ = scratch_.path() / "owrd.db";
  const char* first_ = "CREATE TABLE release (id INTEGER); INSERT INTO release VALUES (7)";
  const char* second_ = "ALTER TABLE release ADD COLUMN label TEXT";
  const char* broken_ = "CREATE TABLE half (x); INSERT INTO nowhere VALUES (1)";
};

TEST_F(Migration, GoesFromAnyVersionToTheNewest) {
  ASSERT_TRUE(succeeded(open({first_})));
  EXPECT_EQ(version_of(file_), 1);
  ASSERT_TRUE(succeeded(open({first_, second_})));
  ASSERT_TRUE(succeeded(open({first_, second_})));

  EXPECT_EQ(version_of(file_), 2);
  SQLite::Database database(file_.string());
  EXPECT_EQ(database.execAndGet("SELECT count(*) FROM release WHERE label IS NULL").getInt(), 1);
}

TEST_F(Migration, ThatFailsLeavesTheVersionBefore) {
  ASSERT_TRUE(succeeded(open({first_})));
  const auto before = schema_of(file_);

  const auto failed = open({first_, second_, broken_});

  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "store " + scratch_.path().string() +
                                        ": could not bring its database to version 3: no such "
                                        "table: nowhere");
  EXPECT_EQ(version_of(file_), 1);
  EXPECT_EQ(schema_of(file_), before);
  EXPECT_TRUE(succeeded(open({first_, second_})));
}

}  // namespace
}  // namespace owrd::store
