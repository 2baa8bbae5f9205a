// What an attacker can do with some of the keys: rows T9 to T11, K1 and K2.

#include "daemon/engine/belief.h"
#include "daemon/release/bundle.h"
#include "daemon/trust/release_signers.h"
#include "tests/conformance/attack.h"

namespace owrd::conformance {
namespace {

using trust::PayloadKind;

/// Keeps what a signed object says, and changes its envelope.
Bytes change_envelope(const Bytes& envelope, const std::function<void(v1::Envelope&)>& change) {
  auto message = trust::decode(envelope);
  change(message);
  return trust::encode(message);
}

// T9. Fewer keys than the threshold do nothing, whichever they are.
TEST_F(Attack, T9KeyCompromise) {
  // One of two root keys, with a root that the thief would like.
  auto plan = lab_.plan;
  plan.issued += 1;
  plan.root = {{lab_.named(1)}, 1};
  const auto payload = *trust::make_root_payload(plan, &lab_.chain().newest());
  const auto with = [&](const std::vector<const trust::SecretKey*>& keys) {
    return trust::RootChain::verify(
        {lab_.roots.front(), trust::seal(PayloadKind::Root, payload, keys)});
  };
  EXPECT_TRUE(refuses(with({&lab_.key(1)}), ErrorCode::BadSignature,
                      "by the root keys of version 1, 1 of the 2 needed signatures are valid"));
  // Enough of the old keys, and none of those that it names itself.
  EXPECT_TRUE(refuses(with({&lab_.key(2), &lab_.key(3)}), ErrorCode::BadSignature,
                      "0 of the 1 needed signature is valid"));
  EXPECT_TRUE(with({&lab_.key(1), &lab_.key(2)}));

  // One of two release keys.
  release::MadeFeed careful(
      "careful", 100, [](release::MadeFeed& publisher) { publisher.plan.release.threshold = 2; });
  v1::Bundle pin;
  pin.add_roots(std::string(as_text(careful.roots.front())));
  ASSERT_TRUE(engine().registry().add_publisher(release::encode_bundle(pin), "", false));
  const auto half_signed =
      engine::make_release({careful.key(11), careful.roots.front(), careful.id()});
  auto request = by_owr(half_signed);
  const auto half = finish(request);
  EXPECT_TRUE(says(half->error(), ErrorCode::BadSignature,
                   "as a release of careful, 1 of the 2 needed signatures are valid"));

  // The key that is kept online, and the one that only locates.
  for (const auto signer : {21, 31}) {
    const auto forged = finish(by_owr(make("1.0.0", {}, signer)));
    EXPECT_TRUE(says(forged->error(), ErrorCode::Untrusted,
                     "signed by a key that the root of lab does not list for releases"));
  }
  for (const auto signer : {11, 31, 1}) {
    const auto verdict = release::judge_head({lab_.chain()}, lab_.announce(signer).head, lab_.now);
    ASSERT_EQ(verdict.kind, release::HeadVerdict::Kind::Refused);
    EXPECT_TRUE(
        says(*verdict.error, ErrorCode::Untrusted, "which is not the head key of root version 1"));
  }
  EXPECT_TRUE(torrents_ever().empty());
  EXPECT_TRUE(engine().releases().empty());
}

// T10. One key counts once, whatever it is called and however often it signs.
TEST_F(Attack, T10ThresholdFaking) {
  const auto root = lab_.roots.front();
  const auto twice = change_envelope(root, [](v1::Envelope& envelope) {
    *envelope.mutable_signatures(1) = envelope.signatures(0);
  });
  EXPECT_TRUE(refuses(trust::Root::verify_first(twice), ErrorCode::Corrupt,
                      "root envelope: two signatures by one key"));
  // Under the id of another key of the role.
  const auto renamed = change_envelope(root, [](v1::Envelope& envelope) {
    envelope.mutable_signatures(1)->set_signature(envelope.signatures(0).signature());
  });
  EXPECT_TRUE(refuses(trust::Root::verify_first(renamed), ErrorCode::BadSignature,
                      "1 of the 2 needed signatures are valid"));
  const auto many = change_envelope(root, [](v1::Envelope& envelope) {
    for (int i = 0; i < 31; ++i) {
      auto& signature = *envelope.add_signatures();
      signature.set_key_id(trust::digest_of(i + 1).to_field());
      signature.set_signature(std::string(64, 's'));
    }
  });
  EXPECT_TRUE(refuses(trust::Root::verify_first(many), ErrorCode::Corrupt,
                      "root envelope: more than 32 signatures"));

  const auto& key = lab_.key(1);
  const auto& other = lab_.key(2);
  struct Case {
    std::function<void(v1::Root&)> change;
    std::string says;
  };
  const Case cases[] = {
      {[&](v1::Root& message) {
         trust::set_role(*message.mutable_root(), {&key, &other}, 0);
       },
       "the root role has no threshold"},
      {[&](v1::Root& message) {
         trust::set_role(*message.mutable_release(), {&key, &other}, 3);
       },
       "the release role has a threshold of 3 but 2 keys"},
      {[&](v1::Root& message) {
         trust::set_role(*message.mutable_root(), {&key, &key}, 2);
       },
       "the root role names the key " + trust::fingerprint(key.public_key().id()) + " twice"},
      {[&](v1::Root& message) { trust::add_key(message, key); },
       "it lists the key " + trust::fingerprint(key.public_key().id()) + " twice"},
      {[&](v1::Root& message) {
         trust::set_role(*message.mutable_root(), {&key, &lab_.key(9)}, 1);
       },
       "which the root does not list"}};
  for (const auto& [change, text] : cases) {
    auto message = trust::make_root({&key, &other}, 2);
    change(message);
    EXPECT_TRUE(refuses(trust::Root::verify_first(trust::seal_root(message, {&key, &other})),
                        ErrorCode::Corrupt, text));
  }
}

// T11. What was signed as one kind of object is none of another kind, not even by a key that may
// sign both.
TEST_F(Attack, T11CrossTypeReplay) {
  lab_.list("atlas", "1.0.0", 1);
  const auto notice = lab_.notice(v1::NOTICE_KIND_YANK, "atlas", "1.0.0").notice();
  const auto attestation = trust::make_attestation(
      {"archive", lab_.id(), trust::digest_of(1), trust::digest_of(2), lab_.now, 5}, lab_.key(90));
  const auto statement = trust::make_statement(trust::example_statement(), lab_.key(90));
  const std::vector<std::pair<PayloadKind, Bytes>> objects = {
      {PayloadKind::Root, lab_.roots.front()},
      {PayloadKind::Manifest, make("1.0.0").proof},
      {PayloadKind::Head, lab_.announce().head.envelope().raw},
      {PayloadKind::Notice, to_bytes(notice)},
      {PayloadKind::Attestation, attestation},
      {PayloadKind::Statement, *statement}};
  for (const auto& [kind, bytes] : objects)
    for (const auto& [slot, unused] : objects) {
      if (slot == kind) {
        EXPECT_TRUE(trust::parse_envelope(bytes, slot));
        continue;
      }
      if (bytes.size() > trust::envelope_limit_bytes(slot)) continue;
      EXPECT_TRUE(refuses(trust::parse_envelope(bytes, slot), ErrorCode::Corrupt,
                          std::string("it holds \"") + trust::payload_type(kind)));
      // Whoever only writes another type on it has no signature any more.
      const auto relabelled = change_envelope(bytes, [to = slot](v1::Envelope& envelope) {
        envelope.set_payload_type(trust::payload_type(to));
      });
      const auto parsed = trust::parse_envelope(relabelled, slot);
      ASSERT_TRUE(parsed);
      std::set<trust::PublicKey> everybody;
      for (const auto number : {1, 2, 3, 11, 12, 21, 31, 90})
        everybody.insert(lab_.key(number).public_key());
      EXPECT_TRUE(trust::valid_signers(*parsed, everybody).empty());
    }
  // A root cannot even name one key for what is signed offline and for what is signed online.
  auto plan = lab_.plan;
  plan.head = lab_.key(11).public_key();
  EXPECT_TRUE(refuses(trust::make_root_payload(plan, nullptr), ErrorCode::InvalidInput,
                      "is both a signing key and the head key"));
}

// K1. Whoever holds enough root keys is the publisher. There is no way back in band: the person
// pins anew, and nobody does that behind their back.
TEST_F(Attack, K1RootCompromise) {
  lab_.list("atlas", "1.0.0", 1);
  follow(lab_.announce());
  const release::MadeFeed anew("lab", 140);
  v1::Bundle pin;
  pin.add_roots(std::string(as_text(anew.roots.front())));
  const auto bundle = release::encode_bundle(pin);

  const auto taken = engine().registry().add_publisher(bundle, "", /*dry_run=*/false);
  EXPECT_TRUE(refuses(taken, ErrorCode::AlreadyExists,
                      "the petname lab is taken by publisher " + lab_.id().to_hex()));
  EXPECT_EQ(known().root().publisher_id(), lab_.id());

  ASSERT_TRUE(engine().registry().remove_publisher("lab"));
  ASSERT_TRUE(engine().registry().add_publisher(bundle, "", /*dry_run=*/false));
  EXPECT_EQ(known().root().publisher_id(), anew.id());
  EXPECT_FALSE(known().head) << "nothing of the old one is left";
  const auto verdict = release::judge_head({anew.chain()}, lab_.announce().head, lab_.now);
  EXPECT_TRUE(says(*verdict.error, ErrorCode::Untrusted, "the head is of another publisher"));
  const auto stolen = finish(by_owr(make("1.0.0")));
  EXPECT_TRUE(says(stolen->error(), ErrorCode::Untrusted, "which is not pinned here"));
}

// K2. A release key was stolen. What the feed listed before stays; what it lists later, or not at
// all, is not believed by that key any more.
TEST_F(Attack, K2RevokedKey) {
  const auto before = make("1.0.0", {}, 12);
  const auto after = make("2.0.0", {}, 12);
  const auto unlisted = make("3.0.0", {}, 12);
  const auto good = make("4.0.0", {}, 11);
  list(before);
  const auto since = lab_.feed->records().size();
  list(after);
  list(good);
  seed_release(before);
  seed_release(after);
  follow(lab_.announce());
  auto request = by_name("lab/atlas:2.0.0");
  ASSERT_TRUE(finish(request)->is_ok()) << "nobody knows yet";

  lab_.plan.release.keys.pop_back();
  lab_.plan.revoked[lab_.key(12).public_key().id()] = since;
  lab_.rotate();
  follow(lab_.announce());

  const auto text = "signed by the key " + trust::fingerprint(lab_.key(12).public_key().id()) +
                    ", which lab has revoked from record " + std::to_string(since) +
                    " of its feed on";
  // What is here already is not served any more.
  const auto shown = engine().show(*parse_ref("lab/atlas:2.0.0"));
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->release.state, engine::State::Failed);
  EXPECT_NE(shown->release.detail.find(text), std::string::npos) << shown->release.detail;
  EXPECT_TRUE(until(
      [&] { return swarm().find_by_infohash(after.torrent.infohash.to_field()) == nullptr; }));
  request = by_owr(unlisted);
  request.directory = home_ / "unlisted";
  EXPECT_TRUE(says(finish(request)->error(), ErrorCode::Untrusted, text));
  EXPECT_FALSE(std::filesystem::exists(request.directory));
  request = by_name("lab/atlas:1.0.0");
  request.directory = home_ / "before";
  const auto still = finish(request);
  EXPECT_TRUE(still->is_ok()) << still->error().message;

  // The thief cannot have it taken back, not even with enough root keys.
  lab_.plan.revoked.clear();
  const auto again = trust::make_root_payload(lab_.plan, &lab_.chain().newest());
  EXPECT_TRUE(refuses(again, ErrorCode::InvalidInput, "it leaves out the key"));
}

}  // namespace
}  // namespace owrd::conformance
