#include "daemon/trust/envelope.h"

#include <gtest/gtest.h>

#include "daemon/hash/sha256.h"
#include "tests/trust/make.h"

namespace owrd::trust {
namespace {

const std::string kRootType = "application/vnd.owrd.root.v1+protobuf";
const std::string kManifestType = "application/vnd.owrd.manifest.v1+protobuf";

Bytes make_envelope(std::string_view payload, const std::vector<const SecretKey*>& keys) {
  return seal(PayloadKind::Manifest, as_bytes(payload), keys);
}

// secure-systems-lab/dsse 1.0.2, protocol.md.
TEST(Envelope, EncodesForSigningAsDsseDoes) {
  EXPECT_EQ(as_text(pre_authentication_encoding("http://example.com/HelloWorld",
                                                as_bytes("hello world"))),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  EXPECT_EQ(as_text(pre_authentication_encoding("", {})), "DSSEv1 0  0 ");
}

TEST(Envelope, KeepsItsExactBytes) {
  const auto key = make_key(1);
  const auto raw = make_envelope("payload", {&key});

  const auto envelope = parse_envelope(raw, PayloadKind::Manifest);

  ASSERT_TRUE(envelope) << envelope.error().message;
  EXPECT_EQ(envelope->raw, raw);
  EXPECT_EQ(as_text(envelope->payload), "payload");
  EXPECT_EQ(envelope->payload_digest(), hash::sha256(as_bytes("payload")));
  ASSERT_EQ(envelope->signatures.size(), 1U);
  EXPECT_EQ(envelope->signatures[0].key_id, key.public_key().id());
  EXPECT_EQ(envelope->signatures[0].bytes,
            key.sign(as_bytes("DSSEv1 41 " + kManifestType + " 7 payload")));
}

TEST(Envelope, CountsOnlyTheKeysItIsAskedFor) {
  const auto one = make_key(1);
  const auto two = make_key(2);
  const auto three = make_key(3);
  const auto envelope = parse_envelope(make_envelope("x", {&one, &two}), PayloadKind::Manifest);
  ASSERT_TRUE(envelope);

  using Keys = std::set<PublicKey>;
  EXPECT_EQ(valid_signers(*envelope, {one.public_key(), three.public_key()}),
            Keys{one.public_key()});
  EXPECT_EQ(valid_signers(*envelope, {one.public_key(), two.public_key()}),
            (Keys{one.public_key(), two.public_key()}));
  EXPECT_EQ(valid_signers(*envelope, {}), Keys{});
}

TEST(Envelope, IsOfTheKindThatWasExpected) {
  const auto key = make_key(1);
  const auto root = seal(PayloadKind::Root, as_bytes("x"), {&key});

  const auto envelope = parse_envelope(root, PayloadKind::Manifest);

  ASSERT_FALSE(envelope);
  EXPECT_EQ(envelope.error().code, ErrorCode::Corrupt);
  EXPECT_EQ(envelope.error().message, "manifest envelope: it holds \"" + kRootType + "\"");
}

// A signature made for one kind does not count when the type beside it is exchanged.
TEST(Envelope, BindsTheSignatureToTheKind) {
  const auto key = make_key(1);
  auto message = decode(seal(PayloadKind::Root, as_bytes("x"), {&key}));
  message.set_payload_type(kManifestType);

  const auto envelope = parse_envelope(encode(message), PayloadKind::Manifest);

  ASSERT_TRUE(envelope);
  EXPECT_TRUE(valid_signers(*envelope, {key.public_key()}).empty());
}

TEST(Envelope, RefusesWhatIsNotOneStrictForm) {
  const auto key = make_key(1);
  const auto good = make_envelope("payload", {&key});
  const auto changed = [&](auto change) {
    auto message = decode(good);
    change(message);
    return encode(message);
  };
  const auto joined = [](Bytes bytes, std::string_view more) {
    const auto added = as_bytes(more);
    bytes.insert(bytes.end(), added.begin(), added.end());
    return bytes;
  };
  struct Case {
    Bytes bytes;
    std::string cause;
  };
  const Case cases[] = {
      {{}, "it holds \"\""},
      {to_bytes("garbage"), "not in strict form: owrd.v1.Envelope: a bad field tag"},
      {joined(good, std::string(1, '\0')), "not in strict form: owrd.v1.Envelope: a bad field tag"},
      {joined(good, "\x22\x01x"), "not in strict form: owrd.v1.Envelope: unknown field 4"},
      {joined(good, "\x12\x01x"), "not in strict form: owrd.v1.Envelope: fields out of order"},
      {changed([](auto& m) { m.clear_signatures(); }), "no signature"},
      {changed([](auto& m) { m.set_payload_type("application/vnd.owrd.manifest.v2+protobuf"); }),
       "it holds \"application/vnd.owrd.manifest.v2+protobuf\""},
      {changed([](auto& m) { m.set_payload_type(kManifestType + " "); }),
       "it holds \"" + kManifestType + " \""},
      {changed([](auto& m) { m.mutable_signatures(0)->set_key_id("short"); }),
       "a key id is not 32 bytes"},
      {changed([](auto& m) { m.mutable_signatures(0)->clear_key_id(); }),
       "a key id is not 32 bytes"},
      {changed([](auto& m) { m.mutable_signatures(0)->mutable_signature()->push_back('x'); }),
       "a signature is not 64 bytes"},
      {changed([](auto& m) { *m.add_signatures() = m.signatures(0); }),
       "two signatures by one key, " + fingerprint(key.public_key().id())},
      {changed([](auto& m) {
         for (int i = 0; i < 32; ++i) *m.add_signatures() = m.signatures(0);
       }),
       "more than 32 signatures"},
  };
  for (const auto& [bytes, cause] : cases) {
    SCOPED_TRACE(cause);
    const auto envelope = parse_envelope(bytes, PayloadKind::Manifest);
    ASSERT_FALSE(envelope);
    EXPECT_EQ(envelope.error().code, ErrorCode::Corrupt);
    EXPECT_EQ(envelope.error().message, "manifest envelope: " + cause);
    EXPECT_EQ(envelope.error().hint,
              "this release.owrd is damaged or forged: get the release again, by its publisher's "
              "magnet link or .owr");
  }
}

TEST(Envelope, TakesUpTo32Signatures) {
  std::vector<SecretKey> keys;
  for (int i = 1; i <= 32; ++i) keys.push_back(make_key(i));
  std::vector<const SecretKey*> signers;
  std::set<PublicKey> public_keys;
  for (const auto& key : keys) {
    signers.push_back(&key);
    public_keys.insert(key.public_key());
  }

  const auto envelope = parse_envelope(make_envelope("x", signers), PayloadKind::Manifest);

  ASSERT_TRUE(envelope);
  EXPECT_EQ(valid_signers(*envelope, public_keys), public_keys);
}

constexpr PayloadKind kKinds[] = {PayloadKind::Root, PayloadKind::Manifest, PayloadKind::Head,
                                  PayloadKind::Notice, PayloadKind::Attestation};

TEST(Envelope, IsMeasuredBeforeItIsParsed) {
  for (const auto kind : kKinds) {
    const auto limit = envelope_limit_bytes(kind);
    const auto within = parse_envelope(Bytes(limit), kind);
    const auto beyond = parse_envelope(Bytes(limit + 1), kind);
    ASSERT_FALSE(within);
    EXPECT_NE(within.error().message.find("a bad field tag"), std::string::npos);
    ASSERT_FALSE(beyond);
    EXPECT_NE(beyond.error().message.find("longer than " + std::to_string(limit) + " bytes"),
              std::string::npos);
  }
  EXPECT_EQ(envelope_limit_bytes(PayloadKind::Root), 131'072U);
  EXPECT_EQ(envelope_limit_bytes(PayloadKind::Manifest), 8'454'144U);
  EXPECT_EQ(envelope_limit_bytes(PayloadKind::Head), 1024U);
  EXPECT_EQ(envelope_limit_bytes(PayloadKind::Notice), 69'632U);
  EXPECT_EQ(envelope_limit_bytes(PayloadKind::Attestation), 8192U);
}

// Row T11 of the attack table: a key that may sign two kinds of objects signs one of them, and it
// is shown as the other.
TEST(Envelope, OfOneKindIsNeverOneOfAnother) {
  const auto key = make_key(1);
  for (const auto kind : kKinds) {
    for (const auto other : kKinds) {
      if (kind == other) continue;
      SCOPED_TRACE(std::string(payload_type(kind)) + " as " + payload_type(other));
      const auto raw = seal(kind, as_bytes("x"), {&key});
      const auto as_it_is = parse_envelope(raw, other);
      ASSERT_FALSE(as_it_is);
      EXPECT_NE(as_it_is.error().message.find(payload_type(kind)), std::string::npos);

      auto message = decode(raw);
      message.set_payload_type(payload_type(other));
      const auto renamed = parse_envelope(encode(message), other);
      ASSERT_TRUE(renamed);
      EXPECT_TRUE(valid_signers(*renamed, {key.public_key()}).empty());
    }
  }
}

TEST(Envelope, SaysWhatItIsAndWhatToDo) {
  struct Case {
    PayloadKind kind;
    std::string name, hint;
  };
  const Case cases[] = {
      {PayloadKind::Root, "root", "get the publisher's .owrp again, from a place you trust"},
      {PayloadKind::Manifest, "manifest",
       "this release.owrd is damaged or forged: get the release again, by its publisher's magnet "
       "link or .owr"},
      {PayloadKind::Head, "head",
       "this head is damaged or forged: owrd publisher refresh asks all other places for it"},
      {PayloadKind::Notice, "notice",
       "this notice is damaged or forged: owrd publisher refresh fetches the publisher's feed "
       "again"},
      {PayloadKind::Attestation, "attestation",
       "this attestation is damaged or forged and counts for nothing: its mirror can make another "
       "with owrd attest"},
  };
  for (const auto& [kind, name, hint] : cases) {
    const auto envelope = parse_envelope(seal(kind, {}, {}), kind);
    ASSERT_FALSE(envelope);
    EXPECT_EQ(envelope.error().message, name + " envelope: no signature");
    EXPECT_EQ(envelope.error().hint, hint);
  }
}

TEST(Envelope, MayBeUnsignedWhileSignaturesAreGathered) {
  const auto one = make_key(1);
  const auto two = make_key(2);
  const auto bare =
      parse_unsigned_envelope(seal(PayloadKind::Root, as_bytes("x"), {}), PayloadKind::Root);
  ASSERT_TRUE(bare) << bare.error().message;
  EXPECT_TRUE(bare->signatures.empty());

  const auto once = parse_unsigned_envelope(add_signature(*bare, one), PayloadKind::Root);
  ASSERT_TRUE(once);
  EXPECT_EQ(add_signature(*once, two), seal(PayloadKind::Root, as_bytes("x"), {&one, &two}));
}

TEST(Envelope, SurvivesNoFlippedBit) {
  const auto key = make_key(1);
  const auto good = make_envelope("payload", {&key});
  const std::set<PublicKey> keys = {key.public_key()};
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      auto changed = good;
      changed[at] ^= static_cast<std::byte>(1U << bit);
      const auto envelope = parse_envelope(changed, PayloadKind::Manifest);
      if (!envelope) continue;
      ASSERT_TRUE(valid_signers(*envelope, keys).empty()) << "byte " << at << ", bit " << bit;
    }
  }
}

TEST(Envelope, SurvivesNoCutAndNoAddition) {
  const auto key = make_key(1);
  const auto good = make_envelope("payload", {&key});
  for (std::size_t size = 0; size < good.size(); ++size) {
    const auto cut = parse_envelope(ByteView(good).first(size), PayloadKind::Manifest);
    ASSERT_FALSE(cut) << size;
  }
  for (int byte = 0; byte < 256; ++byte) {
    auto longer = good;
    longer.push_back(static_cast<std::byte>(byte));
    ASSERT_FALSE(parse_envelope(longer, PayloadKind::Manifest)) << byte;
  }
}

}  // namespace
}  // namespace owrd::trust
