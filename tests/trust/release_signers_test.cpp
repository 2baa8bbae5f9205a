#include "daemon/trust/release_signers.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace owrd::trust
