#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "tests/content/temporary_directory.h"

namespace owrd::conformance {
namespace {

std::set<std::string> tests_of(const std::string& suite_name) {
  std::set<std::string> names;
  const auto& all = *::testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const auto& suite = *all.GetTestSuite(i);
    if (suite.name() != suite_name) continue;
    for (int j = 0; j < suite.total_test_count(); ++j) names.insert(suite.GetTestInfo(j)->name());
  }
  return names;
}

/// Every row of the attack table names a test that is there, and that bears the row's number.
TEST(ThreatModel, NamesATestForEachRow) {
  const std::filesystem::path vectors = OWRD_VECTORS_DIR;
  const auto page = content::content_of(vectors / "../../daemon/trust/README.md");
  const auto tests = tests_of("Attack");
  const std::regex row("\n\\| ([TBK][0-9]+) \\|[^\n]*`Attack\\.([A-Za-z0-9]+)`[^\n]*");
  std::set<std::string> rows;
  for (std::sregex_iterator at(page.begin(), page.end(), row), end; at != end; ++at) {
    const auto number = (*at)[1].str(), name = (*at)[2].str();
    rows.insert(number);
    EXPECT_EQ(tests.count(name), 1U) << number << ": " << name;
    EXPECT_TRUE(name.starts_with(number) && !std::isdigit(name[number.size()])) << name;
  }
  EXPECT_EQ(rows.size(), 15U + 14U + 2U);
}

}  // namespace
}  // namespace owrd::conformance
