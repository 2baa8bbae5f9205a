#include <gtest/gtest.h>

#include <iterator>

#include "daemon/release/manifest.h"
#include "daemon/release/version_order.h"

namespace owrd::release {
namespace {

// The lists that semver.org publishes with its regular expression
// (https://regex101.com/r/vkijKf/1/).
TEST(Version, AcceptsSemanticVersions) {
  const char* versions[] = {"0.0.4",
                            "1.2.3",
                            "10.20.30",
                            "1.1.2-prerelease+meta",
                            "1.1.2+meta",
                            "1.1.2+meta-valid",
                            "1.0.0-alpha",
                            "1.0.0-beta",
                            "1.0.0-alpha.beta",
                            "1.0.0-alpha.beta.1",
                            "1.0.0-alpha.1",
                            "1.0.0-alpha0.valid",
                            "1.0.0-alpha.0valid",
                            "1.0.0-alpha-a.b-c-somethinglong+build.1-aef.1-its-okay",
                            "1.0.0-rc.1+build.1",
                            "2.0.0-rc.1+build.123",
                            "1.2.3-beta",
                            "10.2.3-DEV-SNAPSHOT",
                            "1.2.3-SNAPSHOT-123",
                            "1.0.0",
                            "2.0.0",
                            "1.1.7",
                            "2.0.0+build.1848",
                            "2.0.1-alpha.1227",
                            "1.0.0-alpha+beta",
                            "1.2.3----RC-SNAPSHOT.12.9.1--.12+788",
                            "1.2.3----R-S.12.9.1--.12+meta",
                            "1.2.3----RC-SNAPSHOT.12.9.1--.12",
                            "1.0.0+0.build.1-rc.10000aaa-kk-0.1",
                            "99999999999999999999999.999999999999999999.99999999999999999",
                            "1.0.0-0A.is.legal"};
  for (const auto* version : versions) EXPECT_TRUE(is_valid_version(version)) << version;
}

TEST(Version, RefusesWhatIsNone) {
  const char* versions[] = {"",
                            "1",
                            "1.2.3-0123",
                            "1.2.3-0123.0123",
                            "1.1.2+.123",
                            "+invalid",
                            "-invalid",
                            "-invalid+invalid",
                            "-invalid.01",
                            "alpha",
                            "alpha.beta",
                            "alpha.beta.1",
                            "alpha.1",
                            "alpha+beta",
                            "alpha_beta",
                            "alpha.",
                            "alpha..",
                            "beta",
                            "1.0.0-alpha_beta",
                            "-alpha.",
                            "1.0.0-alpha..",
                            "1.0.0-alpha..1",
                            "1.0.0-alpha...1",
                            "01.1.1",
                            "1.01.1",
                            "1.1.01",
                            "1.2.3.DEV",
                            "1.2.31.2.3----RC-SNAPSHOT.12.09.1--..12+788",
                            "-1.0.3-gamma+b7718",
                            "+justmeta",
                            "9.8.7+meta+meta",
                            "9.8.7-whatever+meta+meta",
                            "1.0.0-",
                            "1.0.0+",
                            "1.0.0 ",
                            " 1.0.0",
                            "v1.0.0",
                            "1.0.0\n",
                            "1..0",
                            "1.0.0-\xc3\xa9"};
  for (const auto* version : versions) EXPECT_FALSE(is_valid_version(version)) << version;
}

// A person's version: the patch number may be left out, the rest is as strict.
TEST(Version, AcceptsTwoNumbers) {
  for (const auto* version : {"1.2", "0.0", "1.2-SNAPSHOT", "1.2-rc.1+build"})
    EXPECT_TRUE(is_valid_version(version)) << version;
  for (const auto* version : {"1", "1.", "01.2", "1.2.3.4", "1.2-01"})
    EXPECT_FALSE(is_valid_version(version)) << version;
}

TEST(Version, ComesInTheOrderOfSemVer) {
  // SemVer 2.0.0 section 11.4, and two numbers before the same with a third.
  const char* ascending[] = {"0.9",        "1.0.0-alpha",  "1.0.0-alpha.1", "1.0.0-alpha.beta",
                             "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",
                             "1.0.0",      "1.0.1",        "1.2.0",         "1.10.0",
                             "2.0.0-rc.1", "2.0.0",        "10.0.0"};
  for (std::size_t i = 0; i < std::size(ascending); ++i)
    for (std::size_t j = 0; j < std::size(ascending); ++j)
      EXPECT_EQ(version_before(ascending[i], ascending[j]), i < j)
          << ascending[i] << " " << ascending[j];
  EXPECT_FALSE(version_before("1.0.0+a", "1.0.0+b"));
  EXPECT_TRUE(is_pre_release("1.0-rc.1+x-y"));
  EXPECT_FALSE(is_pre_release("1.0+x-y"));
}

}  // namespace
}  // namespace owrd::release
