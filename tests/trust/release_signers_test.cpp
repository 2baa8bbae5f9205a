#include "daemon/trust/release_signers.h"

#include <gtest/gtest.h>

#include <optional>

#include "tests/trust/make.h"

namespace owrd::trust {
namespace {

Envelope manifest_signed_by(const std::vector<const SecretKey*>& keys) {
  return *parse_envelope(seal(PayloadKind::Manifest, as_bytes("manifest"), keys),
                         PayloadKind::Manifest);
}

class ReleaseTest : public testing::Test {
 protected:
  const SecretKey one_ = make_key(1);
  const SecretKey two_ = make_key(2);
  const SecretKey three_ = make_key(3);
  const SecretKey stranger_ = make_key(9);

  /// One and two sign releases, both are needed; three is a root key only.
  RootChain two_of_two() const {
    auto message = make_root({&one_, &two_, &three_}, 1);
    set_role(*message.mutable_release(), {&one_, &two_}, 2);
    return *RootChain::verify({seal_root(message, {&three_})});
  }
};

TEST_F(ReleaseTest, IsBelievedWithEnoughReleaseKeys) {
  const auto root = two_of_two();

  const auto signers =
      verify_release(manifest_signed_by({&one_, &stranger_, &two_}), "atlas", root, std::nullopt);

  ASSERT_TRUE(signers) << signers.error().message;
  EXPECT_EQ(signers->keys, (std::set<PublicKey>{one_.public_key(), two_.public_key()}));
}

TEST_F(ReleaseTest, IsNotBelievedBelowTheThreshold) {
  const auto signers =
      verify_release(manifest_signed_by({&one_}), "atlas", two_of_two(), std::nullopt);

  ASSERT_FALSE(signers);
  EXPECT_EQ(signers.error().code, ErrorCode::BadSignature);
  EXPECT_EQ(signers.error().message,
            "manifest: as a release of Acme Labs, 1 of the 2 needed signatures are valid");
}

TEST_F(ReleaseTest, IsUntrustedByAnotherKey) {
  for (const auto* key : {&stranger_, &three_}) {
    const auto signers =
        verify_release(manifest_signed_by({key}), "atlas", two_of_two(), std::nullopt);

    ASSERT_FALSE(signers);
    EXPECT_EQ(signers.error().code, ErrorCode::Untrusted);
    EXPECT_EQ(signers.error().message,
              "manifest: signed by a key that the root of Acme Labs does not list for releases, " +
                  fingerprint(key->public_key().id()));
    EXPECT_EQ(
        signers.error().hint,
        "ask the publisher whether that key is theirs; the keys that may sign: owrd publisher "
        "show " +
            two_of_two().publisher_id().to_hex().substr(0, 12));
  }
}

TEST_F(ReleaseTest, IsRefusedWhenASignatureIsBroken) {
  const auto root = *RootChain::verify({seal_root(make_root({&one_}, 1), {&one_})});
  auto message = decode(manifest_signed_by({&one_}).raw);
  message.set_payload("Manifest");
  const auto manifest = parse_envelope(encode(message), PayloadKind::Manifest);
  ASSERT_TRUE(manifest);

  const auto signers = verify_release(*manifest, "atlas", root, std::nullopt);

  ASSERT_FALSE(signers);
  EXPECT_EQ(signers.error().code, ErrorCode::BadSignature);
  EXPECT_EQ(signers.error().message,
            "manifest: as a release of Acme Labs, 0 of the 1 needed signature is valid");
  EXPECT_EQ(signers.error().hint,
            "what was signed has been changed: get the release again, by its publisher's magnet "
            "link or .owr");
}

// The signature of one key under the id of another counts for neither.
TEST_F(ReleaseTest, CountsNoSignatureUnderAnotherName) {
  auto message = decode(manifest_signed_by({&one_, &stranger_}).raw);
  message.mutable_signatures(1)->set_key_id(two_.public_key().id().to_field());
  message.mutable_signatures(1)->set_signature(message.signatures(0).signature());
  const auto manifest = parse_envelope(encode(message), PayloadKind::Manifest);
  ASSERT_TRUE(manifest);

  const auto signers = verify_release(*manifest, "atlas", two_of_two(), std::nullopt);

  ASSERT_FALSE(signers);
  EXPECT_EQ(signers.error().code, ErrorCode::BadSignature);
}

/// A chain that begins with release key one, and goes on as a test wants.
class RotationTest : public ReleaseTest {
 protected:
  RotationTest() {
    auto first = make_root({&owner_, &one_}, 1);
    set_role(*first.mutable_root(), {&owner_}, 1);
    set_role(*first.mutable_release(), {&one_}, 1);
    chain_ = *RootChain::verify({seal_root(first, {&owner_})});
  }
  void extend(const v1::Root& next) {
    const auto extended = chain_->extend(seal_root(next, {&owner_}));
    ASSERT_TRUE(extended) << extended.error().message;
  }
  /// Root 2 gives two the place of one.
  v1::Root with_two() const {
    auto next = make_next(chain_->newest());
    set_key(*next.mutable_keys(1), two_);
    set_role(*next.mutable_release(), {&two_}, 1);
    return next;
  }
  static void revoke(v1::Root& root, const SecretKey& key, std::uint64_t since) {
    auto& revoked = *root.add_revoked();
    revoked.set_key_id(key.public_key().id().to_field());
    revoked.set_since_record(since);
  }
  Result<ReleaseSigners> verify(const std::vector<const SecretKey*>& keys,
                                std::optional<std::uint64_t> listed = std::nullopt,
                                std::string_view model = "atlas") const {
    return verify_release(manifest_signed_by(keys), model, *chain_, listed);
  }

