#include "daemon/trust/root_chain.h"

#include <gtest/gtest.h>

#include "tests/trust/make.h"

namespace owrd::trust {
namespace {

TEST(RootChain, NeedsAtLeastOneRoot) {
  const auto none = RootChain::verify({});

  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::InvalidInput);
  EXPECT_EQ(none.error().message, "root: none was given");
}

}  // namespace
}  // namespace owrd::trust
