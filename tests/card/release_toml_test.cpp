#include "daemon/card/release_toml.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "daemon/core/bytes.h"

namespace owrd::card {
namespace {

std::string fields_of(std::string_view toml) {
  const auto file = parse_release_toml(toml);
  if (!file) return file.error().message + "; " + file.error().hint;
  std::string text;
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  printer.PrintToString(file->said, &text);
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

struct Case {
  std::string toml, expected;
};

TEST(ReleaseToml, ReadsEveryKindOfValue) {
  const Case cases[] = {
      {"", ""},
      {"model = \"atlas\"\nversion = \"1.0\"", R"(model: "atlas" version: "1.0")"},
      {"license = \"MIT\"", R"(license { spdx_expression: "MIT" })"},
      {"license.id = \"MIT\"", R"(license { spdx_expression: "MIT" })"},
      {"[license]\nspdx_expression = \"MIT\"", R"(license { spdx_expression: "MIT" })"},
      {"stage = \"pre-release\"", "stage: STAGE_PRE_RELEASE"},
      {"audiences = [\"any\", \"academic\"]",
       "audiences: AUDIENCE_ANY audiences: AUDIENCE_ACADEMIC"},
      {"languages = []", ""},
      {"[data]\navailability = \"in-release\"", "data { availability: AVAILABILITY_IN_RELEASE }"},
      {"use.items = [{kind = \"field-of-use\"}]",
       "use { items { kind: RESTRICTION_KIND_FIELD_OF_USE } }"},
      {"[[audits]]\nresult = \"not-run\"\n[[audits]]\nresult = \"warn\"",
       "audits { } audits { result: AUDIT_RESULT_WARN }"},
      {"[[derived_from]]\nrelation = \"finetune\"", "derived_from { relation: RELATION_FINETUNE }"},
      {"[architecture]\nparameters_total = 7_000_000\nlayers = 4294967295",
       "architecture { parameters_total: 7000000 layers: 4294967295 }"},
      {"architecture.parameters_total = \"18_446_744_073_709_551_615\"",
       "architecture { parameters_total: 18446744073709551615 }"},
      {"[[rollout]]\nopens = 1970-01-02", "rollout { opens: 86400 }"},
      {"[[rollout]]\nopens = 1970-01-02T01:00:00+01:00", "rollout { opens: 86400 }"},
      {"[[rollout]]\nopens = \"1970-01-02T00:00:01Z\"", "rollout { opens: 86401 }"},
      {"[code]\nremote_code_required = true", "code { remote_code_required: true }"},
      {"[[benchmarks]]\nvalue = \"0.7130\"", R"(benchmarks { value: "0.7130" })"},
      {"[[recipe.stages]]\nhyperparameters = {z = \"1\", a = \"3e-4\"}",
       R"(recipe { stages { hyperparameters { name: "z" value: "1" } )"
       R"(hyperparameters { name: "a" value: "3e-4" } } })"},
      {"[fine_tuning.suggested]\nb = \"1\"\na = \"2\"",
       R"(fine_tuning { suggested { name: "b" value: "1" } suggested { name: "a" value: "2" } })"},
      {"[[fine_tuning.suggested]]\nname = \"b\"\nvalue = \"1\"",
       R"(fine_tuning { suggested { name: "b" value: "1" } })"}};
  for (const auto& [toml, expected] : cases) EXPECT_EQ(fields_of(toml), expected) << toml;
}

TEST(ReleaseToml, ReadsDigestsWithAndWithoutTheirPrefix) {
  const std::string hex(64, 'a');
  for (const auto& text : {hex, "sha256:" + hex, "SHA256:" + std::string(64, 'A')}) {
    const auto file = parse_release_toml("supersedes = \"" + text + '"');
    ASSERT_TRUE(file) << text;
    EXPECT_EQ(to_hex(as_bytes(file->said.supersedes())), hex);
  }
}

TEST(ReleaseToml, ReadsWhatIsBesideTheManifest) {
  const auto file =
      parse_release_toml("stated_label = \"OM-OW\"\napi_endpoints = [\"https://a.example\"]");

  ASSERT_TRUE(file);
  EXPECT_EQ(file->stated_label, "OM-OW");
  EXPECT_EQ(file->api_endpoints, std::vector<std::string>{"https://a.example"});
  EXPECT_EQ(file->said.ByteSizeLong(), 0U);
}

TEST(ReleaseToml, NamesThePlaceAndTheKeyAtFault) {
  const Case cases[] = {
      {"modle = \"atlas\"", "release.toml:1:1: modle is not known; did you mean \"model\"?"},
      {"\n  [[benchmarks]]\n  metrik = \"x\"",
       "release.toml:3:3: benchmarks[0].metrik is not known; did you mean \"metric\"?"},
      {"[license]\nzzzzzz = 1",
       "release.toml:2:1: license.zzzzzz is not known; "
       "known are: id text_path name url acceptance_required grants"},
      {"[[benchmarks]]\n[[benchmarks]]\n[[benchmarks]]\nvalue = 0.713",
       "release.toml:4:9: benchmarks[2].value must be a string, not a float; "
       "put it in quotes: a number is kept as it is written"},
      {"[[benchmarks]]\nshots = 5",
       "release.toml:2:9: benchmarks[0].shots must be a string, not an integer; "
       "put it in quotes: a number is kept as it is written"},
      {"[recipe]\nstages = [{hyperparameters = {lr = 3e-4}}]",
       "release.toml:2:36: recipe.stages[0].hyperparameters.lr must be a string, not a float; "
       "put it in quotes: a number is kept as it is written"},
      {"[data]\ncutoff = 2026-03-01",
       "release.toml:2:10: data.cutoff must be a string, not a date or time; put it in quotes"},
      {"files = []", "release.toml:1:1: files is computed by owrd; take it out"},
      {"created = 2026-01-01", "release.toml:1:1: created is computed by owrd; take it out"},
      {"publisher_id = \"\"", "release.toml:1:1: publisher_id is computed by owrd; take it out"},
      {"required_features = []",
       "release.toml:1:1: required_features is computed by owrd; take it out"},
      {"trackers = []", "release.toml:1:1: trackers is set by owrd publish --tracker; take it out"},
      {"private_swarm = true",
       "release.toml:1:1: private_swarm is set by owrd publish --private; take it out"},
      {"stage = \"publik\"",
       "release.toml:1:9: stage must be \"unspecified\", \"draft\", \"pre-release\", \"staged\", "
       "\"public\" or \"deprecated\", not \"publik\"; did you mean \"public\"?"},
      {"license.grants.use = true",
       "release.toml:1:22: license.grants.use must be \"unstated\", \"yes\" or \"no\", "
       "not true or false; "},
      {"license = 5", "release.toml:1:11: license must be a table, not an integer; "},
      {"[license]\nid = \"MIT\"\nspdx_expression = \"MIT\"",
       "release.toml:3:19: license.spdx_expression is said twice, under two names; "},
      {"languages = \"en\"",
       "release.toml:1:13: languages must be an array, not a string; put it in brackets: [ ]"},
      {"tags = [\"a\", 1]",
       "release.toml:1:14: tags[1] must be a string, not an integer; "
       "put it in quotes: a number is kept as it is written"},
      {"[derived_from]\nname = \"x\"",
       "release.toml:1:1: derived_from must be a list of tables, not a table; "
       "write [[derived_from]] above each"},
      {"derived_from = [\"x\"]",
       "release.toml:1:17: derived_from[0] must be a table, not a string; "},
      {"data = \"open\"", "release.toml:1:8: data must be a table, not a string; "},
      {"supersedes = \"abc\"",
       "release.toml:1:14: supersedes must be 64 hex digits, not \"abc\"; "},
      {"supersedes = 1",
       "release.toml:1:14: supersedes must be a string of 64 hex digits, not an integer; "},
      {"architecture.layers = -1", "release.toml:1:23: architecture.layers must not be negative; "},
      {"architecture.layers = 4294967296",
       "release.toml:1:23: architecture.layers must be at most 4294967295; "},
      {"architecture.layers = 32.0",
       "release.toml:1:23: architecture.layers must be an integer, not a float; such as 7_000_000"},
      {"architecture.layers = \"7__0\"",
       "release.toml:1:23: architecture.layers must be a whole number, not \"7__0\"; "
       "such as 7_000_000"},
      {"architecture.layers = \"\"",
       "release.toml:1:23: architecture.layers must be a whole number, not \"\"; "
       "such as 7_000_000"},
      {"[[rollout]]\nopens = 2026-01-01T08:00:00",
       "release.toml:2:9: rollout[0].opens is a time without its offset; "
       "add it: 2026-01-01T08:00:00Z"},
      {"[[rollout]]\nopens = 1969-01-01",
       "release.toml:2:9: rollout[0].opens must be a date or a time between 1970 and 9999, "
       "not \"1969-01-01\"; such as 2026-03-31 or 2026-03-31T08:15:00Z"},
      {"[[rollout]]\nopens = 08:00:00",
       "release.toml:2:9: rollout[0].opens must be a date or a time, not a date or time; "
       "such as 2026-03-31"},
      {"[code]\nremote_code_required = \"yes\"",
       "release.toml:2:24: code.remote_code_required must be true or false, not a string; "},
      {"api_endpoints = \"x\"",
       "release.toml:1:17: api_endpoints must be an array, not a string; put it in brackets: [ ]"},
      {"stated_label = 1",
       "release.toml:1:16: stated_label must be a string, not an integer; "
       "put it in quotes: a number is kept as it is written"}};
  for (const auto& [toml, expected] : cases) EXPECT_EQ(fields_of(toml), expected) << toml;
}

TEST(ReleaseToml, ReportsTheFirstFaultOfTheFile) {
  EXPECT_TRUE(fields_of("zeta = 1\nalpha = 1").starts_with("release.toml:1:1: zeta"));
}

TEST(ReleaseToml, SaysWhereTheFileIsNoToml) {
  const auto file = parse_release_toml("model = \"a\"\nversion = \x1b[31m", "my.toml");

  ASSERT_FALSE(file);
  EXPECT_TRUE(file.error().message.starts_with("my.toml:2:")) << file.error().message;
  EXPECT_EQ(file.error().message.find('\x1b'), std::string::npos);
}

TEST(ReleaseToml, RefusesWhatIsTooLongOrTooDeep) {
  EXPECT_EQ(fields_of(std::string(kReleaseTomlLimitBytes + 1, '\n')),
            "release.toml: longer than 1 MiB; ");
  EXPECT_TRUE(fields_of("tags = " + std::string(5000, '[')).starts_with("release.toml:1:"));
}

}  // namespace
}  // namespace owrd::card
