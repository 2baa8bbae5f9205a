#include "daemon/exports/yaml.h"

#include <gtest/gtest.h>

namespace owrd::exports {
namespace {

TEST(Yaml, QuotesEveryText) {
  const Json json{{"license", "no"}, {"version", "1.0"}, {"a", "x: \"y\" # z\n\t\\"}};

  EXPECT_EQ(to_yaml(json),
            "license: \"no\"\nversion: \"1.0\"\na: \"x: \\\"y\\\" # z\\n\\t\\\\\"\n");
}

TEST(Yaml, NestsObjectsAndLists) {
  const Json json{{"a", Json{{"b", Json::array({"x", "y"})}, {"c", 0.5}}},
                  {"d", Json::array({Json{{"e", "1"}, {"f", Json::array({Json{{"g", "2"}}})}},
                                     Json{{"e", "3"}}})},
                  {"none", Json::array()}};

  EXPECT_EQ(to_yaml(json),
            "a:\n"
            "  b:\n"
            "    - \"x\"\n"
            "    - \"y\"\n"
            "  c: 0.5\n"
            "d:\n"
            "  - e: \"1\"\n"
            "    f:\n"
            "      - g: \"2\"\n"
            "  - e: \"3\"\n"
            "none: []\n");
}

}  // namespace
}  // namespace owrd::exports
