#include "daemon/card/snapshot.h"

#include <gtest/gtest.h>

#include "daemon/card/release_toml.h"
#include "daemon/release/description.h"
#include "tests/card/made_snapshot.h"

namespace owrd::card {
namespace {

using testing::gguf_of;
using testing::inventory_of;
using testing::MadeSnapshot;
using weights::Format;

using Texts = std::vector<std::string>;

const std::string kMit =
    "MIT License\n\nCopyright (c) 2026 Ada\n\nPermission is hereby granted, free of charge, to any "
    "person obtaining a copy of this software, subject to the following conditions: The above "
    "copyright notice and this permission notice shall be included in all copies.\n";
const std::string kCommit = "0123456789abcdef0123456789abcdef01234567";

std::string said(const MadeSnapshot& snapshot) { return suggest(snapshot).said.ShortDebugString(); }

TEST(Suggested, IsNothingForAFolderThatSaysNothing) {
  const auto suggested = suggest(MadeSnapshot({{"notes.txt", "hello"}, {"README.md", "# Atlas"}}));

  EXPECT_EQ(suggested.said.ByteSizeLong(), 0U);
  EXPECT_TRUE(suggested.found.empty());
  EXPECT_TRUE(suggested.contradictions.empty());
  EXPECT_TRUE(suggested.passed_over.empty());
}

TEST(Suggested, IsWhatTheCardSays) {
  const MadeSnapshot snapshot({{"README.md", R"(---
license: apache-2.0
base_model: acme/base
base_model_relation: finetune
datasets: [acme/questions, wikipedia]
language: [en, pt-BR, code, multilingual]
library_name: transformers
pipeline_tag: text-generation
tags: [chat, text-generation]
---
)"}});

  EXPECT_EQ(said(snapshot),
            R"(license { spdx_expression: "Apache-2.0" } languages: "en" languages: "pt-BR" )"
            R"(tags: "text-generation" tags: "chat" )"
            R"(derived_from { relation: RELATION_FINETUNE purl: "pkg:huggingface/acme/base" )"
            R"(name: "acme/base" } )"
            R"(data { datasets { name: "acme/questions" )"
            R"(url: "https://huggingface.co/datasets/acme/questions" } )"
            R"(datasets { name: "wikipedia" } } inference { runtimes { name: "transformers" } })");
  const auto suggested = suggest(snapshot);
  EXPECT_EQ(suggested.card->license, "apache-2.0");
  EXPECT_EQ(suggested.passed_over, (Texts{"README.md: \"code\" is no BCP 47 language",
                                          "README.md: \"multilingual\" is no BCP 47 language"}));
}

TEST(Suggested, NamesWhatWasFoundWhere) {
  MadeSnapshot snapshot(
      {{"README.md", "---\nlicense: mit\n---\n"}, {"config.json", R"({"model_type": "llama"})"}});
  snapshot.with("model.safetensors", inventory_of(Format::Safetensors, 7));

  EXPECT_EQ(suggest(snapshot).found,
            (Texts{"license: from README.md", "architecture: from config.json",
                   "architecture.parameters_total: counted in model.safetensors"}));
}

TEST(Suggested, SaysThatACardCannotBeRead) {
  const auto suggested = suggest(MadeSnapshot({{"README.md", "---\n[\n---\n"}}));

  EXPECT_FALSE(suggested.card);
  ASSERT_EQ(suggested.passed_over.size(), 1U);
  EXPECT_TRUE(suggested.passed_over[0].starts_with("README.md: the front matter"));
}

TEST(Suggested, HasModelAndUpstreamByTheCache) {
  MadeSnapshot snapshot({{"config.json", R"({"_name_or_path": "acme/other"})"}});
  snapshot.at("/cache/models--acme--atlas-7b/snapshots/" + kCommit);

  EXPECT_EQ(said(snapshot),
            "model: \"atlas-7b\" upstream: \"pkg:huggingface/acme/atlas-7b@" + kCommit + "\"");
}

TEST(Suggested, HasModelAndUpstreamByTheClone) {
  const std::string config =
      "[core]\n\tbare = false\n[remote \"origin\"]\n\turl = "
      "https://ada:secret@huggingface.co/acme/atlas\n";
  const std::map<std::string, std::string> heads[] = {
      {{".git/HEAD", kCommit + "\n"}},
      {{".git/HEAD", "ref: refs/heads/main\n"}, {".git/refs/heads/main", kCommit + "\n"}},
      {{".git/HEAD", "ref: refs/heads/main\n"},
       {".git/packed-refs", "# pack-refs\n" + std::string(40, '9') + " refs/heads/maint\n" +
                                kCommit + " refs/heads/main\n"}}};
  for (const auto& texts : heads) {
    MadeSnapshot snapshot({{".git/config", config}});
    for (const auto& [path, text] : texts) snapshot.with_text(path, text);
    EXPECT_EQ(said(snapshot),
              "model: \"atlas\" upstream: \"pkg:huggingface/acme/atlas@" + kCommit + "\"");
  }
}

TEST(Suggested, HasNoUpstreamWhereTheCommitIsNotKnown) {
  const std::string config = "[remote \"origin\"]\nurl = https://hf.co/acme/atlas\n";

  EXPECT_EQ(said(MadeSnapshot({{".git/config", config}})), "");
  EXPECT_EQ(said(MadeSnapshot({{".git/config", config},
                               {".git/HEAD", "ref: ../../secret\n"},
                               {".git/../../secret", kCommit}})),
            "");
  EXPECT_EQ(said(MadeSnapshot({{".git/config", "[remote \"fork\"]\nurl = https://hf.co/a/b\n"},
                               {".git/HEAD", kCommit}})),
            "");
}

TEST(Suggested, TakesTheNameOfTheConfigurationUnlessItIsTheBase) {
  const std::string config = R"({"_name_or_path": "acme/atlas"})";

  EXPECT_EQ(said(MadeSnapshot({{"config.json", config}})), "model: \"atlas\"");
  EXPECT_EQ(suggest(MadeSnapshot({{"config.json", config},
                                  {"README.md", "---\nbase_model: acme/atlas\n---\n"}}))
                .said.model(),
            "");
  EXPECT_EQ(said(MadeSnapshot({{"config.json", R"({"_name_or_path": "/home/ada/atlas"})"}})), "");
}

TEST(Suggested, HasTheTextOfTheLicence) {
  EXPECT_EQ(said(MadeSnapshot({{"LICENSE", kMit}})),
            R"(license { spdx_expression: "MIT" text_path: "LICENSE" })");
  EXPECT_EQ(said(MadeSnapshot({{"LICENSE", kMit},
                               {"own.md", "Own terms"},
                               {"README.md",
                                "---\nlicense: other\nlicense_name: own-1.0\n"
                                "license_link: own.md\n---\n"}})),
            R"(license { spdx_expression: "LicenseRef-own-1.0" text_path: "own.md" )"
            R"(name: "own-1.0" })");
}

TEST(Suggested, TellsWhenTheLicencesDiffer) {
  const auto suggested =
      suggest(MadeSnapshot({{"LICENSE", kMit}, {"README.md", "---\nlicense: apache-2.0\n---\n"}}));
  const auto two = suggest(MadeSnapshot({{"LICENSE", "x"}, {"LICENSE.md", "x"}}));

  EXPECT_EQ(suggested.contradictions,
            Texts{"license: Apache-2.0 by README.md, MIT by the text of LICENSE"});
  EXPECT_EQ(two.contradictions, Texts{"license: its text may be \"LICENSE\" or \"LICENSE.md\""});
  EXPECT_FALSE(two.said.has_license());
}

TEST(Suggested, PassesOverALicenceThatIsNotKnown) {
  const auto suggested = suggest(MadeSnapshot({{"README.md", "---\nlicense: cc\n---\n"}}));

  EXPECT_FALSE(suggested.said.has_license());
  EXPECT_EQ(suggested.passed_over,
            Texts{"README.md: the license \"cc\" has no SPDX id that is known"});
}

TEST(Suggested, TellsWhereTheWeightsContradictTheConfiguration) {
  MadeSnapshot snapshot({{"config.json", R"({"model_type": "llama", "num_hidden_layers": 32})"}});
  snapshot.with("a.Q4_K_M.gguf", gguf_of(100, "15", "28"));

  const auto suggested = suggest(snapshot);

  EXPECT_EQ(suggested.contradictions,
            Texts{"architecture.layers: 32 by config.json, 28 by a.Q4_K_M.gguf"});
  EXPECT_EQ(suggested.said.ShortDebugString(),
            R"(architecture { family: "llama" tokenizer: "gpt2" parameters_total: 100 layers: 32 )"
            R"(hidden_size: 4096 attention_heads: 32 kv_heads: 8 vocabulary: 32000 )"
            R"(context_length: 8192 } )"
            R"(quantizations { tag: "Q4_K_M" paths: "a.Q4_K_M.gguf" })");
}

TEST(Suggested, NamesNoQuantizationThatIsNone) {
  MadeSnapshot snapshot;
  for (const std::string type : {"0", "1", "32", "999", "x"})
    snapshot.with("a" + type + ".gguf", gguf_of(100, type));

  EXPECT_EQ(suggest(snapshot).said.quantizations_size(), 0);
}

TEST(Suggested, HasTheQuantizationOfTheConfiguration) {
  MadeSnapshot snapshot(
      {{"config.json", R"({"quantization_config": {"quant_method": "gptq", "bits": 4}})"}});
  snapshot.with("model.safetensors", inventory_of(Format::Safetensors, 9, "I32"));

  const auto suggested = suggest(snapshot);

  EXPECT_EQ(suggested.said.ShortDebugString(),
            R"(quantizations { scheme: "gptq" bits: "4" paths: "model.safetensors" })");
  EXPECT_EQ(suggested.passed_over,
            Texts{"parameters: model.safetensors has several weights in one element"});
}

TEST(Suggested, SaysThatCodeMustRun) {
  const MadeSnapshot snapshot(
      {{"config.json", R"({"auto_map": {"AutoModel": "modeling_atlas.Atlas",
                                        "AutoConfig": "acme/other--configuration_atlas.Config"}})"},
       {"tokenizer_config.json",
        R"({"tokenizer_class": "AtlasTokenizer", "auto_map": {"AutoTokenizer": ["tok.T", null]}})"},
       {"modeling_atlas.py", ""}});

  const auto suggested = suggest(snapshot);

  EXPECT_EQ(suggested.said.ShortDebugString(),
            R"(code { inference { availability: AVAILABILITY_IN_RELEASE )"
            R"(paths: "modeling_atlas.py" } remote_code_required: true } )"
            R"(architecture { tokenizer: "AtlasTokenizer" })");
  EXPECT_EQ(suggested.contradictions, Texts{"auto_map: \"tok.py\" is not there"});
  EXPECT_EQ(suggested.passed_over,
            Texts{"auto_map: \"acme/other--configuration_atlas.Config\" is code of another "
                  "repository"});
}

TEST(Suggested, KnowsTheModelThatAnAdapterIsFor) {
  const std::string adapter = R"({"peft_type": "LORA", "base_model_name_or_path": "acme/base"})";

  EXPECT_EQ(said(MadeSnapshot({{"adapter_config.json", adapter}})),
            R"(derived_from { relation: RELATION_ADAPTER purl: "pkg:huggingface/acme/base" )"
            R"(name: "acme/base" })");
  EXPECT_EQ(said(MadeSnapshot({{"adapter_config.json", adapter},
                               {"README.md", "---\nbase_model: acme/base\n---\n"}})),
            R"(derived_from { relation: RELATION_ADAPTER purl: "pkg:huggingface/acme/base" )"
            R"(name: "acme/base" })");
}

TEST(Suggested, HasTheBenchmarksOfCardAndResultFiles) {
  const auto suggested = suggest(
      MadeSnapshot({{"README.md", R"(---
model-index:
- name: acme/atlas
  results:
  - dataset: {type: cais/mmlu, name: MMLU}
    metrics: [{type: acc, value: 0.7130}]
    source: {url: "javascript:alert"}
---
)"},
                    {".eval_results/hle.yaml", "- dataset: {id: cais/hle}\n  value: 20.90\n"},
                    {".eval_results/bad.yaml", "x"}}));

  EXPECT_EQ(suggested.said.ShortDebugString(),
            R"(model: "atlas" benchmarks { dataset: "cais/mmlu" metric: "acc" value: "0.7130" } )"
            R"(benchmarks { dataset: "cais/hle" value: "20.90" })");
  EXPECT_EQ(suggested.passed_over, Texts{".eval_results/bad.yaml: no list of results"});
}

TEST(Suggested, HasTheChatTemplate) {
  EXPECT_EQ(said(MadeSnapshot({{"chat_template.jinja", "{{ x }}"}})),
            R"(inference { chat_template_path: "chat_template.jinja" })");
}

TEST(Suggested, KeepsTheRulesOfDescriptions) {
  const std::string cell(2000, 'x');
  auto suggested =
      suggest(MadeSnapshot({{"README.md", "---\ntags: [" + cell + ", a]\nlibrary_name: " + cell +
                                              "\nlicense_link: no url\n---\n"},
                            {"config.json", "{\"model_type\": \"" + cell + "\"}"}}));

  const auto checked = release::check_description(suggested.said);
  EXPECT_TRUE(checked) << checked.error().message;
  EXPECT_EQ(suggested.said.ShortDebugString(), "tags: \"a\"");
}

TEST(Suggested, WritesAsAFileThatReadsBack) {
  MadeSnapshot snapshot({{"README.md", "---\nlicense: mit\nbase_model: [a/b, c/d]\n---\n"}});
  snapshot.with("a.gguf", gguf_of(7'241'732'096));
  const auto suggested = suggest(snapshot);

  const auto file = parse_release_toml(write_release_toml({suggested.said}, suggested.found));

  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->said.SerializeAsString(), suggested.said.SerializeAsString());
}

}  // namespace
}  // namespace owrd::card
