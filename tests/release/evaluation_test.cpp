#include "daemon/release/evaluation.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/release/fixtures.h"

namespace owrd::release {
namespace {

using Reasons = std::vector<std::string>;

TEST(Evaluation, OfASilentManifestGuessesNothing) {
  const auto evaluation = evaluate(testing::example_message());

  EXPECT_EQ(evaluation.license.word, "permissive");
  EXPECT_EQ(evaluation.license.reasons,
            (Reasons{"licence Apache-2.0: OSI approved, FSF libre",
                     "grants: use yes, modify yes, redistribute yes, commercial use yes",
                     "text: LICENSE"}));
  EXPECT_EQ(evaluation.data.word, "not stated");
  EXPECT_EQ(evaluation.code.word, "not stated");
  EXPECT_EQ(evaluation.use.word, "not stated");
}

TEST(Evaluation, NamesTheConditionsOfTheLicense) {
  v1::License license;
  license.set_spdx_expression("LicenseRef-hf-llama3.2");

  const auto verdict = evaluate_license(license);

  EXPECT_EQ(verdict.word, "community-terms");
  EXPECT_EQ(verdict.reasons,
            (Reasons{"licence LicenseRef-hf-llama3.2: approved by none of OSI, FSF and the open "
                     "data lists",
                     "grants: use yes, modify yes, redistribute yes, commercial use yes",
                     "conditions: acceptance required, field of use, pass through, user threshold, "
                     "naming rule, region limit",
                     "the text of the licence is not in the release"}));
}

TEST(Evaluation, TakesDeclaredGrantsWhereTheLicenseIsNotKnown) {
  v1::License license;
  license.set_spdx_expression("LicenseRef-acme");
  license.mutable_grants()->set_use(v1::ANSWER_YES);
  license.mutable_grants()->set_commercial(v1::ANSWER_NO);

  EXPECT_EQ(evaluate_license(license).reasons[1],
            "grants: use yes, modify not stated, redistribute not stated, commercial use no");
}

TEST(Evaluation, GradesDataByWhatIsSaidAndToBeHad) {
  v1::DataInformation data;
  EXPECT_EQ(evaluate_data(data).word, "not stated");
  data.set_availability(v1::AVAILABILITY_NOT_PROVIDED);
  EXPECT_EQ(evaluate_data(data).word, "not provided");
  data.set_provenance("The web.");
  EXPECT_EQ(evaluate_data(data).word, "partly described");
  data.set_collection("Crawled.");
  data.set_selection("By language.");
  data.set_labelling("None.");
  data.set_filtering("Deduplicated.");
  EXPECT_EQ(evaluate_data(data).word, "described");
  auto& dataset = *data.add_datasets();
  dataset.set_name("corpus");
  dataset.set_availability(v1::AVAILABILITY_PUBLIC_URL);
  dataset.set_url("https://example.org/corpus");
  EXPECT_EQ(evaluate_data(data).word, "described");
  EXPECT_EQ(evaluate_data(data).reasons,
            (Reasons{"training data: not provided",
                     "dataset \"corpus\": at a public URL, not pinned by a digest or a whole "
                     "commit"}));
  dataset.set_revision(std::string(40, 'a'));
  EXPECT_EQ(evaluate_data(data).word, "open");
}

TEST(Evaluation, GradesCodeByItsParts) {
  v1::CodeInformation code;
  EXPECT_EQ(evaluate_code(code).word, "not stated");
  code.mutable_training()->set_availability(v1::AVAILABILITY_NOT_PROVIDED);
  EXPECT_EQ(evaluate_code(code).word, "not provided");
  v1::CodePart part;
  part.set_availability(v1::AVAILABILITY_IN_RELEASE);
  part.add_paths("empty.txt");
  *code.mutable_inference() = part;
  EXPECT_EQ(evaluate_code(code).word, "partial");
  for (auto* each :
       {code.mutable_architecture(), code.mutable_training(), code.mutable_evaluation(),
        code.mutable_preprocessing(), code.mutable_tokenizer()})
    *each = part;
  EXPECT_EQ(evaluate_code(code).word, "complete");
}

TEST(Evaluation, TakesARestrictionOfAnUnknownKindForOne) {
  v1::UseRestrictions use;
  use.set_none_declared(true);
  EXPECT_EQ(evaluate_use(use).word, "unrestricted");
  use.add_items()->set_kind(static_cast<v1::RestrictionKind>(99));
  EXPECT_EQ(evaluate_use(use).word, "restricted");
  EXPECT_EQ(evaluate_use(use).reasons, (Reasons{"other"}));
}

// Each axis is set to several states; the verdict on another never depends on it.
TEST(Evaluation, OfOneAxisNeverMovesAnother) {
  using Change = std::function<void(v1::Manifest&)>;
  const std::vector<Change> axes[] = {
      {[](auto&) {},
       [](auto& m) { m.mutable_license()->set_spdx_expression("LicenseRef-hf-gemma"); },
       [](auto& m) {
         m.mutable_license()->set_spdx_expression("CC-BY-NC-ND-4.0");
         m.mutable_license()->set_acceptance_required(true);
         m.mutable_license()->clear_text_path();
       }},
      {[](auto&) {},
       [](auto& m) { m.mutable_data()->set_availability(v1::AVAILABILITY_NOT_PROVIDED); },
       [](auto& m) {
         auto& dataset = *m.mutable_data()->add_datasets();
         dataset.set_availability(v1::AVAILABILITY_IN_RELEASE);
         dataset.add_paths("empty.txt");
         dataset.set_license("CC-BY-NC-4.0");
       }},
      {[](auto&) {}, [](auto& m) { m.mutable_code()->set_remote_code_required(true); },
       [](auto& m) {
         m.mutable_code()->mutable_training()->set_availability(v1::AVAILABILITY_IN_RELEASE);
         m.mutable_code()->mutable_training()->add_paths("empty.txt");
       }},
      {[](auto&) {}, [](auto& m) { m.mutable_use()->set_none_declared(true); },
       [](auto& m) {
         m.mutable_use()->add_items()->set_kind(v1::RESTRICTION_KIND_NONCOMMERCIAL);
       }}};
  const auto verdicts = [](const Evaluation& e) {
    return std::vector<Verdict>{e.license, e.data, e.code, e.use};
  };
  for (int combination = 0; combination < 81; ++combination) {
    auto message = testing::example_message();
    int state[4] = {combination % 3, combination / 3 % 3, combination / 9 % 3, combination / 27};
    for (std::size_t axis = 0; axis < 4; ++axis)
      axes[axis][static_cast<std::size_t>(state[axis])](message);
    const auto all = verdicts(evaluate(message));
    for (std::size_t axis = 0; axis < 4; ++axis) {
      auto alone = testing::example_message();
      axes[axis][static_cast<std::size_t>(state[axis])](alone);
      EXPECT_EQ(all[axis], verdicts(evaluate(alone))[axis]) << combination << " " << axis;
    }
  }
}

TEST(Evaluation, RefusesAGrantThatTheLicenseContradicts) {
  v1::License license;
  license.set_spdx_expression("CC-BY-NC-4.0");
  license.mutable_grants()->set_use(v1::ANSWER_YES);
  EXPECT_TRUE(check_grants(license));
  license.mutable_grants()->set_commercial(v1::ANSWER_YES);

  const auto checked = check_grants(license);

  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message,
            "grant mismatch: license.grants.commercial says yes, but CC-BY-NC-4.0 says no");
  EXPECT_EQ(checked.error().hint,
            "remove the grant from release.toml, or name the licence that grants it");
  license.set_spdx_expression("LicenseRef-acme");
  EXPECT_TRUE(check_grants(license));
}

}  // namespace
}  // namespace owrd::release
