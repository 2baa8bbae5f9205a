#include "daemon/release/license_classes.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "daemon/release/license_approvals.h"
#include "daemon/release/license_expression.h"
#include "daemon/release/license_ids.h"
#include "daemon/release/license_table.h"
#include "daemon/release/manifest.h"

namespace owrd::release {
namespace {

TEST(LicenseClasses, KnowsTheTermsThatModelsAreMetUnder) {
  const struct {
    const char* id;
    const char* license_class;
    std::vector<std::string> flags;
  } cases[] = {
      {"Apache-2.0", "permissive", {}},
      {"apache-2.0", "permissive", {}},
      {"MIT", "permissive", {}},
      {"OpenMDW-1.0", "permissive", {}},
      {"openmdw-1.1", "permissive", {}},
      {"CC-BY-4.0", "permissive", {}},
      {"CC-BY-SA-4.0", "attribution-sharealike", {"pass through"}},
      {"CC-BY-SA-2.0-UK", "attribution-sharealike", {"pass through"}},
      {"odbl", "attribution-sharealike", {"pass through"}},
      {"GPL-3.0-or-later", "copyleft", {"pass through"}},
      {"agpl-3.0", "copyleft", {"pass through"}},
      {"openrail++", "responsible-use", {"field of use", "pass through"}},
      {"LicenseRef-hf-bigscience-bloom-rail-1.0",
       "responsible-use",
       {"field of use", "pass through"}},
      {"LicenseRef-hf-deepseek", "responsible-use", {"field of use", "pass through"}},
      {"falcon-llm-license", "responsible-use", {"field of use", "pass through", "naming rule"}},
      {"llama2",
       "community-terms",
       {"acceptance required", "field of use", "pass through", "user threshold"}},
      {"LicenseRef-hf-llama3.1",
       "community-terms",
       {"acceptance required", "field of use", "pass through", "user threshold", "naming rule"}},
      {"llama4",
       "community-terms",
       {"acceptance required", "field of use", "pass through", "user threshold", "naming rule",
        "region limit"}},
      {"gemma", "community-terms", {"acceptance required", "field of use", "pass through"}},
      {"LicenseRef-hf-qwen", "community-terms", {"user threshold", "naming rule"}},
      {"CC-BY-NC-4.0", "noncommercial", {}},
      {"CC-BY-NC-SA-4.0", "noncommercial", {"pass through"}},
      {"LicenseRef-hf-mrl",
       "research-only",
       {"acceptance required", "field of use", "pass through"}},
      {"CC-BY-ND-4.0", "no-derivatives", {}},
      {"cc-by-nc-nd-4.0", "no-derivatives", {}},
      {"LicenseRef-hf-proprietary", "proprietary", {}},
      {"LicenseRef-acme-1", "unknown", {}},
      {"other", "unknown", {}},
      {"cc", "unknown", {}},
      {"no licence (yet", "unknown", {}},
      {"", "unknown", {}},
  };
  for (const auto& [id, license_class, flags] : cases) {
    SCOPED_TRACE(id);
    const auto terms = classify_license(id);
    EXPECT_EQ(to_string(terms.license_class), license_class);
    EXPECT_EQ(flag_words(terms.flags), flags);
  }
}

TEST(LicenseClasses, SaysWhatIsGranted) {
  const auto yes = v1::ANSWER_YES;
  const auto no = v1::ANSWER_NO;
  const auto unstated = v1::ANSWER_UNSTATED;
  EXPECT_EQ(classify_license("MIT").grants, (LicenseGrants{yes, yes, yes, yes}));
  EXPECT_EQ(classify_license("llama3").grants, (LicenseGrants{yes, yes, yes, yes}));
  EXPECT_EQ(classify_license("CC-BY-NC-4.0").grants, (LicenseGrants{yes, yes, yes, no}));
  EXPECT_EQ(classify_license("CC-BY-ND-4.0").grants, (LicenseGrants{yes, no, yes, yes}));
  EXPECT_EQ(classify_license("CC-BY-NC-ND-4.0").grants, (LicenseGrants{yes, no, yes, no}));
  EXPECT_EQ(classify_license("proprietary").grants, (LicenseGrants{no, no, no, no}));
  EXPECT_EQ(classify_license("LicenseRef-x").grants,
            (LicenseGrants{unstated, unstated, unstated, unstated}));
}

TEST(LicenseClasses, SaysWhoApproves) {
  EXPECT_TRUE(classify_license("Apache-2.0").is_osi_approved);
  EXPECT_TRUE(classify_license("Apache-2.0").is_fsf_libre);
  EXPECT_FALSE(classify_license("Apache-1.0").is_osi_approved);
  EXPECT_TRUE(classify_license("Apache-1.0").is_fsf_libre);
  EXPECT_FALSE(classify_license("CC-BY-3.0").is_fsf_libre);
  EXPECT_TRUE(classify_license("CC-BY-3.0").is_open_data);
  EXPECT_TRUE(classify_license("CC-BY-SA-3.0-AT").is_open());
  EXPECT_FALSE(classify_license("CC-BY-NC-3.0").is_open());
  EXPECT_FALSE(classify_license("CC-BY-ND-3.0").is_open());
  EXPECT_TRUE(classify_license("OpenMDW-1.0").is_open());
  EXPECT_FALSE(classify_license("OpenMDW-1.0").is_osi_approved);
  EXPECT_FALSE(classify_license("llama3.1").is_open());
  EXPECT_FALSE(classify_license("openrail").is_open());
}

TEST(LicenseClasses, SayWhetherTermsAreToBeAccepted) {
  v1::License license;
  license.set_spdx_expression("MIT AND LicenseRef-hf-gemma");
  EXPECT_TRUE(asks_for_acceptance(license));
  license.set_spdx_expression("MIT");
  EXPECT_FALSE(asks_for_acceptance(license));
  license.set_acceptance_required(true);
  EXPECT_TRUE(asks_for_acceptance(license));
}

TEST(LicenseClasses, CombinesExpressionsByRule) {
  const std::pair<const char*, const char*> cases[] = {
      {"MIT OR GPL-3.0-only", "permissive"},
      {"GPL-3.0-only OR MIT", "permissive"},
      {"MIT AND GPL-3.0-only", "copyleft"},
      {"LicenseRef-x OR MIT", "permissive"},
      {"LicenseRef-x AND MIT", "unknown"},
      {"GPL-2.0-only WITH Classpath-exception-2.0", "copyleft"},
      {"Apache-2.0 WITH LLVM-exception", "permissive"},
      {"CDDL-1.0+", "copyleft"},
      // AND binds before OR.
      {"MIT AND CC-BY-NC-4.0 OR Apache-2.0", "permissive"},
      {"MIT AND (CC-BY-NC-4.0 OR Apache-2.0)", "permissive"},
      {"MIT OR Apache-2.0 AND CC-BY-NC-4.0", "permissive"},
      {"(MIT OR Apache-2.0) AND CC-BY-NC-4.0", "noncommercial"},
      {"LicenseRef-hf-llama3.1 AND LicenseRef-hf-gemma", "community-terms"},
  };
  for (const auto& [expression, license_class] : cases)
    EXPECT_EQ(to_string(classify_license(expression).license_class), license_class) << expression;

  const auto both = classify_license("CC-BY-NC-4.0 AND LicenseRef-hf-llama3.1");
  EXPECT_EQ(both.grants.commercial, v1::ANSWER_NO);
  EXPECT_TRUE(both.flags.naming_rule);
  EXPECT_FALSE(classify_license("MIT AND LicenseRef-x").is_open());
  EXPECT_EQ(classify_license("MIT AND LicenseRef-x").grants.use, v1::ANSWER_UNSTATED);
}

// Whatever the operands: AND is never freer than one of them, OR never less free than the freest.
TEST(LicenseClasses, AndIsTheStricterAndOrTheFreer) {
  const std::string_view ids[] = {"MIT",          "CC-BY-SA-4.0",           "GPL-3.0-only",
                                  "Elastic-2.0",  "CC-BY-NC-4.0",           "CC-BY-ND-4.0",
                                  "LicenseRef-x", "LicenseRef-hf-openrail", "LicenseRef-hf-mrl"};
  for (const auto a : ids) {
    for (const auto b : ids) {
      const auto first = classify_license(a).license_class;
      const auto second = classify_license(b).license_class;
      const std::string left(a), right(b);
      EXPECT_EQ(classify_license(left + " AND " + right).license_class, std::max(first, second));
      EXPECT_EQ(classify_license(left + " OR " + right).license_class, std::min(first, second));
    }
  }
}

TEST(LicenseClasses, HasAClassForEveryKnownId) {
  for (const auto id : known_license_ids())
    EXPECT_NE(classify_license(id).license_class, LicenseClass::Unknown) << id;
  for (const auto id : own_terms()) {
    EXPECT_NE(classify_license(id).license_class, LicenseClass::Unknown) << id;
    EXPECT_TRUE(check_license("LicenseRef-hf-" + std::string(id))) << id;
  }
}

// What is approved by others grants everything.
TEST(LicenseClasses, GrantsEverythingWhereItIsOpen) {
  for (const auto id : known_license_ids()) {
    const auto terms = classify_license(id);
    if (!terms.is_open()) continue;
    EXPECT_EQ(terms.grants, classify_license("MIT").grants) << id;
    EXPECT_FALSE(terms.flags.field_of_use) << id;
  }
}

// Hugging Face, docs/hub/repositories-licenses.md.
TEST(LicenseClasses, KnowsTheIdsOfHuggingFace) {
  const char* ids[] = {"apache-2.0",
                       "mit",
                       "openrail",
                       "bigscience-openrail-m",
                       "creativeml-openrail-m",
                       "bigscience-bloom-rail-1.0",
                       "bigcode-openrail-m",
                       "afl-3.0",
                       "artistic-2.0",
                       "bsl-1.0",
                       "bsd-2-clause",
                       "bsd-3-clause",
                       "bsd-3-clause-clear",
                       "c-uda",
                       "cc0-1.0",
                       "cc-by-2.0",
                       "cc-by-4.0",
                       "cc-by-sa-4.0",
                       "cc-by-nc-4.0",
                       "cc-by-nd-4.0",
                       "cc-by-nc-nd-3.0",
                       "cc-by-nc-sa-2.0",
                       "cdla-sharing-1.0",
                       "cdla-permissive-2.0",
                       "wtfpl",
                       "ecl-2.0",
                       "epl-2.0",
                       "etalab-2.0",
                       "eupl-1.1",
                       "agpl-3.0",
                       "gpl-2.0",
                       "gpl-3.0",
                       "lgpl-2.1",
                       "lgpl-3.0",
                       "isc",
                       "lppl-1.3c",
                       "ms-pl",
                       "mpl-2.0",
                       "odc-by",
                       "odbl",
                       "openrail++",
                       "osl-3.0",
                       "postgresql",
                       "ofl-1.1",
                       "ncsa",
                       "unlicense",
                       "zlib",
                       "pddl",
                       "lgpl-lr",
                       "deepfloyd-if-license",
                       "llama2",
                       "llama3",
                       "llama3.1",
                       "llama3.2",
                       "llama3.3",
                       "llama4",
                       "gemma",
                       "openmdw-1.0",
                       "openmdw-1.1",
                       "apple-ascl",
                       "apple-amlr",
                       "intel-research",
                       "h-research"};
  for (const auto* id : ids) {
    const auto spdx = spdx_of_hugging_face(id);
    EXPECT_TRUE(check_license(spdx)) << id << " -> " << spdx;
    EXPECT_NE(classify_license(id).license_class, LicenseClass::Unknown) << id;
  }
  for (const auto* id : {"other", "unknown", "bsd", "cc", "gfdl", "gpl", "lgpl", "acme-1"})
    EXPECT_EQ(spdx_of_hugging_face(id), "") << id;
}

TEST(LicenseExpression, BindsWithBeforeAndBeforeOr) {
  const auto parsed = parse_license_expression("A OR B AND C+ WITH x OR (D OR E)");

  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->kind, LicenseExpression::Kind::Or);
  ASSERT_EQ(parsed->operands.size(), 3U);
  EXPECT_EQ(parsed->operands[0].id, "A");
  const auto& both = parsed->operands[1];
  EXPECT_EQ(both.kind, LicenseExpression::Kind::And);
  EXPECT_EQ(both.operands[1].id, "C");
  EXPECT_TRUE(both.operands[1].or_later);
  EXPECT_EQ(both.operands[1].exception, "x");
  EXPECT_EQ(parsed->operands[2].kind, LicenseExpression::Kind::Or);
}

}  // namespace
}  // namespace owrd::release
