#include "tests/store/fixture.h"

namespace owrd::store {
namespace {

using StorePublisher = StoreTest;

void expect_same(const PinnedPublisher& a, const PinnedPublisher& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.petname, b.petname);
  EXPECT_EQ(a.pinned, b.pinned);
  EXPECT_EQ(a.roots, b.roots);
}

TEST_F(StorePublisher, IsFoundByIdAndByPetnameAfterARestart) {
  ASSERT_TRUE(succeeded(store_->add_publisher(acme())));
  reopen();

  const auto by_id = store_->find_publisher(acme().id);
  const auto by_name = store_->find_publisher("acme");
  const auto absent = store_->find_publisher("evil");

  ASSERT_TRUE(by_id && *by_id && by_name && *by_name && absent);
  expect_same(**by_id, acme());
  expect_same(**by_name, acme());
  EXPECT_FALSE(*absent);
}

TEST_F(StorePublisher, KeepsMoreThanNineRootsInOrder) {
  auto publisher = acme();
  publisher.roots.clear();
  for (int i = 1; i <= 12; ++i) publisher.roots.push_back(to_bytes(std::to_string(i)));
  ASSERT_TRUE(succeeded(store_->add_publisher(publisher)));

  const auto found = store_->find_publisher("acme");

  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->roots, publisher.roots);
}

TEST_F(StorePublisher, IsListedByPetname) {
  ASSERT_TRUE(succeeded(store_->add_publisher({digest(7), "zeta", 1, {to_bytes("z")}})));
  ASSERT_TRUE(succeeded(store_->add_publisher(acme())));

  const auto all = store_->publishers();

  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ((*all)[0].petname, "acme");
  EXPECT_EQ((*all)[1].petname, "zeta");
  EXPECT_EQ((*all)[1].roots, std::vector<Bytes>{to_bytes("z")});
}

TEST_F(StorePublisher, IsRefusedWhenIdOrPetnameIsTaken) {
  ASSERT_TRUE(succeeded(store_->add_publisher(acme())));
  auto other_name = acme();
  other_name.petname = "acme-two";
  auto other_id = acme();
  other_id.id = digest(2);

  const auto same_id = store_->add_publisher(other_name);
  const auto same_name = store_->add_publisher(other_id);

  ASSERT_FALSE(same_id);
  EXPECT_EQ(same_id.error().code, ErrorCode::AlreadyExists);
  EXPECT_EQ(same_id.error().message,
            "the publisher " + digest(1).to_hex() + " is pinned already, as acme");
  ASSERT_FALSE(same_name);
  EXPECT_EQ(same_name.error().code, ErrorCode::AlreadyExists);
  EXPECT_EQ(same_name.error().message, "the petname \"acme\" is taken by another publisher");
}

TEST_F(StorePublisher, IsRenamed) {
  ASSERT_TRUE(succeeded(store_->add_publisher(acme())));
  ASSERT_TRUE(succeeded(store_->add_publisher({digest(7), "zeta", 1, {}})));

  EXPECT_TRUE(succeeded(store_->rename_publisher(acme().id, "acme")));
  EXPECT_TRUE(succeeded(store_->rename_publisher(acme().id, "acme-labs")));
  const auto taken = store_->rename_publisher(acme().id, "zeta");
  const auto absent = store_->rename_publisher(digest(9), "nobody");

  const auto found = store_->find_publisher("acme-labs");
  ASSERT_TRUE(found);
  EXPECT_TRUE(*found);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::AlreadyExists);
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, ErrorCode::NotFound);
}

TEST_F(StorePublisher, StaysWhileItHasReleases) {
  ASSERT_TRUE(succeeded(store_->add_publisher(acme())));
  ASSERT_TRUE(succeeded(store_->add_release(release(1), {})));
  ASSERT_TRUE(succeeded(store_->add_release(release(2), {})));

  const auto two = store_->remove_publisher(acme().id);
  ASSERT_TRUE(succeeded(store_->remove_release(release(2).release_id)));
  const auto one = store_->remove_publisher(acme().id);
  ASSERT_TRUE(succeeded(store_->remove_release(release(1).release_id)));
  const auto none = store_->remove_publisher(acme().id);
  const auto again = store_->remove_publisher(acme().id);

  ASSERT_FALSE(two);
  EXPECT_EQ(two.error().code, ErrorCode::InvalidInput);
  EXPECT_EQ(two.error().message, "the publisher acme has 2 releases in the store");
  ASSERT_FALSE(one);
  EXPECT_EQ(one.error().message, "the publisher acme has 1 release in the store");
  EXPECT_TRUE(succeeded(none));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::NotFound);
}

}  // namespace
}  // namespace owrd::store