  const SecretKey owner_ = make_key(8);
  std::optional<RootChain> chain_;
};

TEST_F(RotationTest, KeepsBelievingWhatARetiredKeySigned) {
  extend(with_two());

  const auto retired = verify({&one_});
  ASSERT_TRUE(retired) << retired.error().message;
  EXPECT_EQ(retired->keys, std::set<PublicKey>{one_.public_key()});
  EXPECT_EQ(retired->root_version, 1U);
  const auto current = verify({&two_});
  ASSERT_TRUE(current) << current.error().message;
  EXPECT_EQ(current->root_version, 2U);
}

TEST_F(RotationTest, NamesTheNewestRootThatWill) {
  extend(make_next(chain_->newest()));
  extend(make_next(chain_->newest()));

  EXPECT_EQ(verify({&one_})->root_version, 3U);
}

// Enough keys of one root must have signed: not some of one and some of another.
TEST_F(RotationTest, AddsNoKeysOfDifferentRootsTogether) {
  auto second = with_two();
  add_key(second, three_);
  set_role(*second.mutable_release(), {&two_, &three_}, 2);
  auto third = second;
  extend(second);
  third.set_version(3);
  add_key(third, stranger_);
  set_role(*third.mutable_release(), {&two_, &stranger_}, 2);
  extend(third);

  const auto signers = verify({&three_, &stranger_});

  ASSERT_FALSE(signers);
  EXPECT_EQ(signers.error().code, ErrorCode::BadSignature);
  EXPECT_EQ(signers.error().message,
            "manifest: as a release of Acme Labs, 1 of the 2 needed signatures are valid");
}

// Row K2 of the attack table.
TEST_F(RotationTest, BelievesARevokedKeyForWhatWasListedBefore) {
  auto second = with_two();
  revoke(second, one_, 5);
  extend(second);

  EXPECT_TRUE(verify({&one_}, 0));
  const auto last = verify({&one_}, 4);
  ASSERT_TRUE(last) << last.error().message;
  EXPECT_EQ(last->root_version, 1U);
  for (const std::optional<std::uint64_t> listed :
       {std::optional<std::uint64_t>(5), std::optional<std::uint64_t>(UINT64_MAX),
        std::optional<std::uint64_t>()}) {
    const auto signers = verify({&one_}, listed);
    ASSERT_FALSE(signers);
    EXPECT_EQ(signers.error().code, ErrorCode::Untrusted);
    EXPECT_EQ(signers.error().message, "manifest: signed by the key " +
                                           fingerprint(one_.public_key().id()) +
                                           ", which Acme Labs has revoked from record 5 of its "
                                           "feed on");
    EXPECT_EQ(signers.error().hint,
              "what the feed lists before that record stays believed: owrd publisher refresh " +
                  chain_->publisher_id().to_hex().substr(0, 12));
  }
  EXPECT_TRUE(verify({&one_, &two_})) << "another key's signature still counts";
}

TEST_F(RotationTest, BelievesNothingOfAKeyRevokedFromTheStart) {
  auto second = with_two();
  revoke(second, one_, 0);
  extend(second);

  EXPECT_FALSE(verify({&one_}, 0));
}

TEST_F(RotationTest, BelievesAScopedKeyForItsModelsAlone) {
  auto second = make_next(chain_->newest());
  add_key(second, two_);
  add_scope(second, {"atlas-*", "nova"}, {&two_}, 1);
  extend(second);

  for (const auto* model : {"atlas-70b", "nova"}) {
    const auto signers = verify({&two_}, std::nullopt, model);
    ASSERT_TRUE(signers) << signers.error().message;
    EXPECT_TRUE(signers->by_scope);
    EXPECT_EQ(signers->root_version, 2U);
  }
  const auto other = verify({&two_}, std::nullopt, "atlas");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::Untrusted);
  EXPECT_EQ(other.error().message,
            "manifest: signed by a key that the root of Acme Labs lists for other models than "
            "\"atlas\", " +
                fingerprint(two_.public_key().id()));
  const auto by_release_key = verify({&one_}, std::nullopt, "nova");
  ASSERT_TRUE(by_release_key) << "release keys sign every model";
  EXPECT_FALSE(by_release_key->by_scope);
}

TEST_F(RotationTest, CountsTheThresholdOfAScopeByItself) {
  auto second = make_next(chain_->newest());
  add_key(second, two_);
  add_key(second, three_);
  add_scope(second, {"nova"}, {&two_, &three_}, 2);
  set_role(*second.mutable_release(), {&one_}, 1);
  extend(second);

  EXPECT_TRUE(verify({&two_, &three_}, std::nullopt, "nova"));
  const auto one_of_two = verify({&two_}, std::nullopt, "nova");
  ASSERT_FALSE(one_of_two);
  EXPECT_EQ(one_of_two.error().code, ErrorCode::BadSignature);
  EXPECT_EQ(one_of_two.error().message,
            "manifest: as a release of Acme Labs, 1 of the 2 needed signatures are valid");
}

TEST_F(RotationTest, BelievesNoScopedKeyThatIsRevoked) {
  auto second = make_next(chain_->newest());
  add_key(second, two_);
  add_scope(second, {"nova"}, {&two_}, 1);
  extend(second);
  auto third = make_next(chain_->newest());
  third.mutable_keys()->RemoveLast();
  third.clear_scopes();
  revoke(third, two_, 3);
  extend(third);

  EXPECT_TRUE(verify({&two_}, 2, "nova"));
  EXPECT_FALSE(verify({&two_}, 3, "nova"));
}

TEST(Glob, StandsForAnyCharacters) {
  struct Case {
    const char *pattern, *name;
    bool matches;
  };
  const Case cases[] = {
      {"atlas", "atlas", true},
      {"atlas", "atlas-70b", false},
      {"atlas", "atla", false},
      {"atlas-*", "atlas-70b", true},
      {"atlas-*", "atlas-", true},
      {"atlas-*", "atlas", false},
      {"atlas-*", "my-atlas-1", false},
      {"*", "", true},
      {"*", "anything", true},
      {"*-70b", "atlas-70b", true},
      {"*-70b", "atlas-70b-70b", true},
      {"*-70b", "atlas-70b-7", false},
      {"a*b*c", "a-b-b-c", true},
      {"a*b*c", "a-c-b", false},
      {"**", "x", true},
      {"", "", true},
      {"", "x", false},
      {"Atlas", "atlas", false},
      {"a.c", "abc", false},
      {"a?c", "abc", false},
  };
  for (const auto& [pattern, name, matches] : cases)
    EXPECT_EQ(matches_glob(pattern, name), matches) << pattern << " and " << name;
}

// One '*' after another must not make it try every way to share out the name.
TEST(Glob, TakesNoLongerForManyStars) {
  std::string pattern;
  for (int i = 0; i < 48; ++i) pattern += "a*";

  EXPECT_FALSE(matches_glob(pattern + "b", std::string(96, 'a')));
}

}  // namespace
}  // namespace owrd::trust
