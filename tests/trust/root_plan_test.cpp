#include "daemon/trust/root_plan.h"

#include <gtest/gtest.h>

#include "tests/trust/make.h"

namespace owrd::trust {
namespace {

class RootPlanTest : public testing::Test {
 protected:
  RootPlan plan_of_all() const {
    RootPlan plan;
    plan.display_name = "Acme Labs";
    plan.contacts = {"security@acme.example", "https://acme.example"};
    plan.issued = 1'700'000'000;
    plan.expires = 1'800'000'000;
    plan.root = {{named(one_, "k1"), named(two_, "k2")}, 2};
    plan.release = {{named(one_, "k1"), named(three_, "r1")}, 1};
    plan.scopes = {{{"atlas-*", "nova"}, {{named(scoped_, "team")}, 1}}};
    plan.head = head_.public_key();
    plan.locators = {locator_.public_key()};
    plan.anchors = {named(anchor_, "paper")};
    plan.locations = {"https://acme.example/acme.owrp"};
    plan.revoked = {{digest_of(7), 12}, {digest_of(8), 0}};
    return plan;
  }
  static RootPlan::NamedKey named(const SecretKey& key, const std::string& label) {
    return {key.public_key(), label};
  }

  const SecretKey one_ = make_key(1);
  const SecretKey two_ = make_key(2);
  const SecretKey three_ = make_key(3);
  const SecretKey scoped_ = make_key(4);
  const SecretKey head_ = make_key(5);
  const SecretKey locator_ = make_key(6);
  const SecretKey anchor_ = make_key(7);
};

TEST_F(RootPlanTest, IsWhatTheRootSays) {
  const auto plan = plan_of_all();

  const auto payload = make_root_payload(plan, nullptr);

  ASSERT_TRUE(payload) << payload.error().message;
  const auto root = Root::verify_first(seal(PayloadKind::Root, *payload, {&one_, &two_}));
  ASSERT_TRUE(root) << root.error().message;
  EXPECT_EQ(plan_of(*root), plan);
  EXPECT_EQ(root->message().keys_size(), 4) << "each key is listed once";
  EXPECT_EQ(root->root_role().threshold, 2U);
  EXPECT_EQ(root->release_role().keys,
            (std::set<PublicKey>{one_.public_key(), three_.public_key()}));
  ASSERT_EQ(root->scopes().size(), 1U);
  EXPECT_EQ(root->scopes()[0].models, (std::vector<std::string>{"atlas-*", "nova"}));
  EXPECT_EQ(root->scopes()[0].role.keys, std::set<PublicKey>{scoped_.public_key()});
  EXPECT_EQ(root->head_key(), head_.public_key());
  EXPECT_EQ(root->locators(), std::vector<PublicKey>{locator_.public_key()});
  EXPECT_EQ(root->anchors(), std::vector<PublicKey>{anchor_.public_key()});
  EXPECT_EQ(root->revoked(), plan.revoked);
}

TEST_F(RootPlanTest, BecomesTheNextVersion) {
  const auto payload = make_root_payload(plan_of_all(), nullptr);
  const auto first = *Root::verify_first(seal(PayloadKind::Root, *payload, {&one_, &two_}));
  auto plan = plan_of(first);
  plan.issued += 1;

  const auto next = make_root_payload(plan, &first);

  ASSERT_TRUE(next) << next.error().message;
  const auto root = Root::verify_next(seal(PayloadKind::Root, *next, {&one_, &two_}), first);
  ASSERT_TRUE(root) << root.error().message;
  EXPECT_EQ(root->version(), 2U);
  EXPECT_EQ(root->publisher_id(), first.publisher_id());
  EXPECT_EQ(plan_of(*root), plan);
}

TEST_F(RootPlanTest, FailsAsTheRootItselfWouldBeRefused) {
  auto plan = plan_of_all();
  plan.head = one_.public_key();
  const auto two_uses = make_root_payload(plan, nullptr);
  ASSERT_FALSE(two_uses);
  EXPECT_EQ(two_uses.error().code, ErrorCode::InvalidInput);
  EXPECT_EQ(two_uses.error().message, "root: the key " + fingerprint(one_.public_key().id()) +
                                          " is both a signing key and the head key");
  EXPECT_EQ(two_uses.error().hint, "every owrd would refuse this root: change what it is to say");

  const auto payload = make_root_payload(plan_of_all(), nullptr);
  const auto first = *Root::verify_first(seal(PayloadKind::Root, *payload, {&one_, &two_}));
  auto next = plan_of(first);
  next.revoked.erase(digest_of(7));
  const auto taken_back = make_root_payload(next, &first);
  ASSERT_FALSE(taken_back);
  EXPECT_EQ(taken_back.error().message, "root: it leaves out the key " + fingerprint(digest_of(7)) +
                                            ", which version 1 revokes");
}

TEST_F(RootPlanTest, CountsAKeyThatIsNamedTwiceOnce) {
  auto plan = plan_of_all();
  plan.root.keys.push_back(plan.root.keys.front());

  const auto payload = make_root_payload(plan, nullptr);

  ASSERT_FALSE(payload);
  EXPECT_EQ(payload.error().message,
            "root: the root role names the key " + fingerprint(one_.public_key().id()) + " twice");
}

}  // namespace
}  // namespace owrd::trust
