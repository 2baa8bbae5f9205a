#include "daemon/trust/root_chain.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/trust/make.h"

namespace owrd::trust {
namespace {

class RootChainTest : public testing::Test {
 protected:
  using Keys = std::vector<const SecretKey*>;

  RootChain chain_of_one(std::uint32_t threshold = 1) const {
    return *RootChain::verify({seal_root(make_root({&one_, &two_}, threshold), {&one_, &two_})});
  }
  /// Extends a chain by a root that is changed first, and gives the error.
  static Error refusal(RootChain& chain, const v1::Root& next, const Keys& signers) {
    const auto length = chain.roots().size();
    const auto extended = chain.extend(seal_root(next, signers));
    EXPECT_FALSE(extended);
    EXPECT_EQ(chain.roots().size(), length);
    return extended ? Error{ErrorCode::Internal, "it was believed"} : extended.error();
  }
  Error refusal_after(const std::function<void(v1::Root&)>& change_first,
                      const std::function<void(v1::Root&)>& change_next) const {
    auto first = make_root({&one_, &two_}, 1);
    change_first(first);
    auto chain = RootChain::verify({seal_root(first, {&one_})});
    if (!chain) return chain.error();
    auto next = make_next(chain->newest());
    change_next(next);
    return refusal(*chain, next, {&one_});
  }

  const SecretKey one_ = make_key(1);
  const SecretKey two_ = make_key(2);
  const SecretKey three_ = make_key(3);
  const SecretKey online_ = make_key(4);
  const SecretKey locator_ = make_key(5);
};

TEST_F(RootChainTest, NeedsAtLeastOneRoot) {
  const auto none = RootChain::verify({});

  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::InvalidInput);
  EXPECT_EQ(none.error().message, "root: none was given");
}

TEST_F(RootChainTest, KeepsItsPublisherThroughEveryRotation) {
  auto chain = chain_of_one();
  const auto id = chain.publisher_id();
  auto second = make_next(chain.newest());
  add_key(second, three_);
  set_role(*second.mutable_root(), {&three_}, 1);
  second.set_display_name("Acme Research");
  ASSERT_TRUE(chain.extend(seal_root(second, {&three_, &one_})));
  ASSERT_TRUE(chain.extend(seal_root(make_next(chain.newest()), {&three_})));

  EXPECT_EQ(chain.publisher_id(), id);
  EXPECT_EQ(chain.first().version(), 1U);
  EXPECT_EQ(chain.newest().version(), 3U);
  EXPECT_EQ(chain.newest().publisher_id(), id);
  EXPECT_EQ(chain.newest().message().display_name(), "Acme Research");
  EXPECT_EQ(chain.newest().signers(), std::set<PublicKey>{three_.public_key()});
  const auto again = RootChain::verify(chain.raw());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->raw(), chain.raw());
  EXPECT_EQ(again->roots().size(), 3U);
}

TEST_F(RootChainTest, NamesTheVersionAtFault) {
  auto chain = chain_of_one();
  ASSERT_TRUE(chain.extend(seal_root(make_next(chain.newest()), {&one_})));
  const auto raw = chain.raw();

  const auto reason = [&](const Bytes& third) {
    const auto refused = RootChain::verify({raw[0], raw[1], third});
    return refused ? "it was believed" : refused.error().message;
  };
  auto nameless = make_next(chain.newest());
  nameless.clear_display_name();

  EXPECT_EQ(reason(seal_root(nameless, {&one_})), "root version 3: the display name is empty");
  EXPECT_EQ(reason(seal_root(make_next(chain.newest()), {&three_})),
            "root version 3 of Acme Labs: by the root keys of version 2, 0 of the 1 needed "
            "signature is valid");
  EXPECT_EQ(reason({}), "root version 3 envelope: it holds \"\"");
  EXPECT_EQ(RootChain::verify({raw[1]}).error().message,
            "root: version 2 comes without version 1 before it");
}

