#include "daemon/trust/root.h"

#include <gtest/gtest.h>

#include <functional>

#include "daemon/hash/sha256.h"
#include "tests/trust/make.h"

namespace owrd::trust {
namespace {

class RootTest : public testing::Test {
 protected:
  const SecretKey one_ = make_key(1);
  const SecretKey two_ = make_key(2);
  const SecretKey three_ = make_key(3);
  const SecretKey stranger_ = make_key(9);
};

TEST_F(RootTest, IsItsOwnProof) {
  const auto raw = make_first_root("Acme Labs", 1'700'000'000, 1'800'000'000, "acme-2026", one_);

  const auto root = Root::verify_first(raw);

  ASSERT_TRUE(root) << root.error().message;
  const auto payload = parse_envelope(raw, PayloadKind::Root)->payload;
  EXPECT_EQ(root->publisher_id(), hash::sha256(payload));
  EXPECT_EQ(root->raw(), raw);
  EXPECT_EQ(root->version(), 1U);
  EXPECT_EQ(root->expires(), 1'800'000'000);
  EXPECT_EQ(root->message().display_name(), "Acme Labs");
  EXPECT_EQ(root->message().keys(0).label(), "acme-2026");
  EXPECT_EQ(root->root_role().keys, std::set<PublicKey>{one_.public_key()});
  EXPECT_EQ(root->release_role().keys, std::set<PublicKey>{one_.public_key()});
}

// Made by owrd 0.1 before roots had heads, scopes and successors. It stays what it was.
TEST_F(RootTest, OfAnEarlierOwrdIsTheSameByteForByte) {
  const auto raw =
      hex("0a256170706c69636174696f6e2f766e642e6f7772642e726f6f742e76312b70726f746f627566129601"
          "10011880e2cfaa062080a4a7da062a0941636d65204c6162733a2f080112208a88e3dd7409f195fd52db"
          "2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c1a0961636d652d3230323642240a200eea5d4d14b8"
          "4189460409c558c3c03ba5210dd4d9f4fed348a88eb43db1b10510014a240a200eea5d4d14b841894604"
          "09c558c3c03ba5210dd4d9f4fed348a88eb43db1b10510011a640a200eea5d4d14b84189460409c558c3"
          "c03ba5210dd4d9f4fed348a88eb43db1b1051240fab57fb243e5c5975728d286d50bc439ef506a327a6b"
          "02e89c3dfa29b241964da28dbf1a870f804b3ac8501c38819646cbb1cad1eef17ace1c204dc02aa79d02");

  const auto root = Root::verify_first(raw);

  ASSERT_TRUE(root) << root.error().message;
  EXPECT_EQ(root->publisher_id().to_hex(),
            "dd277e05da2d0217df115473959793a75c8c9ce88fb542cb0236c1388bd8e364");
  EXPECT_EQ(raw, make_first_root("Acme Labs", 1'700'000'000, 1'800'000'000, "acme-2026", one_));
  EXPECT_FALSE(root->head_key());
  EXPECT_TRUE(root->scopes().empty());
}

TEST_F(RootTest, KeepsItsRolesApart) {
  auto message = make_root({&one_, &two_, &three_}, 2);
  set_role(*message.mutable_release(), {&three_}, 1);

  const auto root = Root::verify_first(seal_root(message, {&one_, &two_}));

  ASSERT_TRUE(root) << root.error().message;
  EXPECT_EQ(root->root_role().keys.size(), 3U);
  EXPECT_EQ(root->release_role().keys, std::set<PublicKey>{three_.public_key()});
}

TEST_F(RootTest, NeedsTheSignaturesOfItsOwnThreshold) {
  const auto message = make_root({&one_, &two_, &three_}, 2);
  struct Case {
    std::vector<const SecretKey*> keys;
    std::string reason;
  };
  const Case cases[] = {
      {{&one_}, "root of Acme Labs: 1 of the 2 needed signatures are valid"},
      {{&one_, &stranger_}, "root of Acme Labs: 1 of the 2 needed signatures are valid"},
      {{&stranger_}, "root of Acme Labs: 0 of the 2 needed signatures are valid"},
  };
  for (const auto& [keys, reason] : cases) {
    const auto root = Root::verify_first(seal_root(message, keys));
    ASSERT_FALSE(root);
    EXPECT_EQ(root.error().code, ErrorCode::BadSignature);
    EXPECT_EQ(root.error().message, reason);
    EXPECT_EQ(root.error().hint, "get the publisher's .owrp again, from a place you trust");
  }
  EXPECT_TRUE(Root::verify_first(seal_root(message, {&three_, &stranger_, &two_})));
}

// A release key that is no root key has no say in the root.
TEST_F(RootTest, TakesNoReleaseKeyForARootKey) {
  auto message = make_root({&one_, &two_}, 1);
  set_role(*message.mutable_root(), {&one_}, 1);

  const auto root = Root::verify_first(seal_root(message, {&two_}));

  ASSERT_FALSE(root);
  EXPECT_EQ(root.error().message, "root of Acme Labs: 0 of the 1 needed signature is valid");
}

TEST_F(RootTest, NamesTheRuleThatIsBroken) {
  const auto fingerprint_of = [](const SecretKey& key) {
    return fingerprint(key.public_key().id());
  };
  struct Case {
    std::function<void(v1::Root&)> change;
    ErrorCode code;
    std::string reason;
  };
  const auto corrupt = ErrorCode::Corrupt;
  const auto too_new = ErrorCode::InvalidInput;
  const std::string raw_one(as_text(one_.public_key().bytes()));
  const Case cases[] = {
      {[](auto& r) { r.add_required_features("heads"); }, too_new,
       "root: feature \"heads\" needs a newer owrd"},
      {[](auto& r) { r.clear_version(); }, corrupt, "root: the version is missing"},
      {[](auto& r) { r.set_publisher_id(std::string(32, 'x')); }, corrupt,
       "root: version 1 names a publisher id, which can only follow from it"},
      {[](auto& r) { r.clear_issued(); }, corrupt, "root: the time of issue is missing"},
      {[](auto& r) { r.set_issued(-1); }, corrupt, "root: the time of issue is missing"},
      {[](auto& r) { r.set_expires(r.issued()); }, corrupt, "root: it expires before it is issued"},
      {[](auto& r) { r.clear_expires(); }, corrupt, "root: it expires before it is issued"},
      {[](auto& r) { r.clear_display_name(); }, corrupt, "root: the display name is empty"},
      {[](auto& r) { r.set_display_name(std::string(201, 'a')); }, corrupt,
       "root: the display name is longer than 200 bytes"},
      {[](auto& r) { r.set_display_name("Acme\x1b[2J"); }, corrupt,
       "root: the display name is not one line of plain text"},
      {[](auto& r) {
         r.set_display_name(
             "\xe2\x80\xae"
             "emcA");
       },
       corrupt, "root: the display name is not one line of plain text"},
      {[](auto& r) { r.add_contacts(""); }, corrupt,
       "root: a contact is not one line of 1 to 500 bytes"},
      {[](auto& r) {
         for (int i = 0; i < 17; ++i) r.add_contacts("x");
       },
       corrupt, "root: more than 16 contacts"},
      {[](auto& r) { r.clear_keys(); }, corrupt, "root: no keys"},
      {[this](auto& r) { add_key(r, one_); }, corrupt,
       "root: it lists the key " + fingerprint_of(one_) + " twice"},
      {[](auto& r) { r.mutable_keys(0)->set_algorithm(v1::KEY_ALGORITHM_UNSPECIFIED); }, corrupt,
       "root: a key is not of the algorithm ed25519"},
      {[](auto& r) { r.mutable_keys(0)->set_algorithm(static_cast<v1::KeyAlgorithm>(7)); }, corrupt,
       "root: a key is not of the algorithm ed25519"},
      {[](auto& r) { r.mutable_keys(0)->mutable_public_key()->pop_back(); }, corrupt,
       "root: a key is not 32 bytes"},
      {[](auto& r) { r.mutable_keys(0)->set_public_key(std::string(32, '\0')); }, corrupt,
       "root: a key is not a point of ed25519"},
      {[](auto& r) { r.mutable_keys(0)->set_label("a\nb"); }, corrupt,
       "root: a key's label is not one line of at most 200 bytes"},
      {[](auto& r) {
         const auto key = r.keys(0);
         for (int i = 0; i < 64; ++i) *r.add_keys() = key;
       },
       corrupt, "root: more than 64 keys"},
      {[](auto& r) { r.clear_root(); }, corrupt, "root: the root role has no threshold"},
      {[](auto& r) { r.clear_release(); }, corrupt, "root: the release role has no threshold"},
      {[](auto& r) { r.mutable_root()->set_threshold(0); }, corrupt,
       "root: the root role has no threshold"},
      {[](auto& r) { r.mutable_release()->set_threshold(3); }, corrupt,
       "root: the release role has a threshold of 3 but 2 keys"},
      {[](auto& r) { r.mutable_root()->add_key_ids(r.root().key_ids(0)); }, corrupt,
       "root: the root role names the key " + fingerprint_of(one_) + " twice"},
      {[this](auto& r) { set_role(*r.mutable_release(), {&stranger_}, 1); }, corrupt,
       "root: the release role names the key " + fingerprint_of(stranger_) +
           ", which the root does not list"},
      {[&](auto& r) { r.mutable_root()->set_key_ids(0, raw_one.substr(1)); }, corrupt,
       "root: the root role names a key id that is not 32 bytes"},
      {[this](auto& r) { set_key(*r.mutable_head(), two_); }, corrupt,
       "root: the key " + fingerprint_of(two_) + " is both a signing key and the head key"},
      {[](auto& r) { r.mutable_head(); }, corrupt, "root: a key is not of the algorithm ed25519"},
      {[this](auto& r) { set_key(*r.add_locators(), three_); }, corrupt,
       "root: it has locators but no head key, so that there is nothing to locate"},
      {[this](auto& r) {
         set_key(*r.mutable_head(), three_);
         set_key(*r.add_locators(), three_);
       },
       corrupt, "root: the key " + fingerprint_of(three_) + " is both the head key and a locator"},
      {[this](auto& r) {
         set_key(*r.mutable_head(), three_);
         set_key(*r.add_locators(), one_);
       },
       corrupt, "root: the key " + fingerprint_of(one_) + " is both a signing key and a locator"},
      {[this](auto& r) {
         set_key(*r.mutable_head(), three_);
         for (int i = 0; i < 2; ++i) set_key(*r.add_locators(), stranger_);
       },
       corrupt, "root: it lists the key " + fingerprint_of(stranger_) + " twice"},
      {[this](auto& r) {
         set_key(*r.mutable_head(), three_);
         for (int i = 0; i < 5; ++i) set_key(*r.add_locators(), make_key(50 + i));
       },
       corrupt, "root: more than 4 locators"},
      {[this](auto& r) { set_key(*r.add_anchors(), two_); }, corrupt,
       "root: the key " + fingerprint_of(two_) + " is both a signing key and an anchor"},
      {[](auto& r) {
         for (int i = 0; i < 5; ++i) set_key(*r.add_anchors(), make_key(50 + i));
       },
       corrupt, "root: more than 4 anchors"},
      {[](auto& r) { r.add_locations("http://acme.example/"); }, corrupt,
       "root: the location \"http://acme.example/\" is not an https:// URL"},
      {[](auto& r) { r.add_locations("https:///acme.owrp"); }, corrupt,
       "root: the location \"https:///acme.owrp\" is not an https:// URL"},
      {[](auto& r) { r.add_locations("https://me:secret@acme.example/"); }, corrupt,
       "root: the location \"https://me:secret@acme.example/\" is not an https:// URL"},
      {[](auto& r) { r.add_locations("https://acme.example/a b"); }, corrupt,
       "root: the location \"https://acme.example/a b\" is not an https:// URL"},
      {[](auto& r) {
         for (int i = 0; i < 9; ++i) r.add_locations("https://acme.example/");
       },
       corrupt, "root: more than 8 locations"},
      {[](auto& r) { r.add_revoked()->set_key_id("x"); }, corrupt,
       "root: it revokes a key id that is not 32 bytes"},
      {[this](auto& r) {
         for (int i = 0; i < 2; ++i) r.add_revoked()->set_key_id(digest_of(7).to_field());
       },
       corrupt, "root: it revokes the key " + fingerprint(digest_of(7)) + " twice"},
      {[this](auto& r) { r.add_revoked()->set_key_id(two_.public_key().id().to_field()); }, corrupt,
       "root: it revokes the key " + fingerprint_of(two_) + ", which it also lists"},
      {[](auto& r) {
         for (int i = 0; i < 257; ++i) r.add_revoked();
       },
       corrupt, "root: more than 256 revoked keys"},
      {[](auto& r) { r.add_scopes(); }, corrupt, "root: scope 1 does not name 1 to 16 models"},
      {[](auto& r) {
         for (int i = 0; i < 17; ++i) r.mutable_scopes()->Add();
       },
       corrupt, "root: more than 16 scopes"},
      {[this](auto& r) { add_scope(r, {"a/b"}, {&two_}, 1); }, corrupt,
       "root: scope 1 names the model \"a/b\": expected letters, digits, '.', '_', '-' and '*', at "
       "most 96"},
      {[this](auto& r) { add_scope(r, {""}, {&two_}, 1); }, corrupt,
       "root: scope 1 names the model \"\": expected letters, digits, '.', '_', '-' and '*', at "
       "most 96"},
      {[this](auto& r) { add_scope(r, std::vector<std::string>(17, "a"), {&two_}, 1); }, corrupt,
       "root: scope 1 does not name 1 to 16 models"},
      {[this](auto& r) {
         add_scope(r, {"a"}, {&two_}, 1);
         add_scope(r, {"b"}, {&two_}, 2);
       },
       corrupt, "root: the role of scope 2 has a threshold of 2 but 1 keys"},
      {[this](auto& r) { add_scope(r, {"a"}, {&stranger_}, 1); }, corrupt,
       "root: the role of scope 1 names the key " + fingerprint_of(stranger_) +
           ", which the root does not list"},
  };
  for (const auto& [change, code, reason] : cases) {
    SCOPED_TRACE(reason);
    auto message = make_root({&one_, &two_}, 1);
    change(message);
    const auto root = Root::verify_first(seal_root(message, {&one_, &two_}));
    ASSERT_FALSE(root);
    EXPECT_EQ(root.error().code, code);
    EXPECT_EQ(root.error().message, reason);
    EXPECT_EQ(root.error().hint, code == ErrorCode::InvalidInput
                                     ? "install a newer owrd"
                                     : "get the publisher's .owrp again, from a place you trust");
  }
}

TEST_F(RootTest, ListsWhatEveryKeyIsFor) {
  auto message = make_root({&one_}, 1);
  set_key(*message.mutable_head(), two_);
  set_key(*message.add_locators(), three_);
  set_key(*message.add_anchors(), stranger_);
  message.add_locations("https://acme.example:8443/feeds/acme.owrp?a=b");
  message.add_locations("https://[2001:db8::1]/acme.owrp");
  add_scope(message, {"atlas-*"}, {&one_}, 1);

  const auto root = Root::verify_first(seal_root(message, {&one_}));

  ASSERT_TRUE(root) << root.error().message;
  const std::map<PublicKey, KeyUse> uses = {{one_.public_key(), KeyUse::Signing},
                                            {two_.public_key(), KeyUse::Head},
                                            {three_.public_key(), KeyUse::Locator},
                                            {stranger_.public_key(), KeyUse::Anchor}};
  EXPECT_EQ(root->uses(), uses);
  EXPECT_EQ(root->signers(), std::set<PublicKey>{one_.public_key()});
}

TEST_F(RootTest, RefusesAFieldItDoesNotKnow) {
  auto payload = make_root({&one_}, 1).SerializeAsString();
  payload += "\x9a\x06\x01x";  // Field 99.

  const auto root = Root::verify_first(seal(PayloadKind::Root, as_bytes(payload), {&one_}));

  ASSERT_FALSE(root);
  EXPECT_EQ(root.error().code, ErrorCode::Corrupt);
  EXPECT_EQ(root.error().message, "root: not in strict form: owrd.v1.Root: unknown field 99");
}

TEST_F(RootTest, RefusesAManifestEnvelope) {
  const auto payload = make_root({&one_}, 1).SerializeAsString();

  const auto root = Root::verify_first(seal(PayloadKind::Manifest, as_bytes(payload), {&one_}));

  ASSERT_FALSE(root);
  EXPECT_EQ(root.error().message,
            "root envelope: it holds \"application/vnd.owrd.manifest.v1+protobuf\"");
}

TEST_F(RootTest, SurvivesNoFlippedBit) {
  const auto good = seal_root(make_root({&one_}, 1), {&one_});
  ASSERT_TRUE(Root::verify_first(good));
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      auto changed = good;
      changed[at] ^= static_cast<std::byte>(1U << bit);
      ASSERT_FALSE(Root::verify_first(changed)) << "byte " << at << ", bit " << bit;
    }
  }
}

}  // namespace
}  // namespace owrd::trust
