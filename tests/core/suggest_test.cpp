#include "daemon/core/suggest.h"

#include <gtest/gtest.h>

#include <vector>

namespace owrd {
namespace {

std::optional<std::string> suggestion(std::string_view text) {
  static constexpr std::string_view kCommands[] = {"get",   "publish", "publisher",
                                                   "pause", "ls",      "show"};
  return nearest(text, kCommands);
}

TEST(Nearest, FindsWhatWasMeant) {
  EXPECT_EQ(suggestion("publsh"), "publish");
  EXPECT_EQ(suggestion("publishr"), "publish");  // Both are one step away; the first wins.
  EXPECT_EQ(suggestion("shwo"), "show");
  EXPECT_EQ(suggestion("puase"), "pause");
  EXPECT_EQ(suggestion("gte"), "get");
  EXPECT_EQ(suggestion("get"), "get");
}

TEST(Nearest, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(suggestion("download"), std::nullopt);
  EXPECT_EQ(suggestion(""), std::nullopt);
  EXPECT_EQ(suggestion("xy"),
            std::nullopt);  // Two steps from "ls", but then nothing of it is left.
  EXPECT_EQ(suggestion("not"), std::nullopt);
  EXPECT_EQ(nearest("get", std::vector<std::string_view>()), std::nullopt);
  EXPECT_EQ(suggestion(std::string(129, 'a')), std::nullopt);
}

}  // namespace
}  // namespace owrd
