#include "daemon/release/distribution.h"

#include <gtest/gtest.h>

namespace owrd::release {
namespace {

TEST(Distribution, FollowsFromTheNumbersOfSourcesAndMirrors) {
  const struct {
    std::uint32_t sources, mirrors;
    Distribution expected;
  } cases[] = {
      {0, 0, Distribution::None},          {1, 0, Distribution::Centralised},
      {2, 0, Distribution::Federated},     {50, 0, Distribution::Federated},
      {0, 1, Distribution::Federated},     {1, 2, Distribution::Federated},
      {1, 3, Distribution::Decentralised}, {0, 3, Distribution::Decentralised},
      {90, 2, Distribution::Federated},    {90, 40, Distribution::Decentralised},
  };
  for (const auto& [sources, mirrors, expected] : cases)
    EXPECT_EQ(classify_distribution({sources, mirrors}).distribution, expected)
        << sources << " " << mirrors;
}

// One source more, or one mirror more, never makes a release less spread.
TEST(Distribution, NeverFallsWithMoreHolders) {
  for (std::uint32_t sources = 0; sources < 6; ++sources) {
    for (std::uint32_t mirrors = 0; mirrors < 6; ++mirrors) {
      const auto here = classify_distribution({sources, mirrors}).distribution;
      EXPECT_LE(here, classify_distribution({sources + 1, mirrors}).distribution);
      EXPECT_LE(here, classify_distribution({sources, mirrors + 1}).distribution);
    }
  }
}

TEST(Distribution, SaysTheNumbers) {
  EXPECT_EQ(classify_distribution({1, 3}).why, "1 independent source, 3 attested mirrors");
  EXPECT_EQ(to_string(Distribution::Decentralised), "decentralised");
}

}  // namespace
}  // namespace owrd::release
