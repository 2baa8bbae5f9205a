#include "daemon/trust/attestation.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/trust/make.h"

namespace owrd::trust {
namespace {

class AttestationTest : public testing::Test {
 protected:
  v1::Attestation good() const {
    v1::Attestation message;
    const auto payload =
        parse_envelope(make_attestation(example_attestation(), mirror_), PayloadKind::Attestation)
            ->payload;
    EXPECT_TRUE(message.ParseFromArray(payload.data(), static_cast<int>(payload.size())));
    return message;
  }
  static Bytes seal_attestation(const v1::Attestation& message, const SecretKey& key) {
    return seal(PayloadKind::Attestation, as_bytes(message.SerializeAsString()), {&key});
  }

  const SecretKey mirror_ = make_key(1);
  const SecretKey other_ = make_key(2);
};

TEST_F(AttestationTest, IsAMirrorsWord) {
  const auto raw = make_attestation(example_attestation(), mirror_);

  const auto attestation = Attestation::verify(raw);

  ASSERT_TRUE(attestation) << attestation.error().message;
  EXPECT_EQ(attestation->raw(), raw);
  EXPECT_EQ(attestation->mirror_key(), mirror_.public_key());
  EXPECT_EQ(attestation->mirror_name(), "Institute of Examples");
  EXPECT_EQ(attestation->publisher_id(), digest_of(5));
  EXPECT_EQ(attestation->release_id(), digest_of(6));
  EXPECT_EQ(attestation->infohash(), digest_of(7));
  EXPECT_EQ(attestation->verified(), 1'750'000'000);
  EXPECT_EQ(attestation->expires(), 1'750'000'000 + 30 * 86400);
  EXPECT_EQ(attestation->bytes_verified(), 4321U);
}

TEST_F(AttestationTest, NamesTheRuleThatIsBroken) {
  struct Case {
    std::function<void(v1::Attestation&)> change;
    std::string reason;
  };
  const Case cases[] = {
      {[](auto& a) { a.set_mirror_key("x"); }, "the mirror's key is not 32 bytes"},
      {[](auto& a) { a.set_mirror_key(std::string(32, '\0')); },
       "the mirror's key is not a point of ed25519"},
      {[](auto& a) { a.set_mirror_name("a\nb"); },
       "the mirror's name is not one line of at most 200 bytes"},
      {[](auto& a) { a.set_mirror_name(std::string(201, 'a')); },
       "the mirror's name is not one line of at most 200 bytes"},
      {[](auto& a) { a.clear_publisher_id(); }, "the publisher id is not 32 bytes"},
      {[](auto& a) { a.clear_release_id(); }, "the release id is not 32 bytes"},
      {[](auto& a) { a.clear_infohash(); }, "the infohash is not 32 bytes"},
      {[](auto& a) { a.clear_verified(); }, "the time of verification is missing"},
      {[](auto& a) { a.set_expires(a.verified()); }, "it expires before the release was verified"},
      {[](auto& a) { a.set_expires(a.verified() + kAttestationLifeSeconds + 1); },
       "it lives longer than 30 days"},
      {[](auto& a) { a.clear_bytes_verified(); }, "not a byte was verified"},
  };
  for (const auto& [change, reason] : cases) {
    SCOPED_TRACE(reason);
    auto message = good();
    change(message);
    const auto attestation = Attestation::verify(seal_attestation(message, mirror_));
    ASSERT_FALSE(attestation);
    EXPECT_EQ(attestation.error().code, ErrorCode::Corrupt);
    EXPECT_EQ(attestation.error().message, "attestation: " + reason);
    EXPECT_EQ(attestation.error().hint,
              "this attestation is damaged or forged and counts for nothing: its mirror can make "
              "another with owrd attest");
  }
}

TEST_F(AttestationTest, IsSignedByTheKeyThatStandsInIt) {
  const auto by_other = Attestation::verify(seal_attestation(good(), other_));
  ASSERT_FALSE(by_other);
  EXPECT_EQ(by_other.error().code, ErrorCode::BadSignature);
  EXPECT_EQ(by_other.error().message,
            "attestation: it is signed by the key " + fingerprint(other_.public_key().id()) +
                ", and names as its mirror's the key " + fingerprint(mirror_.public_key().id()));

  auto envelope = decode(seal_attestation(good(), other_));
  envelope.mutable_signatures(0)->set_key_id(mirror_.public_key().id().to_field());
  const auto pretended = Attestation::verify(encode(envelope));
  ASSERT_FALSE(pretended);
  EXPECT_EQ(pretended.error().code, ErrorCode::BadSignature);
  EXPECT_EQ(pretended.error().message, "attestation: the signature by the mirror's key " +
                                           fingerprint(mirror_.public_key().id()) +
                                           " is not valid");

  const auto payload = good().SerializeAsString();
  const auto by_two =
      Attestation::verify(seal(PayloadKind::Attestation, as_bytes(payload), {&mirror_, &other_}));
  ASSERT_FALSE(by_two);
  EXPECT_EQ(by_two.error().message, "attestation: more than one signature");
}

}  // namespace
}  // namespace owrd::trust
