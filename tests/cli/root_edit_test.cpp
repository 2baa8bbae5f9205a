#include "cli/root_edit.h"

#include "tests/cli/publisher_test.h"

namespace owrd::cli {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;

class RootEditTest : public PublisherTest {
 protected:
  RootEditTest() {
    plan = plan_of_one(named(k1, "k1"));
    plan.release.keys = {named(r1, "r1")};
  }

  Result<> edit() {
    const auto keys = keyring();
    return apply(changes, {keys, kNow, {named(k1, "k1"), named(r1, "r1"), named(lost, "lost")}, 17},
                 plan);
  }

  trust::SecretKey k1 = make_key("k1");
  trust::SecretKey k2 = make_key("k2");
  trust::SecretKey r1 = make_key("r1");
  trust::SecretKey r2 = make_key("r2");
  trust::SecretKey lost = other_key();
  trust::RootPlan plan;
  RootEdit changes;
};

TEST_F(RootEditTest, OnlyRenewsWhenNothingIsToChange) {
  auto renewed = plan;
  renewed.issued = kNow;
  renewed.expires = kNow + 365 * 86400;

  ASSERT_TRUE(edit());

  EXPECT_EQ(plan, renewed);
}

TEST_F(RootEditTest, LastsAsManyDaysAsItIsTold) {
  changes.days = "30";

  ASSERT_TRUE(edit());

  EXPECT_EQ(plan.expires, kNow + 30 * 86400);
}

TEST_F(RootEditTest, AddsAndRemovesKeysOfEachRole) {
  changes.root.add = {"k2"};
  changes.root.threshold = "2";
  changes.release.add = {"r2"};
  changes.release.remove = {"r1"};
  changes.anchors.add = {"anchor=" + public_key_text(lost.public_key())};

  ASSERT_TRUE(edit());

  EXPECT_EQ(plan.root.keys, (std::vector<NamedKey>{named(k1, "k1"), named(k2, "k2")}));
  EXPECT_EQ(plan.root.threshold, 2U);
  EXPECT_EQ(plan.release.keys, (std::vector<NamedKey>{named(r2, "r2")}));
  EXPECT_EQ(plan.anchors, (std::vector<NamedKey>{named(lost, "anchor")}));
}

TEST_F(RootEditTest, MakesChangesAndDropsScopes) {
  changes.scopes = {{{"atlas-*", "nord"}, {"r2"}, {}, ""}};
  ASSERT_TRUE(edit());
  ASSERT_EQ(plan.scopes.size(), 1U);
  EXPECT_EQ(plan.scopes[0].models, (std::vector<std::string>{"atlas-*", "nord"}));
  EXPECT_EQ(plan.scopes[0].role.keys, (std::vector<NamedKey>{named(r2, "r2")}));

  changes.scopes = {{{"atlas-*", "nord"}, {"r1"}, {}, "2"}};
  ASSERT_TRUE(edit());
  ASSERT_EQ(plan.scopes.size(), 1U);
  EXPECT_EQ(plan.scopes[0].role.threshold, 2U);

  changes.scopes = {{{"atlas-*", "nord"}, {}, {"r1", "r2"}, ""}};
  ASSERT_TRUE(edit());
  EXPECT_TRUE(plan.scopes.empty());
}

TEST_F(RootEditTest, RevokesAKeyWhereverItIsNamedAndFromTheNextRecordOn) {
  plan.scopes = {{{"atlas"}, {{named(r1, "r1")}, 1}}};
  changes.revocations = {{"r1", ""}};
  changes.release.add = {"r2"};

  ASSERT_TRUE(edit());

  EXPECT_EQ(plan.release.keys, (std::vector<NamedKey>{named(r2, "r2")}));
  EXPECT_TRUE(plan.scopes.empty());
  EXPECT_EQ(plan.revoked.at(r1.public_key().id()), 17U);
}

TEST_F(RootEditTest, RevokesAKeyOfAnEarlierRootFromTheRecordThatIsNamed) {
  changes.revocations = {{"lost", "0"}};

  ASSERT_TRUE(edit());

  EXPECT_EQ(plan.revoked.at(lost.public_key().id()), 0U);
}

TEST_F(RootEditTest, EditsTheTexts) {
  plan.locations = {"https://old.example/acme.owrp"};
  plan.contacts = {"security@acme.example"};
  changes.display_name = "Acme";
  changes.remove_locations = {"https://old.example/acme.owrp"};
  changes.add_locations = {"https://new.example/acme.owrp", "https://new.example/acme.owrp"};
  changes.add_contacts = {"security@acme.example"};

  ASSERT_TRUE(edit());

  EXPECT_EQ(plan.display_name, "Acme");
  EXPECT_EQ(plan.locations, (std::vector<std::string>{"https://new.example/acme.owrp"}));
  EXPECT_EQ(plan.contacts, (std::vector<std::string>{"security@acme.example"}));
}

TEST_F(RootEditTest, NamesTheFlagAtFault) {
  const struct {
    std::function<void(RootEdit&)> change;
    std::string message;
  } cases[] = {
      {[](auto& it) { it.days = "soon"; }, "--expires soon: expected a number from 1 to 3650"},
      {[](auto& it) { it.days = "0"; }, "--expires 0: expected a number from 1 to 3650"},
      {[](auto& it) { it.root.threshold = "-1"; },
       "--root-threshold -1: expected a number from 1 to 64"},
      {[](auto& it) { it.root.threshold = "2"; }, "the root role has 1 key, but 2 must sign"},
      {[](auto& it) { it.release.threshold = "2"; }, "the release role has 1 key, but 2 must sign"},
      {[](auto& it) { it.release.remove = {"r1"}; },
       "the release role has 0 keys, but 1 must sign"},
      {[](auto& it) { it.release.remove = {"r9"}; },
       "the release role: the root names no key \"r9\""},
      {[](auto& it) {
         it.revocations = {{"r1", ""}};
       },
       "the release role has 0 keys, but 1 must sign"},
      {[](auto& it) {
         it.revocations = {{"", "3"}};
       },
       "--since 3: no --revoke-key stands before it"},
      {[](auto& it) {
         it.revocations = {{"r1", "x"}};
       },
       "--since x: expected a number from 0 to 9007199254740992"},
      {[](auto& it) {
         it.revocations = {{"r9", ""}};
       },
       "the root names no key \"r9\""},
      {[](auto& it) {
         it.scopes = {{{"atlas"}, {}, {}, ""}};
       },
       "the scope atlas has no key that signs its releases"},
      {[](auto& it) {
         it.scopes = {{{"atlas"}, {"r2"}, {}, "2"}};
       },
       "the scope atlas has 1 key, but 2 must sign"},
      {[](auto& it) { it.remove_locations = {"https://a"}; },
       "the root names no location \"https://a\""},
      {[](auto& it) { it.remove_contacts = {"me"}; }, "the root names no contact \"me\""}};
  const auto before = plan;
  for (const auto& [change, message] : cases) {
    SCOPED_TRACE(message);
    plan = before;
    changes = {};
    change(changes);
    const auto edited = edit();
    ASSERT_FALSE(edited);
    EXPECT_EQ(edited.error().message, message);
    EXPECT_NE(edited.error().hint, "");
  }
}

TEST_F(RootEditTest, RefusesAKeyTwiceInARole) {
  changes.release.add = {"r1"};

  const auto edited = edit();

  ASSERT_FALSE(edited);
  EXPECT_EQ(edited.error().code, ErrorCode::AlreadyExists);
}

}  // namespace
}  // namespace owrd::cli
