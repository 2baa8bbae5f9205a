#include "daemon/release/publication_rules.h"

#include <gtest/gtest.h>

#include <functional>

#include "daemon/release/inheritance.h"
#include "tests/release/fixtures.h"

namespace owrd::release {
namespace {

struct Attempt {
  v1::Manifest manifest = testing::example_message();
  PublicationFacts facts;
};

void make_all(v1::Manifest& manifest, v1::FileRole role) {
  for (auto& file : *manifest.mutable_files()) file.set_role(role);
}

v1::Lineage& derive(Attempt& a, v1::Relation relation, const char* license) {
  auto& parent = *a.manifest.add_derived_from();
  parent.set_relation(relation);
  parent.set_name("meta/llama");
  parent.set_license(license);
  return parent;
}

TEST(PublicationRules, LetAPlainReleaseThrough) {
  const Attempt attempt;
  EXPECT_TRUE(check_publication(attempt.manifest, attempt.facts));
}

TEST(PublicationRules, RefuseEachByItsOwnNameAndSayWhatToDo) {
  const struct {
    std::function<void(Attempt&)> change;
    std::string name, message, hint;
  } cases[] = {
      {[](auto& a) { make_all(a.manifest, v1::FILE_ROLE_OTHER); }, "no-weights",
       "no weights: no file of the release has the role WEIGHTS",
       "put the weights into the directory, as safetensors or GGUF"},
      {[](auto& a) { a.facts.recognised_weight_files = 0; }, "no-weights",
       "no weights: none of the weight files holds tensors",
       "put the weights into the directory, as safetensors or GGUF"},
      {[](auto& a) {
         make_all(a.manifest, v1::FILE_ROLE_CODE);
         a.facts.api_endpoints = {"https://api.example.org/v1"};
       },
       "source-only", "source-only release: it has code and no weights",
       "put the trained weights beside the code; owrd label --assess judges what has none"},
      {[](auto& a) {
         make_all(a.manifest, v1::FILE_ROLE_CARD);
         a.facts.api_endpoints = {"https://api.example.org/v1"};
       },
       "api-only",
       "API-only release: \"https://api.example.org/v1\" is served, and no weights are in the "
       "release",
       "publish the weights themselves: a hosted model is no open-weight release"},
      {[](auto& a) { a.facts.lfs_pointers = {"model.safetensors"}; }, "lfs-pointer",
       "LFS pointer: \"model.safetensors\" holds the address of weights, not the weights",
       "git lfs pull, then publish again"},
      {[](auto& a) {
         a.manifest.mutable_license()->set_spdx_expression("LicenseRef-hf-proprietary");
       },
       "proprietary",
       "proprietary release: LicenseRef-hf-proprietary does not grant redistribution",
       "choose a licence that lets people pass the weights on"},
      {[](auto& a) {
         a.manifest.mutable_license()->set_spdx_expression("LicenseRef-acme");
         a.manifest.mutable_license()->mutable_grants()->set_redistribute(v1::ANSWER_NO);
       },
       "proprietary", "proprietary release: LicenseRef-acme does not grant redistribution",
       "choose a licence that lets people pass the weights on"},
      {[](auto& a) {
         a.manifest.mutable_license()->set_spdx_expression("LicenseRef-acme");
         a.manifest.mutable_license()->clear_text_path();
       },
       "proprietary",
       "proprietary release: nobody can know the terms of LicenseRef-acme, because their text is "
       "not in the release",
       "put the text into a file LICENSE of the release"},
      {[](auto& a) { a.facts.license_text = "Attribution-NonCommercial 4.0 International"; },
       "license-text",
       "licence text: \"LICENSE\" is the text of CC-BY-NC-4.0, the manifest says Apache-2.0",
       "name the licence that the text is of, or put the right text there"},
      {[](auto& a) {
         a.facts.card = CardFacts{"other", "another", {}, {}};
       },
       "card-mismatch",
       "card contradicts manifest: the card names the licence \"another\", the manifest Apache-2.0",
       "make the front matter of the model card and release.toml say the same"},
      {[](auto& a) {
         a.manifest.mutable_license()->set_spdx_expression("CC-BY-NC-4.0");
         a.manifest.add_audiences(v1::AUDIENCE_COMMERCIAL);
       },
       "audience-license",
       "audience against licence: the release is meant for commercial use, which CC-BY-NC-4.0 "
       "does not grant",
       "take \"commercial\" from the audience, or choose another licence"},
      {[](auto& a) { a.manifest.mutable_license()->mutable_grants()->set_modify(v1::ANSWER_NO); },
       "grant-mismatch", "grant mismatch: license.grants.modify says no, but Apache-2.0 says yes",
       "remove the grant from release.toml, or name the licence that grants it"},
      {[](auto& a) {
         a.manifest.mutable_use()->set_none_declared(true);
         a.manifest.mutable_license()->set_spdx_expression("LicenseRef-hf-gemma");
       },
       "use-mismatch",
       "use restrictions: none are said to be, but LicenseRef-hf-gemma forbids some uses",
       "list them in release.toml, or take the statement out"},
      {[](auto& a) {
         a.manifest.mutable_use()->set_none_declared(true);
         a.manifest.mutable_use()->add_items();
       },
       "use-mismatch", "use restrictions: none are said to be, but the manifest lists some",
       "list them in release.toml, or take the statement out"},
      {[](auto& a) {
         a.facts.card = CardFacts{"mit", "", {}, {}};
       },
       "card-mismatch",
       "card contradicts manifest: the card names the licence \"mit\", the manifest Apache-2.0",
       "make the front matter of the model card and release.toml say the same"},
      {[](auto& a) {
         a.facts.card = CardFacts{"", "", {"meta/llama"}, {}};
       },
       "card-mismatch",
       "card contradicts manifest: the card names the base model \"meta/llama\", which "
       "derived_from does not",
       "make the front matter of the model card and release.toml say the same"},
      {[](auto& a) {
         a.facts.card = CardFacts{"", "", {}, {"acme/corpus"}};
         a.manifest.mutable_data()->add_datasets()->set_name("another");
       },
       "card-mismatch",
       "card contradicts manifest: the card names the dataset \"acme/corpus\", which the data "
       "information does not",
       "make the front matter of the model card and release.toml say the same"},
      {[](auto& a) {
         a.facts.tensor_parameters = 7'241'732'096;
         a.manifest.mutable_architecture()->set_parameters_total(70'000'000'000);
       },
       "parameter-count",
       "parameter count: the manifest says 70000000000, the tensors of the weight files have "
       "7241732096",
       "set parameters_total to 7241732096 in release.toml"},
      {[](auto& a) {
         a.manifest.mutable_architecture()->set_parameters_total(10);
         a.manifest.mutable_architecture()->set_parameters_active(11);
       },
       "parameter-count", "parameter count: 11 are active of 10 in total",
       "correct parameters_active in release.toml"},
      {[](auto& a) { a.manifest.add_derived_from()->set_relation(v1::RELATION_QUANTIZED); },
       "lineage", "derived_from[0]: does not say of which model",
       "give a name, a package URL such as pkg:huggingface/acme/atlas, or a release"},
      {[](auto& a) {
         derive(a, v1::RELATION_QUANTIZED, "MIT");
         a.facts.parent_licenses = {"Apache-2.0"};
       },
       "lineage",
       "derived_from[0]: says that meta/llama is under MIT, but its own manifest says Apache-2.0",
       "correct the licence in release.toml"},
      {[](auto& a) { derive(a, v1::RELATION_FINETUNE, "LicenseRef-hf-llama3.1"); },
       "terms-not-passed-through",
       "derived_from[0]: the terms of meta/llama are not kept: LicenseRef-hf-llama3.1 must be "
       "passed on with its field of use, user threshold, naming rule, which neither Apache-2.0 nor "
       "the use restrictions state",
       "choose a licence that carries them on, or state the restrictions in release.toml"},
      {[](auto& a) {
         a.manifest.mutable_code()->mutable_training()->set_availability(
             v1::AVAILABILITY_NOT_PROVIDED);
         auto& component = *a.manifest.add_components();
         component.set_kind(v1::COMPONENT_KIND_TRAINING_CODE);
         component.set_availability(v1::AVAILABILITY_GATED);
       },
       "component-mismatch",
       "component \"training code\": is said to be gated, and elsewhere in the manifest not "
       "provided",
       "say it once in release.toml"},
      {[](auto& a) { a.facts.stated_label = "OM-OW"; }, "label-mismatch",
       "label: \"OM-OW\" is stated, but what the release has makes none",
       "owrd label --why says what is lacking; a label is computed and need not be stated"},
  };
  for (const auto& [change, name, message, hint] : cases) {
    SCOPED_TRACE(message);
    Attempt attempt;
    change(attempt);

    const auto refusals = find_refusals(attempt.manifest, attempt.facts);
    const auto checked = check_publication(attempt.manifest, attempt.facts);

    ASSERT_EQ(refusals.size(), 1U);
    EXPECT_EQ(refusals[0].name, name);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, ErrorCode::InvalidInput);
    EXPECT_EQ(checked.error().message, message);
    EXPECT_EQ(checked.error().hint, hint);
  }
}

TEST(PublicationRules, SayAllThatIsWrongAtOnce) {
  Attempt attempt;
  make_all(attempt.manifest, v1::FILE_ROLE_OTHER);
  attempt.manifest.mutable_license()->set_spdx_expression("LicenseRef-hf-proprietary");
  attempt.facts.stated_label = "OM";

  const auto refusals = find_refusals(attempt.manifest, attempt.facts);

  ASSERT_EQ(refusals.size(), 3U);
  EXPECT_EQ(refusals[0].name, "no-weights");
  EXPECT_EQ(refusals[1].name, "proprietary");
  EXPECT_EQ(refusals[2].name, "label-mismatch");
}

TEST(PublicationRules, TakeARoundedNumberOfParameters) {
  Attempt attempt;
  attempt.facts.tensor_parameters = 7'241'732'096;
  for (const auto said : {7'000'000'000ULL, 7'241'732'096ULL, 7'500'000'000ULL}) {
    attempt.manifest.mutable_architecture()->set_parameters_total(said);
    EXPECT_TRUE(check_publication(attempt.manifest, attempt.facts)) << said;
  }
}

TEST(PublicationRules, TakeACardThatSaysTheSameInItsOwnWords) {
  const struct {
    CardFacts card;
    std::string license;
  } cases[] = {
      {{"apache-2.0", "", {}, {}}, "Apache-2.0"},
      {{"llama3.1", "", {}, {}}, "LicenseRef-hf-llama3.1"},
      {{"openrail++", "", {}, {}}, "LicenseRef-hf-openrail-pp"},
      {{"other", "mrl", {}, {}}, "LicenseRef-hf-mrl"},
      {{"other", "", {}, {}}, "LicenseRef-acme"},
      {{"unknown", "", {}, {}}, "MIT"},
      {{"bsd", "", {}, {}}, "BSD-3-Clause"},
      {{"gpl-3.0", "", {}, {}}, "GPL-3.0-only"},
      {{"mit", "", {}, {}}, "MIT AND Apache-2.0"},
      {{"", "", {}, {"acme/corpus"}}, "MIT"},
  };
  for (const auto& [card, license] : cases) {
    Attempt attempt;
    attempt.manifest.mutable_license()->set_spdx_expression(license);
    attempt.facts.card = card;
    EXPECT_TRUE(check_publication(attempt.manifest, attempt.facts)) << license;
  }
}

TEST(PublicationRules, FindTheBaseModelOfACardInAPackageUrl) {
  Attempt attempt;
  attempt.manifest.add_derived_from()->set_purl("pkg:huggingface/Meta/Llama@0123");
  attempt.facts.card = CardFacts{"", "", {"meta/llama"}, {}};
  EXPECT_TRUE(check_publication(attempt.manifest, attempt.facts));
}

TEST(Inheritance, FollowsTheTermsOfTheParent) {
  const struct {
    const char* parent;
    v1::Relation relation;
    const char* own;
    bool is_fine;
  } cases[] = {
      {"MIT", v1::RELATION_FINETUNE, "LicenseRef-acme", true},
      {"Apache-2.0", v1::RELATION_MERGE, "CC-BY-NC-4.0", true},
      {"CC-BY-NC-4.0", v1::RELATION_FINETUNE, "MIT", false},
      {"CC-BY-NC-4.0", v1::RELATION_FINETUNE, "CC-BY-NC-4.0", true},
      {"CC-BY-NC-SA-4.0", v1::RELATION_ADAPTER, "CC-BY-NC-SA-4.0", true},
      {"CC-BY-ND-4.0", v1::RELATION_QUANTIZED, "CC-BY-ND-4.0", false},
      {"CC-BY-ND-4.0", v1::RELATION_CONVERTED, "CC-BY-ND-4.0", true},
      {"CC-BY-SA-4.0", v1::RELATION_FINETUNE, "MIT", false},
      {"CC-BY-SA-4.0", v1::RELATION_FINETUNE, "GPL-3.0-only", true},
      {"GPL-3.0-only", v1::RELATION_FINETUNE, "Apache-2.0", false},
      {"LicenseRef-hf-llama3.1", v1::RELATION_QUANTIZED, "LicenseRef-hf-llama3.1", true},
      {"LicenseRef-hf-llama3.1", v1::RELATION_QUANTIZED, "MIT", false},
      {"LicenseRef-hf-gemma", v1::RELATION_FINETUNE, "LicenseRef-hf-llama3.1", true},
      {"LicenseRef-hf-openrail", v1::RELATION_FINETUNE, "MIT", false},
      {"LicenseRef-hf-mrl", v1::RELATION_FINETUNE, "LicenseRef-hf-mrl", true},
      {"LicenseRef-hf-mrl", v1::RELATION_FINETUNE, "LicenseRef-hf-openrail", false},
      {"LicenseRef-hf-proprietary", v1::RELATION_CONVERTED, "MIT", false},
      {"LicenseRef-unknown", v1::RELATION_FINETUNE, "MIT", true},
  };
  for (const auto& [parent, relation, own, is_fine] : cases) {
    v1::License license;
    license.set_spdx_expression(own);
    EXPECT_EQ(!find_inheritance_fault(parent, relation, license, {}), is_fine)
        << parent << " -> " << own;
  }
}

// RAIL terms may be rewritten as long as the restrictions stay.
TEST(Inheritance, CountsRestrictionsThatTheManifestStates) {
  v1::License license;
  license.set_spdx_expression("LicenseRef-acme");
  v1::UseRestrictions use;
  EXPECT_TRUE(find_inheritance_fault("openrail", v1::RELATION_FINETUNE, license, use));
  use.add_items()->set_kind(v1::RESTRICTION_KIND_FIELD_OF_USE);
  EXPECT_FALSE(find_inheritance_fault("openrail", v1::RELATION_FINETUNE, license, use));
}

TEST(Promotion, GoesForwardOnly) {
  const v1::Stage stages[] = {v1::STAGE_DRAFT, v1::STAGE_PRE_RELEASE, v1::STAGE_STAGED,
                              v1::STAGE_PUBLIC, v1::STAGE_DEPRECATED};
  for (int from = 0; from < 5; ++from)
    for (int to = 0; to < 5; ++to)
      EXPECT_EQ(static_cast<bool>(check_promotion(stages[from], stages[to])), to > from);
  EXPECT_EQ(check_promotion(v1::STAGE_UNSPECIFIED, v1::STAGE_STAGED).error().message,
            "stage: a release that is public cannot become staged");
}

}  // namespace
}  // namespace owrd::release
