#include "daemon/store/statements.h"

#include "tests/store/fixture.h"

namespace owrd::store {
namespace {

using Kept = Statements::Kept;

Bytes key(std::uint32_t number) { return to_bytes(digest(number).bytes()); }

StoredStatement statement(std::uint32_t number, std::uint32_t author, std::int64_t issued) {
  return {digest(5000 + number),
          acme().id,
          digest(1001),
          key(author),
          /*is_own=*/false,
          issued,
          issued + 1,
          to_bytes("statement " + std::to_string(number))};
}

StoredStatement own(StoredStatement statement) {
  statement.is_own = true;
  return statement;
}

class StoreStatements : public StoreTest {
 protected:
  Kept save(const StoredStatement& statement, const StatementRoom& room = {}) {
    const auto kept = store_->statements().save(statement, room);
    EXPECT_TRUE(kept) << kept.error().message;
    return *kept;
  }
  std::size_t count() { return store_->statements().all()->size(); }
};

TEST_F(StoreStatements, AreListedTheNewestFirstAfterARestart) {
  EXPECT_EQ(save(statement(1, 1, 10)), Kept::New);
  EXPECT_EQ(save(own(statement(2, 2, 30))), Kept::New);
  auto other = statement(3, 1, 20);
  other.release_id = digest(1002);
  EXPECT_EQ(save(other), Kept::New);
  reopen();

  const auto all = store_->statements().all();
  const auto of_release = store_->statements().of_release(digest(1001));

  ASSERT_TRUE(all) << all.error().message;
  ASSERT_EQ(all->size(), 3U);
  EXPECT_EQ((*all)[1].release_id, digest(1002));
  ASSERT_EQ(of_release->size(), 2U);
  const auto& newest = of_release->front();
  EXPECT_EQ(newest.id, digest(5002));
  EXPECT_EQ(newest.publisher_id, acme().id);
  EXPECT_EQ(newest.author_key, key(2));
  EXPECT_TRUE(newest.is_own);
  EXPECT_FALSE(of_release->back().is_own);
  EXPECT_EQ(newest.issued, 30);
  EXPECT_EQ(newest.received, 31);
  EXPECT_EQ(newest.envelope, to_bytes("statement 2"));
}

TEST_F(StoreStatements, AreKeptOnceHoweverOftenTheyCome) {
  EXPECT_FALSE(*store_->statements().contains(digest(5001)));
  EXPECT_EQ(save(statement(1, 1, 10)), Kept::New);
  EXPECT_TRUE(*store_->statements().contains(digest(5001)));

  EXPECT_EQ(save(statement(1, 1, 10)), Kept::Known);
  EXPECT_EQ(save(own(statement(1, 1, 10))), Kept::Known);
  EXPECT_EQ(save(statement(1, 1, 10)), Kept::Known);

  ASSERT_EQ(count(), 1U);
  EXPECT_TRUE(store_->statements().all()->front().is_own) << "it stays one's own";
}

TEST_F(StoreStatements, OfStrangersHaveTheirRoomAndDriveNothingOut) {
  const StatementRoom room{.of_author = 2, .of_release = 3};
  EXPECT_EQ(save(statement(1, 1, 10), room), Kept::New);
  EXPECT_EQ(save(statement(2, 1, 11), room), Kept::New);
  EXPECT_EQ(save(statement(3, 1, 12), room), Kept::NoRoom) << "two of one author";
  EXPECT_EQ(save(statement(4, 2, 13), room), Kept::New);
  EXPECT_EQ(save(statement(5, 3, 14), room), Kept::NoRoom) << "three on one release";

  auto other = statement(6, 3, 15);
  other.release_id = digest(1002);
  EXPECT_EQ(save(other, room), Kept::New);
  EXPECT_EQ(save(statement(1, 1, 10), room), Kept::Known);
  EXPECT_EQ(save(own(statement(7, 1, 16)), room), Kept::New);
  ASSERT_TRUE(succeeded(store_->mirrors().add({key(9), "archive", 1})));
  EXPECT_EQ(save(statement(8, 9, 17), room), Kept::New) << "no stranger";
  EXPECT_EQ(count(), 6U);
}

TEST_F(StoreStatements, OfOthersTakeNoMoreThanTheirBytes) {
  const StatementRoom room{.bytes = 25};

  EXPECT_EQ(save(statement(1, 1, 10), room), Kept::New);
  EXPECT_EQ(save(statement(2, 2, 10), room), Kept::New);
  EXPECT_EQ(save(statement(3, 3, 10), room), Kept::NoRoom);
  EXPECT_EQ(save(own(statement(4, 3, 10)), room), Kept::New);
  EXPECT_EQ(save(own(statement(5, 3, 10)), room), Kept::New);
}

TEST_F(StoreStatements, OfOthersAreNoMoreThanTheirNumber) {
  const StatementRoom room{.in_all = 1};

  EXPECT_EQ(save(statement(1, 1, 10), room), Kept::New);
  EXPECT_EQ(save(statement(2, 2, 10), room), Kept::NoRoom);
  EXPECT_EQ(save(own(statement(3, 2, 10)), room), Kept::New);
}

TEST_F(StoreStatements, OfOnesOwnAreToldBeforeTheNewest) {
  save(own(statement(1, 1, 10)));
  save(statement(2, 2, 20));
  save(statement(3, 3, 30));
  auto other = statement(4, 3, 40);
  other.release_id = digest(1002);
  save(other);
  auto& statements = store_->statements();

  EXPECT_EQ(*statements.first_of_release(digest(1001), 2),
            (std::vector{to_bytes("statement 1"), to_bytes("statement 3")}));
  EXPECT_EQ(
      *statements.first_of_publisher(acme().id, 3),
      (std::vector{to_bytes("statement 1"), to_bytes("statement 4"), to_bytes("statement 3")}));
  EXPECT_TRUE(statements.first_of_publisher(digest(77), 3)->empty());
}

TEST_F(StoreStatements, GoWithTheirRelease) {
  save(statement(1, 1, 10));
  save(statement(2, 2, 20));
  auto other = statement(3, 3, 30);
  other.release_id = digest(1002);
  save(other);
  ASSERT_EQ(store_->statements().subjects()->size(), 2U);

  ASSERT_TRUE(succeeded(store_->statements().remove_release(digest(1001))));

  const auto subjects = store_->statements().subjects();
  ASSERT_EQ(subjects->size(), 1U);
  EXPECT_EQ(subjects->front().publisher_id, acme().id);
  EXPECT_EQ(subjects->front().release_id, digest(1002));
}

}  // namespace
}  // namespace owrd::store
