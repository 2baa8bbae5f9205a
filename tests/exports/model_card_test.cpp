#include "daemon/exports/model_card.h"

#include <gtest/gtest.h>

#include "daemon/exports/names.h"
#include "tests/exports/rich_release.h"

namespace owrd::exports {
namespace {

std::string card_of(const release::Manifest& manifest) {
  const auto exported = model_card(manifest, testing::rich_origin());
  EXPECT_EQ(exported.suggested_name, "README.md");
  return std::string(as_text(exported.bytes));
}

TEST(ModelCard, BeginsWithTheHubsMetadata) {
  const auto card = card_of(testing::rich_manifest());

  const std::string front =
      "---\n"
      "license: \"apache-2.0\"\n"
      "language:\n"
      "  - \"en\"\n"
      "  - \"no\"\n"
      "base_model:\n"
      "  - \"acme/base-7b\"\n"
      "base_model_relation: \"finetune\"\n"
      "datasets:\n"
      "  - \"acme/pages\"\n"
      "tags:\n"
      "  - \"geography\"\n"
      "  - \"yes\"\n"
      "metrics:\n"
      "  - \"accuracy\"\n"
      "  - \"exact match\"\n"
      "model-index:\n"
      "  - name: \"Atlas: \\\"7B\\\" #1\"\n"
      "    results:\n"
      "      - task:\n"
      "          type: \"text-generation\"\n"
      "        dataset:\n"
      "          type: \"cais/mmlu\"\n"
      "          name: \"cais/mmlu\"\n"
      "          config: \"all\"\n"
      "          split: \"test\"\n"
      "          revision: \"0123456789abcdef0123456789abcdef01234567\"\n"
      "        metrics:\n"
      "          - type: \"accuracy\"\n"
      "            value: 0.713\n"
      "        source:\n"
      "          name: \"lm-eval\"\n"
      "          url: \"https://acme.example/results\"\n";
  EXPECT_EQ(card.substr(0, front.size()), front);
}

TEST(ModelCard, NamesTermsThatTheHubDoesNotKnow) {
  auto message = testing::rich_message();
  message.mutable_license()->set_spdx_expression("LicenseRef-acme");
  message.mutable_license()->set_name("Acme terms");
  const auto manifest = release::make_manifest(message);
  ASSERT_TRUE(manifest) << manifest.error().message;

  EXPECT_TRUE(
      card_of(*manifest).starts_with("---\nlicense: \"other\"\n"
                                     "license_name: \"Acme terms\"\n"
                                     "license_link: \"LICENSE\"\n"));
}

TEST(ModelCard, SaysWhatThePublisherSays) {
  const auto manifest = testing::rich_manifest();
  const auto card = card_of(manifest);

  for (const auto* part :
       {"# Atlas: \"7B\" #1\n", "## Intended uses\n\n- Questions about places.\n",
        "## Limitations\n\n- Knows &lt;nothing> of streets.\n  Nor of houses.\n",
        "## Made of\n\n- finetune of acme/base-7b (Apache-2.0)\n",
        "| text-generation | cais/mmlu | accuracy | 0.713 | 5 | lm-eval 0.4.5 | greedy \\| no "
        "system "
        "prompt |\n",
        "- **supervised fine-tuning**: AdamW\n  - learning rate = 2e-5\n",
        "## Changes\n\n- Knows more *rivers*.\n", "```bibtex\n@misc{"})
    EXPECT_NE(card.find(part), card.npos) << part;
  EXPECT_NE(card.find("- **Release**: " + release_id_text(manifest) + "\n"), card.npos);
}

TEST(ModelCard, LeavesOutWhatIsNotSaid) {
  const auto card = card_of(testing::bare_manifest());

  EXPECT_TRUE(card.starts_with("---\nlicense: \"apache-2.0\"\n---\n\n# atlas\n\n"));
  for (const auto* heading : {"## Limitations", "## Training", "## Evaluation", "## Made of"})
    EXPECT_EQ(card.find(heading), card.npos) << heading;
  EXPECT_EQ(card.find("\n\n\n"), card.npos);
}

}  // namespace
}  // namespace owrd::exports
