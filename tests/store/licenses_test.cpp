#include "daemon/store/licenses.h"

#include "tests/store/fixture.h"

namespace owrd::store {
namespace {

using StoreLicense = StoreTest;

TEST_F(StoreLicense, IsAcceptedOnceAndForEver) {
  EXPECT_FALSE(*store_->licenses().is_accepted(digest(1)));
  ASSERT_TRUE(succeeded(store_->licenses().accept(
      {digest(1), "acme/atlas:1.0.0", digest(2), "LicenseRef-hf-gemma", 20})));
  ASSERT_TRUE(succeeded(
      store_->licenses().accept({digest(1), "acme/other:1.0.0", digest(3), "other", 30})));
  ASSERT_TRUE(succeeded(store_->licenses().accept({digest(4), "b/c:1", digest(5), "x", 10})));
  reopen();

  EXPECT_TRUE(*store_->licenses().is_accepted(digest(1)));
  const auto all = store_->licenses().all();
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ((*all)[0].digest, digest(4));
  EXPECT_EQ((*all)[1].ref, "acme/atlas:1.0.0");
  EXPECT_EQ((*all)[1].release_id, digest(2));
  EXPECT_EQ((*all)[1].license, "LicenseRef-hf-gemma");
  EXPECT_EQ((*all)[1].accepted, 20);
}

}  // namespace
}  // namespace owrd::store
