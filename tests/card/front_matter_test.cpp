#include "daemon/card/front_matter.h"

#include <gtest/gtest.h>

namespace owrd::card {
namespace {

using Texts = std::vector<std::string>;

std::string card_of(const std::string& yaml) { return "---\n" + yaml + "\n---\n# Atlas\n"; }

FrontMatter parsed(const std::string& yaml) {
  const auto front_matter = parse_front_matter(card_of(yaml));
  EXPECT_TRUE(front_matter) << front_matter.error().message;
  return front_matter ? *front_matter : FrontMatter{};
}

std::string refusal(const std::string& yaml) {
  const auto front_matter = parse_front_matter(card_of(yaml));
  return front_matter ? "" : front_matter.error().message;
}

const std::string kUnreadable = "README.md: the front matter could not be read: ";

TEST(FrontMatter, ReadsWhatACardSays) {
  const auto card = parsed(R"(license: other
license_name: atlas-license
license_link: LICENSE
base_model:
- acme/atlas-base
- acme/other
base_model_relation: merge
datasets: acme/questions
language: [en, no]
library_name: transformers
pipeline_tag: text-generation
tags: [chat, 7b]
metrics:
- accuracy
inference: false
extra: {deep: [1, 2]})");

  EXPECT_EQ(card.license, "other");
  EXPECT_EQ(card.license_name, "atlas-license");
  EXPECT_EQ(card.license_link, "LICENSE");
  EXPECT_EQ(card.base_models, (Texts{"acme/atlas-base", "acme/other"}));
  EXPECT_EQ(card.base_model_relation, "merge");
  EXPECT_EQ(card.datasets, Texts{"acme/questions"});
  EXPECT_EQ(card.languages, (Texts{"en", "no"}));
  EXPECT_EQ(card.runtime_library, "transformers");
  EXPECT_EQ(card.pipeline_tag, "text-generation");
  EXPECT_EQ(card.tags, (Texts{"chat", "7b"}));
  EXPECT_EQ(card.metrics, Texts{"accuracy"});
  EXPECT_TRUE(card.evaluation.benchmarks.empty());
}

TEST(FrontMatter, IsFoundWhateverComesBeforeItAndWhateverItsLineEnds) {
  for (const std::string card :
       {"---\nlicense: mit\n---\n", "\xEF\xBB\xBF---\nlicense: mit\n---\n",
        "---\r\nlicense: mit\r\n---\r\n# x\r\n", "---\rlicense: mit\r---\r",
        "\n \n---\nlicense: mit\n---", "  ---\nlicense: mit\n---  \t\n",
        "---\nlicense: mit\n---\n---\nlicense: other\n---\n"}) {
    const auto front_matter = parse_front_matter(card);
    ASSERT_TRUE(front_matter) << front_matter.error().message;
    EXPECT_EQ(front_matter->license, "mit") << card;
  }
}

TEST(FrontMatter, MayBeAbsentOrEmpty) {
  for (const std::string card :
       {"", "# Atlas\n", "---\nlicense: mit\n", "----\nlicense: mit\n---\n",
        "text\n---\nlicense: mit\n---\n", "---\n---\n", "---\n\n---\n",
        "---\n# only a comment\n---\n", "---\nlicense:\n---\n"}) {
    const auto front_matter = parse_front_matter(card);
    ASSERT_TRUE(front_matter) << card << front_matter.error().message;
    EXPECT_EQ(front_matter->license, "") << card;
  }
  EXPECT_FALSE(find_front_matter("# Atlas\n"));
  EXPECT_EQ(find_front_matter("\n---\na: 1\nb: 2\n---\n")->yaml, "a: 1\nb: 2\n");
  EXPECT_EQ(find_front_matter("\n---\na: 1\n---\n")->first_line, 3U);
}

TEST(FrontMatter, NamesTheLineAtFault) {
  const std::pair<std::string, std::string> cases[] = {
      {"license: mit\ntags: [a", kUnreadable + "line 4: end of sequence flow not found"},
      {"[]", kUnreadable + "it has no keys"},
      {"just text", kUnreadable + "it has no keys"},
      {"license: mit\nlicense: mit", kUnreadable + "line 3: \"license\" is there twice"},
      {"[a]: 1", kUnreadable + "line 2: has a key that is no text"},
      {"tags: !!python/object:os.system x",
       kUnreadable + "line 2: has the tag \"tag:yaml.org,2002:python/object:os.system\", which is "
                     "not read"},
      {"tags: !own x", kUnreadable + "line 2: has the tag \"!own\", which is not read"},
      {"a: &a [x]\nb: *a", kUnreadable + "line 3: has an alias (*), which is not read"},
      {"license: mit\n--- more",
       kUnreadable + "line 2: has a second document (---), which is not read"},
      {"license: \x01", kUnreadable + "line 2: has a control character"},
      {"license: \xff", kUnreadable + "line 2: not valid UTF-8"},
      {"license: [mit, apache-2.0]", "README.md:2: license in the front matter must be a text"},
      {"x: 1\nbase_model: {a: b}",
       "README.md:3: base_model in the front matter must be a text or a list of texts"},
      {"tags:\n- a\n- [b]", "README.md:4: tags in the front matter must be a list of texts"}};
  for (const auto& [yaml, message] : cases) EXPECT_EQ(refusal(yaml), message) << yaml;
}

TEST(FrontMatter, HasLimits) {
  EXPECT_EQ(refusal("a: " + std::string(100, '[') + std::string(100, ']')),
            kUnreadable + "line 2: is nested more than 32 deep");
  EXPECT_EQ(refusal(std::string(1 << 20, ' ') + "a: b"),
            kUnreadable + "line 2: longer than 1048576 bytes");
  std::string many = "a:\n";
  for (int i = 0; i < 200'000; ++i) many += "- \n";
  EXPECT_EQ(refusal(many), kUnreadable + "line 200002: has more than 200000 values");
  EXPECT_FALSE(parse_front_matter(std::string(kCardLimitBytes + 1, ' ')));
}

TEST(FrontMatter, GivesTheFactsThatPublicationAsksFor) {
  const auto facts = card_facts(
      parsed("license: other\nlicense_name: own\nbase_model: acme/base\ndatasets: [acme/q]"));

  EXPECT_EQ(facts.license, "other");
  EXPECT_EQ(facts.license_name, "own");
  EXPECT_EQ(facts.base_models, Texts{"acme/base"});
  EXPECT_EQ(facts.datasets, Texts{"acme/q"});
}

constexpr const char* kModelIndex = R"(model-index:
- name: atlas
  results:
  - task:
      type: text-generation
    dataset:
      type: cais/mmlu
      name: MMLU
      config: all
      split: test
      revision: 0123456
    metrics:
    - type: accuracy
      value: 0.7130
    - type: f1
      value: "71"
    source:
      name: Leaderboard
      url: https://example.org/board)";

TEST(FrontMatter, KeepsTheValuesOfItsModelIndexAsTheyAreWritten) {
  const auto evaluation = parsed(kModelIndex).evaluation;

  EXPECT_EQ(evaluation.model_name, "atlas");
  EXPECT_TRUE(evaluation.warnings.empty());
  ASSERT_EQ(evaluation.benchmarks.size(), 2U);
  EXPECT_EQ(evaluation.benchmarks[0].ShortDebugString(),
            R"(task: "text-generation" dataset: "cais/mmlu" config: "all" split: "test" )"
            R"(revision: "0123456" metric: "accuracy" value: "0.7130" )"
            R"(source_url: "https://example.org/board")");
  EXPECT_EQ(evaluation.benchmarks[1].value(), "71");
}

TEST(FrontMatter, PassesOverResultsThatCannotBeRead) {
  const auto evaluation = parsed(R"(model-index:
- name: atlas
  results:
  - task: {type: x}
    metrics: [{type: acc, value: 0.9}]
  - dataset: {name: A, type: a}
    metrics: [{type: acc, value: 71 %}, {type: acc}, {type: acc, value: 1}]
  - dataset: {name: A}
- name: other)")
                              .evaluation;

  EXPECT_EQ(evaluation.benchmarks.size(), 1U);
  EXPECT_EQ(evaluation.warnings,
            (Texts{"README.md:6: the result names no dataset",
                   "README.md:8: the value \"71 %\" is no decimal number",
                   "README.md:8: the result has no value", "README.md:9: the result has no metrics",
                   "README.md:10: the model has no results"}));
  EXPECT_EQ(parsed("model-index: x").evaluation.warnings,
            Texts{"README.md:2: model-index is no list"});
}

TEST(EvalResults, AreReadFromTheirFile) {
  const auto results = parse_eval_results(R"(- dataset:
    id: cais/hle
    task_id: default
    config: text
    revision: 0123456
  value: 20.90
  date: "2025-01-15"
  source:
    url: https://example.org/logs
  notes: no tools
  verifyToken: abc
- dataset: {id: Idavidrein/gpqa}
  value: 0.412
- dataset: {id: x}
  value: null
)",
                                          ".eval_results/hle.yaml");

  ASSERT_TRUE(results) << results.error().message;
  ASSERT_EQ(results->benchmarks.size(), 2U);
  EXPECT_EQ(results->benchmarks[0].ShortDebugString(),
            R"(task: "default" dataset: "cais/hle" config: "text" revision: "0123456" )"
            R"(value: "20.90" source_url: "https://example.org/logs" notes: "no tools" )"
            R"(measured: 1736899200)");
  EXPECT_EQ(results->benchmarks[1].value(), "0.412");
  EXPECT_EQ(results->warnings, Texts{".eval_results/hle.yaml:14: the result has no value"});
}

TEST(EvalResults, AreRefusedWhenTheyAreNoList) {
  EXPECT_EQ(parse_eval_results("a: 1", "x.yaml").error().message, "x.yaml: no list of results");
  EXPECT_TRUE(parse_eval_results("- [", "x.yaml").error().message.starts_with("x.yaml: line "));
}

}  // namespace
}  // namespace owrd::card
