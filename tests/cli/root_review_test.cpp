#include "cli/root_review.h"

#include <functional>

#include "tests/cli/publisher_test.h"

namespace owrd::cli {
namespace {

class RootReview : public PublisherTest {
 protected:
  RootReview() {
    plan = plan_of_one(named(k1, "k1"));
    plan.contacts = {"security@acme.example"};
    plan.locations = {"https://acme.example/acme.owrp"};
    plan.scopes = {{{"atlas-*", "nord"}, {{named(other_key(), "s1")}, 1}}};
    plan.head = other_key().public_key();
    plan.locators = {other_key().public_key()};
    plan.anchors = {named(other_key(), "a1")};
    add_root(plan, {&k1});
  }

  static std::vector<std::string> lines_of(const std::vector<RootFact>& facts) {
    std::vector<std::string> lines;
    lines.reserve(facts.size());
    for (const auto& fact : facts) lines.push_back(fact.name + ": " + fact.shown);
    return lines;
  }
  /// Everything that was said of a ceremony for the plan, after the root that was published.
  std::string review(const trust::RootPlan& next) {
    const auto ceremony = Ceremony::begin(next, *chain);
    EXPECT_TRUE(ceremony) << ceremony.error().message;
    std::ostringstream ignored;
    std::ostringstream talk;
    Output output(ignored, talk, {});
    show_root(output, *ceremony);
    show_missing(output, *ceremony, "acme.root");
    return talk.str();
  }
  static std::string key_line(const std::string& label, const trust::SecretKey& key) {
    return label + " (" + trust::fingerprint(key.public_key().id()) + ")";
  }

  trust::SecretKey k1 = other_key();
  trust::SecretKey k2 = other_key();
  trust::RootPlan plan;
};

TEST_F(RootReview, SaysAllThatARootSays) {
  const auto lines = lines_of(facts_of(chain->newest().message()));

  for (const std::string& line :
       {std::string("display name: Acme Labs"), std::string("contact: security@acme.example"),
        std::string("expires: 2027-09-21T14:13:20Z"), "root key: " + key_line("k1", k1),
        std::string("root threshold: 1 of 1"), "release key: " + key_line("k1", k1),
        std::string("release threshold: 1 of 1"),
        std::string("scope atlas-*,nord threshold: 1 of 1"),
        "head key: " + trust::fingerprint(plan.head->id()),
        "locator key: " + trust::fingerprint(plan.locators[0].id()),
        "anchor key: a1 (" + trust::fingerprint(plan.anchors[0].key.id()) + ")",
        std::string("location: https://acme.example/acme.owrp")})
    EXPECT_NE(std::find(lines.begin(), lines.end(), line), lines.end()) << line;
}

// Whoever signs must see it: nothing of a root can change without a change of its facts.
TEST_F(RootReview, NoticesEveryChange) {
  const struct {
    std::string what;
    std::function<void(trust::RootPlan&)> change;
  } cases[] = {
      {"name", [](auto& it) { it.display_name = "Acme"; }},
      {"contact", [](auto& it) { it.contacts = {"x"}; }},
      {"expiry", [](auto& it) { it.expires += 1; }},
      {"root key", [this](auto& it) { it.root.keys.push_back(named(k2, "k2")); }},
      {"release key", [this](auto& it) { it.release.keys.push_back(named(k2, "k2")); }},
      {"label", [](auto& it) { it.root.keys[0].label = it.release.keys[0].label = "other"; }},
      {"root threshold",
       [this](auto& it) {
         it.root.keys.push_back(named(k2, "k2"));
         it.root.threshold = 2;
       }},
      {"scope's models", [](auto& it) { it.scopes[0].models = {"atlas-*"}; }},
      {"scope's key", [this](auto& it) { it.scopes[0].role.keys = {named(k2, "s1")}; }},
      {"no scope", [](auto& it) { it.scopes.clear(); }},
      {"head", [this](auto& it) { it.head = k2.public_key(); }},
      {"locator", [this](auto& it) { it.locators = {k2.public_key()}; }},
      {"anchor", [this](auto& it) { it.anchors = {named(k2, "a1")}; }},
      {"location", [](auto& it) { it.locations = {"https://evil.example/acme.owrp"}; }},
      {"revoked", [this](auto& it) { it.revoked[k2.public_key().id()] = 3; }},
      {"nothing", [](auto&) {}}};
  for (const auto& [what, change] : cases) {
    SCOPED_TRACE(what);
    auto next = plan;
    change(next);
    const auto text = review(next);
    const auto changes = text.substr(text.find("what it changes of version 1:"));
    EXPECT_EQ(changes.find("\n  + ") == changes.npos && changes.find("\n  - ") == changes.npos,
              what == "nothing")
        << text;
  }
}

TEST_F(RootReview, SaysWhatIsAddedAndWhatIsTaken) {
  auto next = plan;
  next.root.keys = {named(k2, "k2")};
  next.release.keys = {named(k2, "k2")};
  next.revoked[k1.public_key().id()] = 17;

  const auto text = review(next);

  for (const auto& line :
       {"  - root key          " + key_line("k1", k1),
        "  + root key          " + key_line("k2", k2),
        "  - release key       " + key_line("k1", k1),
        "  + revoked           " + trust::fingerprint(k1.public_key().id()) + " from record 17 on"})
    EXPECT_NE(text.find(line + "\n"), text.npos) << line << " in\n" << text;
}

TEST_F(RootReview, NamesThoseOfBothRootsWhoMustSign) {
  auto next = plan;
  next.root.keys = {named(k2, "k2")};

  const auto text = review(next);

  for (const auto& line :
       {"still to sign: 1 more of the root keys of version 2: " + key_line("k2", k2),
        "still to sign: 1 more of the root keys of version 1: " + key_line("k1", k1),
        std::string("hint: each of them:  owrd publisher sign acme.root --key NAME"),
        std::string("hint: then:  owrd publisher submit acme.root")})
    EXPECT_NE(text.find(line + "\n"), text.npos) << line << " in\n" << text;
}

}  // namespace
}  // namespace owrd::cli
