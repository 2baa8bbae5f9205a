#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "daemon/release/license_ids.h"
#include "daemon/release/manifest.h"

namespace owrd::release {
namespace {

TEST(License, AcceptsSpdxExpressions) {
  const char* expressions[] = {"Apache-2.0",
                               "MIT",
                               "CC-BY-NC-4.0",
                               "OpenMDW-1.0",
                               "CDLA-Permissive-2.0",
                               "CDDL-1.0+",
                               "LicenseRef-llama-3.1",
                               "LicenseRef-Acme.Model-1",
                               "MIT OR Apache-2.0",
                               "(MIT OR Apache-2.0) AND CC-BY-4.0",
                               "Apache-2.0 WITH LLVM-exception",
                               "((MIT))",
                               "MIT AND (LicenseRef-x OR GPL-3.0-or-later WITH GCC-exception-3.1)",
                               " MIT "};
  for (const auto* expression : expressions) {
    const auto checked = check_license(expression);
    EXPECT_TRUE(checked) << expression << ": " << checked.error().message;
  }
}

TEST(License, SaysWhatIsWrongAndWhatIsNear) {
  const std::string own = "--license LicenseRef-NAME names a licence that is not on the SPDX list";
  const std::string forms =
      "--license Apache-2.0, or an expression such as --license 'MIT OR Apache-2.0'";
  const auto near = [&](const std::string& id) { return "--license " + id + "; " + own; };
  const struct {
    std::string expression, message, hint;
  } cases[] = {
      {"apache-2.0",
       R"(licence "apache-2.0": "apache-2.0" is no known SPDX licence id; the nearest is "Apache-2.0")",
       near("Apache-2.0")},
      {"Apache2",
       R"(licence "Apache2": "Apache2" is no known SPDX licence id; the nearest is "Apache-2.0")",
       near("Apache-2.0")},
      {"MIT OR GPL-3.0",
       R"(licence "MIT OR GPL-3.0": "GPL-3.0" is no known SPDX licence id; the nearest is "GPL-3.0-only")",
       near("GPL-3.0-only")},
      {"cc-by-4.0",
       R"(licence "cc-by-4.0": "cc-by-4.0" is no known SPDX licence id; the nearest is "CC-BY-4.0")",
       near("CC-BY-4.0")},
      {"llama3.1-community",
       R"(licence "llama3.1-community": "llama3.1-community" is no known SPDX licence id)", own},
      {"LicenseRef-", R"(licence "LicenseRef-": "LicenseRef-" is no known SPDX licence id)", own},
      {"LicenseRef-x+", R"(licence "LicenseRef-x+": "LicenseRef-x" is no known SPDX licence id)",
       own},
      {"Apache-2.0 WITH LLVM-exceptions",
       R"(licence "Apache-2.0 WITH LLVM-exceptions": "LLVM-exceptions" is no known SPDX licence exception; the nearest is "LLVM-exception")",
       near("LLVM-exception")},
      {"", R"(licence "": ends where a licence id was expected)", forms},
      {"MIT OR", R"(licence "MIT OR": ends where a licence id was expected)", forms},
      {"(MIT", R"--(licence "(MIT": ends where ")" was expected)--", forms},
      {"MIT)", R"--(licence "MIT)": did not expect ")" there)--", forms},
      {"MIT Apache-2.0", R"(licence "MIT Apache-2.0": did not expect "Apache-2.0" there)", forms},
      {"AND MIT", R"(licence "AND MIT": did not expect "AND" there)", forms},
      {"MIT, Apache-2.0", R"(licence "MIT, Apache-2.0": did not expect "," there)", forms},
      {"CDDL-1.0 +", R"(licence "CDDL-1.0 +": did not expect "+" there)", forms},
      {"MIT\n", R"(licence "MIT\x0a": did not expect "\x0a" there)", forms},
  };
  for (const auto& [expression, message, hint] : cases) {
    SCOPED_TRACE(expression);
    const auto checked = check_license(expression);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, ErrorCode::InvalidInput);
    EXPECT_EQ(checked.error().message, message);
    EXPECT_EQ(checked.error().hint, hint);
  }
}

TEST(License, RefusesAnExpressionThatIsTooLong) {
  EXPECT_TRUE(check_license("LicenseRef-" + std::string(245, 'x')));
  EXPECT_FALSE(check_license("LicenseRef-" + std::string(246, 'x')));
  EXPECT_FALSE(check_license(std::string(10'000, '(')));
}

TEST(License, EveryKnownIdIsAcceptedAndListedOnce) {
  std::set<std::string_view> seen;
  for (const auto id : known_license_ids()) {
    EXPECT_TRUE(check_license(id)) << id;
    EXPECT_TRUE(seen.insert(id).second) << id;
  }
  EXPECT_GE(seen.size(), 100U);
}

}  // namespace
}  // namespace owrd::release
