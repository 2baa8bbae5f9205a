#include "tests/store/fixture.h"

namespace owrd::store {
namespace {

using StoreMirrors = StoreTest;

Bytes key(std::uint32_t number) { return to_bytes(digest(number).bytes()); }

StoredAttestation attestation(std::uint32_t mirror, std::int64_t verified) {
  return {digest(1001), key(mirror), verified, verified + 100,
          to_bytes("by " + std::to_string(mirror) + " at " + std::to_string(verified))};
}

TEST_F(StoreMirrors, AreListedByNameAfterARestart) {
  ASSERT_TRUE(succeeded(store_->mirrors().add({key(2), "zuse", 5})));
  ASSERT_TRUE(succeeded(store_->mirrors().add({key(1), "archive", 6})));
  reopen();

  const auto all = store_->mirrors().all();

  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ(all->front().name, "archive");
  EXPECT_EQ(all->front().key, key(1));
  EXPECT_EQ(all->front().pinned, 6);
  EXPECT_EQ(all->back().name, "zuse");
}

TEST_F(StoreMirrors, AreRefusedWhenNameOrKeyIsTaken) {
  ASSERT_TRUE(succeeded(store_->mirrors().add({key(1), "archive", 6})));

  const auto same_name = store_->mirrors().add({key(2), "archive", 6});
  const auto same_key = store_->mirrors().add({key(1), "other", 6});

  ASSERT_FALSE(same_name);
  EXPECT_EQ(same_name.error().message, "a mirror \"archive\" is pinned already");
  ASSERT_FALSE(same_key);
  EXPECT_EQ(same_key.error().message, "this mirror is pinned already, as archive");
  ASSERT_TRUE(succeeded(store_->mirrors().remove("archive")));
  EXPECT_TRUE(succeeded(store_->mirrors().add({key(1), "other", 6})));
  EXPECT_FALSE(store_->mirrors().remove("archive"));
}

TEST_F(StoreMirrors, KeepTheNewestAttestationOfEach) {
  auto& mirrors = store_->mirrors();
  ASSERT_TRUE(succeeded(mirrors.save_attestations({attestation(1, 20)}, 10)));
  ASSERT_TRUE(succeeded(mirrors.save_attestations({attestation(1, 30)}, 10)));
  ASSERT_TRUE(succeeded(mirrors.save_attestations({attestation(1, 25)}, 10)));
  ASSERT_TRUE(succeeded(mirrors.save_attestations({attestation(2, 10)}, 10)));

  const auto all = mirrors.attestations(digest(1001), 100);

  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ(all->front().envelope, to_bytes("by 1 at 30"));
  EXPECT_EQ(all->back().envelope, to_bytes("by 2 at 10"));
  // Those that have expired are not given, and may be forgotten.
  EXPECT_EQ(mirrors.attestations(digest(1001), 110)->size(), 1U);
  ASSERT_TRUE(succeeded(mirrors.remove_expired(130)));
  EXPECT_TRUE(mirrors.attestations(digest(1001), 0)->empty());
}

TEST_F(StoreMirrors, LetStrangersNotFillTheStore) {
  auto& mirrors = store_->mirrors();
  ASSERT_TRUE(succeeded(mirrors.add({key(9), "archive", 6})));
  ASSERT_TRUE(succeeded(mirrors.save_attestations({attestation(1, 20)}, 1)));

  ASSERT_TRUE(succeeded(mirrors.save_attestations({attestation(2, 20)}, 1)));

  EXPECT_EQ(mirrors.attestations(digest(1001), 0)->size(), 1U);
  EXPECT_TRUE(succeeded(mirrors.save_attestations({attestation(1, 21)}, 1)));
  EXPECT_TRUE(succeeded(mirrors.save_attestations({attestation(9, 20)}, 1)));
  const auto pinned = mirrors.attestations_of_pinned(0);
  ASSERT_TRUE(pinned);
  ASSERT_EQ(pinned->size(), 1U);
  EXPECT_EQ(pinned->front().mirror_key, key(9));
}

}  // namespace
}  // namespace owrd::store
