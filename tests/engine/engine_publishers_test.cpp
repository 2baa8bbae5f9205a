#include "daemon/release/bundle.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/made_feed.h"

namespace owrd::engine {
namespace {

class EnginePublishersTest : public EngineTest {
 protected:
  const MadePublisher initech_ = make_publisher("initech", 3);
};

TEST_F(EnginePublishersTest, PinsUnderItsOwnNameOrTheOneGiven) {
  const auto own = engine().registry().add_publisher(initech_.bundle(), "", /*dry_run=*/false);
  ASSERT_TRUE(own) << own.error().message;
  EXPECT_EQ(own->petname, "initech");
  EXPECT_FALSE(own->was_known);
  EXPECT_EQ(own->root().publisher_id(), initech_.id);
  EXPECT_EQ(engine().registry().find_publisher("initech")->bundle, initech_.bundle());

  const auto renamed =
      engine().registry().add_publisher(initech_.bundle(), "tps", /*dry_run=*/false);
  ASSERT_TRUE(renamed);
  EXPECT_TRUE(renamed->was_known);
  EXPECT_EQ(renamed->petname, "tps");
  EXPECT_FALSE(engine().registry().find_publisher("initech"));
  EXPECT_TRUE(engine().registry().find_publisher("tps"));
  EXPECT_EQ(engine().registry().publishers()->size(), 2U);
}

TEST_F(EnginePublishersTest, DryRunPinsNothing) {
  ASSERT_TRUE(engine().registry().add_publisher(initech_.bundle(), "", /*dry_run=*/true));
  EXPECT_FALSE(engine().registry().find_publisher("initech"));
  ASSERT_TRUE(engine().registry().add_publisher(acme_.bundle(), "other", /*dry_run=*/true));
  EXPECT_TRUE(engine().registry().find_publisher("acme"));
}

TEST_F(EnginePublishersTest, RefusesByReason) {
  const auto spaced = make_publisher("Acme Labs", 4);
  auto forged = initech_;
  forged.root.back() ^= std::byte{1};
  struct Case {
    Bytes bundle;
    std::string petname;
    ErrorCode code;
    std::string says;
  };
  const Case cases[] = {
      {initech_.bundle(), "acme", ErrorCode::AlreadyExists, "the petname acme is taken"},
      {initech_.bundle(), "Upper", ErrorCode::InvalidInput, "petname \"Upper\""},
      {spaced.bundle(), "", ErrorCode::InvalidInput,
       "the publisher calls itself \"Acme Labs\", which cannot be a petname"},
      {forged.bundle(), "", ErrorCode::BadSignature, ""},
      {to_bytes("garbage"), "", ErrorCode::InvalidInput, ""}};
  for (const auto& [bundle, petname, code, says] : cases) {
    SCOPED_TRACE(petname + says);
    const auto added = engine().registry().add_publisher(bundle, petname, /*dry_run=*/false);
    ASSERT_FALSE(added);
    EXPECT_EQ(code_name(added.error()), code_name({code, ""})) << added.error().message;
    EXPECT_NE(added.error().message.find(says), std::string::npos) << added.error().message;
    EXPECT_EQ(engine().registry().publishers()->size(), 1U);
  }
}

TEST_F(EnginePublishersTest, TakesNothingOfAFileOfWhichAPartIsDamaged) {
  release::MadeFeed umbrella("umbrella", 80);
  umbrella.list("atlas", "1.0.0", 1);
  const auto announced = umbrella.announce();
  v1::Bundle bundle;
  bundle.add_roots(std::string(as_text(umbrella.roots.front())));
  bundle.set_head(std::string(as_text(announced.head.envelope().raw)));
  bundle.set_feed(std::string(as_text(announced.feed)));
  const auto whole = release::encode_bundle(bundle);
  bundle.mutable_feed()->back() ^= 1;
  const auto damaged = release::encode_bundle(bundle);
  auto& registry = engine().registry();
  for (const bool dry_run : {true, false}) {
    const auto refused = registry.add_publisher(damaged, "", dry_run);
    ASSERT_FALSE(refused);
    EXPECT_EQ(code_name(refused.error()), code_name({ErrorCode::Corrupt, ""}));
    EXPECT_FALSE(registry.find_publisher("umbrella"));
  }
  ASSERT_TRUE(registry.add_publisher(whole, "", /*dry_run=*/false));
  EXPECT_EQ(registry.find_publisher("umbrella")->listed_releases, 1U);
  EXPECT_FALSE(registry.add_publisher(damaged, "rose", /*dry_run=*/false));
  EXPECT_TRUE(registry.find_publisher("umbrella"));
}

TEST_F(EnginePublishersTest, ReleasesFollowTheirPublishersPetname) {
  const auto asker = get(by_bundle(release_));
  const auto renamed = engine().registry().add_publisher(acme_.bundle(), "tps", /*dry_run=*/false);
  ASSERT_TRUE(renamed) << renamed.error().message;
  const auto releases = engine().releases();
  ASSERT_EQ(releases.size(), 1U);
  EXPECT_TRUE(releases.front().ref.starts_with("tps/")) << releases.front().ref;
}

TEST_F(EnginePublishersTest, DoesNotAskTheNetworkForWhatNoMirrorCouldAttest) {
  auto request = by_bundle(release_);
  request.require_attestations = 2;
  const auto few = get(request);
  ASSERT_TRUE(until([&] { return few->done.has_value(); }));
  EXPECT_EQ(few->error().message,
            "2 mirrors are to attest it, but only 0 could: nobody else's word counts here");
  request.attested_by = {"nord"};
  const auto unknown = get(request);
  ASSERT_TRUE(until([&] { return unknown->done.has_value(); }));
  EXPECT_EQ(unknown->error().message, "no mirror \"nord\" is pinned here");
}

TEST_F(EnginePublishersTest, TwoPublishersDoNotShareOnlineKeys) {
  const auto submit = [this](const release::MadeFeed& publisher) {
    v1::Bundle bundle;
    bundle.add_roots(std::string(as_text(publisher.roots.front())));
    return engine().registry().submit_root(bundle, "");
  };
  const release::MadeFeed first("umbrella", 80);
  ASSERT_TRUE(submit(first));
  const release::MadeFeed second("umbrella-two", 120, [&first](release::MadeFeed& root) {
    root.plan.locators = {first.key(31).public_key()};
  });
  const auto refused = submit(second);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "the root names a head or locator key that is umbrella's");
  EXPECT_FALSE(engine().registry().find_publisher("umbrella-two"));
}

TEST_F(EnginePublishersTest, FindsByTwelveDigitsOfTheId) {
  const auto id = acme_.id.to_hex();
  EXPECT_TRUE(engine().registry().find_publisher(id));
  EXPECT_TRUE(engine().registry().find_publisher(id.substr(0, 12)));
  EXPECT_FALSE(engine().registry().find_publisher(id.substr(0, 11)));
}

TEST_F(EnginePublishersTest, RemovesOnlyOneWithoutReleases) {
  const auto asker = get(by_bundle(release_));
  const auto refused = engine().registry().remove_publisher("acme");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "publisher acme still has a release here");
  ASSERT_TRUE(engine().remove(ref_, /*keep_files=*/false, /*dry_run=*/false));
  const auto removed = engine().registry().remove_publisher("acme");
  ASSERT_TRUE(removed) << removed.error().message;
  EXPECT_TRUE(engine().registry().publishers()->empty());
}

}  // namespace
}  // namespace owrd::engine
