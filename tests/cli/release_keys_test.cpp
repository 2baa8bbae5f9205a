#include "cli/release_keys.h"

#include "tests/cli/publisher_test.h"

namespace owrd::cli {
namespace {

class ReleaseKeys : public PublisherTest {
 protected:
  ReleaseKeys() {
    plan = plan_of_one(named(root, "root"));
    plan.release.keys = {named(r1, "r1"), named(r2, "r2")};
    plan.scopes = {{{"atlas-*"}, {{named(s1, "s1"), named(s2, "s2")}, 2}}};
  }

  /// The names of the keys to sign with, or the error.
  Result<std::vector<std::string>> choose(const std::string& model,
                                          const std::vector<std::string>& names) {
    if (!chain) add_root(plan, {&root});
    const auto keys = choose_release_keys(keyring(), {chain->newest(), "acme", model}, names);
    if (!keys) return keys.error();
    std::vector<std::string> chosen;
    for (const auto& key : *keys) chosen.push_back(key.name);
    return chosen;
  }
  using Names = std::vector<std::string>;

  trust::SecretKey root = other_key();
  trust::SecretKey r1 = other_key();
  trust::SecretKey r2 = other_key();
  trust::SecretKey s1 = other_key();
  trust::SecretKey s2 = other_key();
  trust::RootPlan plan;
};

TEST_F(ReleaseKeys, AreTheOnlyOnesThatFit) {
  plan.release.keys.push_back(named(make_key("mine"), "mine"));
  make_key("unrelated");

  EXPECT_EQ(*choose("nord", {}), (Names{"mine"}));
}

TEST_F(ReleaseKeys, OfAScopeSignItsModelsAlone) {
  plan.scopes[0].role.keys.push_back(named(make_key("a"), "a"));
  plan.scopes[0].role.keys.push_back(named(make_key("b"), "b"));

  EXPECT_EQ(*choose("atlas-70b", {}), (Names{"a", "b"}));
  EXPECT_EQ(*choose("atlas-70b", {"b", "a"}), (Names{"b", "a"}));

  const auto other_model = choose("nord", {"a"});
  ASSERT_FALSE(other_model);
  EXPECT_EQ(other_model.error().code, ErrorCode::Untrusted);
  EXPECT_EQ(other_model.error().message, "the key \"a\" is no release key of acme for nord");
}

TEST_F(ReleaseKeys, AreCountedRoleByRole) {
  plan.release.threshold = 2;
  plan.release.keys.push_back(named(make_key("a"), "a"));
  plan.scopes[0].role.keys.push_back(named(make_key("b"), "b"));

  const auto one_of_each = choose("atlas-70b", {"a", "b"});

  ASSERT_FALSE(one_of_each);
  EXPECT_EQ(one_of_each.error().code, ErrorCode::NotFound);
  EXPECT_EQ(one_of_each.error().message, "2 keys must sign a release of acme, and here are 1");
}

TEST_F(ReleaseKeys, AreNotChosenWhereThereIsAChoice) {
  plan.release.keys.push_back(named(make_key("a"), "a"));
  plan.release.keys.push_back(named(make_key("b"), "b"));

  const auto chosen = choose("nord", {});

  ASSERT_FALSE(chosen);
  EXPECT_EQ(chosen.error().code, ErrorCode::InvalidInput);
  EXPECT_EQ(chosen.error().hint, "--key a");
  EXPECT_EQ(*choose("nord", {"b"}), (Names{"b"}));
}

TEST_F(ReleaseKeys, MustBeThere) {
  make_key("root-only");

  const auto chosen = choose("nord", {});

  ASSERT_FALSE(chosen);
  EXPECT_EQ(chosen.error().code, ErrorCode::NotFound);
  EXPECT_EQ(chosen.error().message, "no key in your keyring may sign releases of acme");
}

}  // namespace
}  // namespace owrd::cli