TEST_F(RootChainTest, RefusesWhatDoesNotFollow) {
  const auto name_of_key = [](const SecretKey& key) {
    return "the key " + fingerprint(key.public_key().id());
  };
  const auto nothing = [](v1::Root&) {};
  const auto revoke = [](v1::Root& root, const SecretKey& key, std::uint64_t since) {
    auto& revoked = *root.add_revoked();
    revoked.set_key_id(key.public_key().id().to_field());
    revoked.set_since_record(since);
  };
  struct Case {
    std::function<void(v1::Root&)> first, next;
    std::string reason;
  };
  const Case cases[] = {
      {nothing, [](auto& r) { r.set_publisher_id(digest_of(7).to_field()); },
       "root version 2: it is of another publisher, " + fingerprint(digest_of(7))},
      {nothing, [](auto& r) { r.clear_publisher_id(); },
       "root version 2: the publisher id is not 32 bytes"},
      {nothing, [](auto& r) { r.set_issued(1'699'999'999); },
       "root version 2: it was issued before version 1"},
      {[&](auto& r) { revoke(r, three_, 5); }, [](auto& r) { r.clear_revoked(); },
       "root version 2: it leaves out " + name_of_key(three_) + ", which version 1 revokes"},
      {[&](auto& r) { revoke(r, three_, 5); },
       [](auto& r) { r.mutable_revoked(0)->set_since_record(6); },
       "root version 2: it revokes from a later record on " + name_of_key(three_) +
           ", which version 1 revokes"},
      {[&](auto& r) { set_key(*r.mutable_head(), online_); },
       [&](auto& r) {
         r.clear_head();
         add_key(r, online_);
       },
       "root version 2: " + name_of_key(online_) +
           " is a signing key, but was the head key in version 1"},
      {[&](auto& r) { add_key(r, three_); },
       [&](auto& r) {
         r.mutable_keys()->RemoveLast();
         set_key(*r.mutable_head(), three_);
       },
       "root version 2: " + name_of_key(three_) +
           " is the head key, but was a signing key in version 1"},
      {[&](auto& r) {
         set_key(*r.mutable_head(), online_);
         set_key(*r.add_locators(), locator_);
       },
       [&](auto& r) {
         r.clear_locators();
         set_key(*r.add_anchors(), locator_);
       },
       "root version 2: " + name_of_key(locator_) +
           " is an anchor, but was a locator in version 1"},
  };
  for (const auto& [first, next, reason] : cases) {
    const auto error = refusal_after(first, next);
    EXPECT_EQ(error.message, reason);
    EXPECT_EQ(error.hint, "get the publisher's .owrp again, from a place you trust");
  }
}

// A retired release key stays believed for what it signed. Brought back as a key that is kept
// online, it would sign releases from there.
TEST_F(RootChainTest, RemembersEveryUseOfAKey) {
  auto first = make_root({&one_}, 1);
  add_key(first, three_);
  set_role(*first.mutable_release(), {&three_}, 1);
  auto chain = *RootChain::verify({seal_root(first, {&one_})});
  auto second = make_next(chain.newest());
  second.mutable_keys()->RemoveLast();
  set_role(*second.mutable_release(), {&one_}, 1);
  ASSERT_TRUE(chain.extend(seal_root(second, {&one_})));
  auto third = make_next(chain.newest());
  set_key(*third.mutable_head(), three_);

  EXPECT_EQ(refusal(chain, third, {&one_}).message,
            "root version 3: the key " + fingerprint(three_.public_key().id()) +
                " is the head key, but was a signing key in version 1");
}

TEST_F(RootChainTest, TakesRevocationsThatAreKeptOrMovedEarlier) {
  auto first = make_root({&one_}, 1);
  auto& revoked = *first.add_revoked();
  revoked.set_key_id(three_.public_key().id().to_field());
  revoked.set_since_record(5);
  auto chain = *RootChain::verify({seal_root(first, {&one_})});
  ASSERT_TRUE(chain.extend(seal_root(make_next(chain.newest()), {&one_})));
  auto third = make_next(chain.newest());
  third.mutable_revoked(0)->set_since_record(2);
  ASSERT_TRUE(chain.extend(seal_root(third, {&one_})));

  EXPECT_EQ(chain.newest().revoked().at(three_.public_key().id()), 2U);
}

TEST_F(RootChainTest, TakesARootOfTheSameSecond) {
  auto chain = chain_of_one();
  auto next = make_next(chain.newest());
  next.set_issued(chain.newest().issued());

  EXPECT_TRUE(chain.extend(seal_root(next, {&one_})));
}

// TUF 1.0.34 section 5.3.6 and onwards: that an earlier root has expired is of no account.
TEST_F(RootChainTest, TakesNoClock) {
  auto first = make_root({&one_}, 1);
  first.set_issued(1);
  first.set_expires(2);
  auto chain = *RootChain::verify({seal_root(first, {&one_})});

  EXPECT_TRUE(chain.extend(seal_root(make_next(chain.newest()), {&one_})));
}

TEST_F(RootChainTest, EndsAt256Roots) {
  auto chain = chain_of_one();
  for (std::size_t i = 1; i < kMostRoots; ++i) {
    const auto extended = chain.extend(seal_root(make_next(chain.newest()), {&one_}));
    ASSERT_TRUE(extended) << extended.error().message;
  }
  ASSERT_TRUE(RootChain::verify(chain.raw()));

  const auto error = refusal(chain, make_next(chain.newest()), {&one_});
  EXPECT_EQ(error.message, "root version 257: a publisher has at most 256 of them");
  EXPECT_EQ(error.code, ErrorCode::Corrupt);
}

// ---- Faults of uptane/tuf-test-vectors that root metadata can have, by their names there.

using UptaneFault = RootChainTest;

TEST_F(UptaneFault, ZeroThreshold) {
  const auto error =
      refusal_after([](auto&) {}, [](auto& r) { r.mutable_root()->set_threshold(0); });

  EXPECT_EQ(error.code, ErrorCode::Corrupt);
  EXPECT_EQ(error.message, "root version 2: the root role has no threshold");
}

TEST_F(UptaneFault, UnmetThreshold) {
  auto chain = chain_of_one(/*threshold=*/2);

  const auto error = refusal(chain, make_next(chain.newest()), {&one_});
  EXPECT_EQ(error.code, ErrorCode::BadSignature);
  EXPECT_EQ(error.message,
            "root version 2 of Acme Labs: by the root keys of version 1, 1 of the 2 needed "
            "signatures are valid");
}

TEST_F(UptaneFault, ThresholdAboveTheNumberOfKeys) {
  const auto error =
      refusal_after([](auto&) {}, [](auto& r) { r.mutable_root()->set_threshold(3); });

  EXPECT_EQ(error.message, "root version 2: the root role has a threshold of 3 but 2 keys");
}

TEST_F(UptaneFault, NonUniqueSignatures) {
  auto chain = chain_of_one(/*threshold=*/2);
  auto envelope = decode(seal_root(make_next(chain.newest()), {&one_}));
  *envelope.add_signatures() = envelope.signatures(0);

  const auto extended = chain.extend(encode(envelope));

  ASSERT_FALSE(extended);
  EXPECT_EQ(extended.error().message, "root version 2 envelope: two signatures by one key, " +
                                          fingerprint(one_.public_key().id()));
}

// One signature under two key ids counts for the key that made it alone.
TEST_F(UptaneFault, NonUniqueSignaturesUnderTwoNames) {
  auto chain = chain_of_one(/*threshold=*/2);
  auto envelope = decode(seal_root(make_next(chain.newest()), {&one_, &two_}));
  envelope.mutable_signatures(1)->set_signature(envelope.signatures(0).signature());

  const auto extended = chain.extend(encode(envelope));

  ASSERT_FALSE(extended);
  EXPECT_EQ(extended.error().message,
            "root version 2 of Acme Labs: by the root keys of version 1, 1 of the 2 needed "
            "signatures are valid");
}

TEST_F(UptaneFault, BadKeyIds) {
  const auto unknown = digest_of(9);
  const auto unlisted = refusal_after(
      [](auto&) {}, [&](auto& r) { r.mutable_root()->set_key_ids(0, unknown.to_field()); });
  EXPECT_EQ(unlisted.message, "root version 2: the root role names the key " +
                                  fingerprint(unknown) + ", which the root does not list");

  auto chain = chain_of_one();
  auto envelope = decode(seal_root(make_next(chain.newest()), {&one_}));
  envelope.mutable_signatures(0)->set_key_id(unknown.to_field());
  const auto extended = chain.extend(encode(envelope));
  ASSERT_FALSE(extended);
  EXPECT_EQ(extended.error().message,
            "root version 2 of Acme Labs: by the root keys of version 1, 0 of the 1 needed "
            "signature is valid");
}

TEST_F(UptaneFault, RootRotationVersionSkip) {
  const auto error = refusal_after([](auto&) {}, [](auto& r) { r.set_version(3); });

  EXPECT_EQ(error.code, ErrorCode::BadSignature);
  EXPECT_EQ(error.message, "root version 2: version 3 does not follow version 1");
}

TEST_F(UptaneFault, RootRotationVersionUnchanged) {
  const auto error = refusal_after([](auto&) {},
                                   [](auto& r) {
                                     r.set_version(1);
                                     r.clear_publisher_id();
                                   });

  EXPECT_EQ(error.code, ErrorCode::BadSignature);
  EXPECT_EQ(error.message, "root version 2: version 1 does not follow version 1");
}

TEST_F(UptaneFault, RootRotationVersionDecreased) {
  auto chain = chain_of_one();
  ASSERT_TRUE(chain.extend(seal_root(make_next(chain.newest()), {&one_})));
  const auto second = chain.newest().raw();
  ASSERT_TRUE(chain.extend(seal_root(make_next(chain.newest()), {&one_})));

  const auto extended = chain.extend(second);

  ASSERT_FALSE(extended);
  EXPECT_EQ(extended.error().message, "root version 4: version 2 does not follow version 3");
}

TEST_F(UptaneFault, RootRotationNoOriginalSignature) {
  auto chain = chain_of_one();
  auto next = make_next(chain.newest());
  add_key(next, three_);
  set_role(*next.mutable_root(), {&three_}, 1);

  const auto error = refusal(chain, next, {&three_});
  EXPECT_EQ(error.code, ErrorCode::BadSignature);
  EXPECT_EQ(error.message,
            "root version 2 of Acme Labs: by the root keys of version 1, 0 of the 1 needed "
            "signature is valid");
}

TEST_F(UptaneFault, RootRotationNoNewSignature) {
  auto chain = chain_of_one();
  auto next = make_next(chain.newest());
  add_key(next, three_);
  set_role(*next.mutable_root(), {&three_}, 1);

  const auto error = refusal(chain, next, {&one_, &two_});
  EXPECT_EQ(error.code, ErrorCode::BadSignature);
  EXPECT_EQ(error.message, "root version 2 of Acme Labs: 0 of the 1 needed signature is valid");
}

TEST_F(UptaneFault, RoleTypeMismatch) {
  auto chain = chain_of_one();
  const auto payload = make_next(chain.newest()).SerializeAsString();

  const auto extended = chain.extend(seal(PayloadKind::Manifest, as_bytes(payload), {&one_}));

  ASSERT_FALSE(extended);
  EXPECT_EQ(extended.error().message,
            "root version 2 envelope: it holds \"application/vnd.owrd.manifest.v1+protobuf\"");
}

}  // namespace
}  // namespace owrd::trust
