// What an attacker can do with the DHT, and with what owrd is told to connect to: rows B8 to B10
// and B12.

#include "daemon/core/bencode.h"
#include "daemon/release/bundle.h"
#include "daemon/trust/mutable_item.h"
#include "tests/conformance/attack.h"

namespace owrd::conformance {
namespace {

// B8. The nodes around our places in the DHT are the attacker's: they say nothing, or what was. One
// other way is enough. With one of three places taken, not even that is needed.
TEST_F(Attack, B8SybilNodes) {
  lab_.list("atlas", "1.0.0", 1);
  const auto old = lab_.announce();
  follow(old);
  lab_.list("atlas", "1.1.0", 2);
  const auto good = lab_.announce();
  swarm().dht().answers[dht_slot(31)] = {};
  swarm().dht().answers[dht_slot(32)] = {dht_item(old, 32)};
  swarm().dht().answers[dht_slot(33)] = {dht_item(old, 33)};
  auto answers = refresh();
  EXPECT_EQ(answer_of(answers, "dht, slot 1")->problem, "nothing was found there");
  EXPECT_EQ(known_sequence(), 1U);

  (*web_)[kWeb] = release::encode_bundle(owrp(good));
  answers = refresh();
  EXPECT_TRUE(answer_of(answers, kWeb)->is_news);
  EXPECT_EQ(known_sequence(), 2U);

  // A thief of one locator key points to a head of nobody, with the highest number there is.
  web_->clear();
  lab_.list("atlas", "1.2.0", 3);
  const auto next = lab_.announce();
  seed_feed(next);
  const auto garbage = lab_.announce_as(trust::kLastSequence, 99);
  swarm().dht().answers.clear();
  put_in_dht(garbage, 31);
  put_in_dht(next, 32);
  put_in_dht(next, 33);
  answers = refresh();
  EXPECT_NE(answer_of(answers, "dht, slot 1")->problem.find("which is not the head key"),
            std::string::npos);
  EXPECT_TRUE(answer_of(answers, "dht, slot 2")->is_news);
  EXPECT_EQ(known_sequence(), 3U);
}

// B9. Some nodes have what was stored an hour ago, or a week.
TEST_F(Attack, B9StaleItems) {
  lab_.list("atlas", "1.0.0", 1);
  const auto first = lab_.announce();
  lab_.list("atlas", "1.1.0", 2);
  const auto second = lab_.announce();
  lab_.list("atlas", "1.2.0", 3);
  const auto third = lab_.announce();
  follow(second);
  for (const auto locator : {31, 32, 33})
    swarm().dht().answers[dht_slot(locator)] = {dht_item(first, locator)};
  EXPECT_EQ(answer_of(refresh(), "dht, slot 1")->problem, "older than head 2, which is known");
  EXPECT_EQ(known_sequence(), 2U);

  // In one lookup, the newest counts, in whatever order they come.
  seed_feed(third);
  for (const auto locator : {31, 32, 33})
    swarm().dht().answers[dht_slot(locator)] = {dht_item(third, locator), dht_item(second, locator),
                                                dht_item(first, locator)};
  refresh();
  EXPECT_TRUE(until_moved([&] { return known_sequence() == 3; }));
  EXPECT_TRUE(evidence().empty());
  // And what is known goes back to where it was found, as it was signed.
  ASSERT_TRUE(until_moved([&] { return swarm().dht().items[dht_slot(32)].sequence == 3; }));
  EXPECT_EQ(swarm().dht().items[dht_slot(32)], dht_item(third, 32));
}

// B10. Items that no honest node would have taken, and that libtorrent may let through.
TEST_F(Attack, B10ForgedItems) {
  lab_.list("atlas", "1.0.0", 1);
  const auto head = lab_.announce();
  const auto good = dht_item(head);
  const auto signed_item = [&](std::int64_t sequence, const std::string& value) {
    const auto& key = lab_.key(31);
    const auto signature =
        key.sign(trust::mutable_item_buffer(trust::kHeadSalt, sequence, as_bytes(value)));
    return swarm::FakeDht::Item{sequence, value, std::string(as_text(signature))};
  };
  const auto with = [&](const std::function<void(Bencode::Dictionary&)>& change) {
    auto value = *Bencode::parse(good.value);
    change(value.dictionary());
    return signed_item(1, value.encode());
  };
  auto forged = good;
  forged.signature[10] = static_cast<char>(forged.signature[10] ^ 1);
  // S + L: the same signature to whoever is lax about it (RFC 8032, section 5.1.7).
  auto malleated = good;
  constexpr unsigned kOrder[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                   0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                   0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += static_cast<unsigned char>(malleated.signature[32 + i]) + kOrder[i];
    malleated.signature[32 + i] = static_cast<char>(carry & 0xff);
    carry >>= 8;
  }
  auto renumbered = good;
  renumbered.sequence = 2;
  struct Case {
    swarm::FakeDht::Item item;
    std::string says;
  };
  const Case cases[] = {
      {forged, "DHT item: the signature by the key "},
      {malleated, "DHT item: the signature by the key "},
      {renumbered, "DHT item: the signature by the key "},
      {signed_item(1, std::string(1001, 'v')), "DHT item: the value is longer than 1000 bytes"},
      {signed_item(7, good.value), "DHT item: its sequence is 7, the head's 1"},
      {signed_item(-1, good.value), "DHT item: its sequence is -1, the head's 1"},
      {with([](auto& value) { value.insert_or_assign("ih", std::string(20, 'i')); }),
       "DHT item: its infohash is not the head's"},
      {with([](auto& value) { value.erase("o"); }), "DHT item: the value holds no head"},
      {with([](auto& value) { value.insert_or_assign("x", std::string("y")); }),
       "DHT item: the value holds more than it should"}};
  for (const auto& [item, text] : cases) {
    SCOPED_TRACE(text);
    swarm().dht().answers[dht_slot(31)] = {item};
    const auto answer = answer_of(refresh(), "dht, slot 1");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->problem.rfind(text, 0), 0U) << answer->problem;
    EXPECT_EQ(known_sequence(), 0U);
  }
  const auto salted =
      trust::sign_mutable_item(lab_.key(31), std::string(65, 's'), 1, as_bytes(good.value));
  EXPECT_TRUE(refuses(salted, ErrorCode::InvalidInput, "the salt is longer than 64 bytes"));
  const trust::MutableItem long_salt{lab_.key(31).public_key(), std::string(65, 's'), 1,
                                     to_bytes(good.value), to_bytes(good.signature)};
  EXPECT_TRUE(refuses(trust::verify_mutable_item(long_salt), ErrorCode::Corrupt,
                      "the salt is longer than 64 bytes"));
  EXPECT_EQ(torrents_ever().size(), 0U) << "nothing of all that was followed";

  swarm().dht().answers.clear();
  follow(head);
}

// B12. What owrd can be made to connect to: trackers of the usual kinds and web servers by HTTPS,
// each named by who signs. Web seeds are nowhere to be named.
TEST_F(Attack, B12InnerRequests) {
  for (const auto* url :
       {"file:///etc/passwd", "gopher://127.0.0.1:70/", "ftp://tracker.example/", "ws://a.example/",
        "http://", "http:///announce", "udp://tracker.example/announce", "//tracker.example/",
        "http://user:secret@tracker.example/", "http://tracker.example /",
        "http://tracker.example:99999/", "http://tracker.example\r\nX: y/"}) {
    EXPECT_TRUE(refuses(release::check_tracker(url), ErrorCode::InvalidInput, "tracker \"")) << url;
    auto message = release_.manifest.message();
    message.set_trackers(0, url);
    EXPECT_TRUE(
        refuses(release::make_manifest(message), ErrorCode::InvalidInput, "manifest: tracker \""))
        << url;
  }
  for (const auto* url : {"http://lab.example/lab.owrp", "file:///etc/passwd", "https://",
                          "https://user@lab.example/", "https://lab.example/ x"}) {
    auto plan = lab_.plan;
    plan.locations = {url};
    EXPECT_TRUE(refuses(trust::make_root_payload(plan, nullptr), ErrorCode::InvalidInput,
                        "is not an https:// URL"))
        << url;
  }
  const auto& fields = *v1::SwarmAdd::descriptor();
  for (int i = 0; i < fields.field_count(); ++i)
    EXPECT_EQ(fields.field(i)->name().find("seeds"), std::string::npos) << "no web seeds";

  // The torrent's own metadata cannot add any: of it only the info dictionary is used, and the
  // trackers are the manifest's.
  const auto asker = finish([&] {
    seed_release(release_);
    return EngineTest::by_magnet(release_, to_);
  }());
  ASSERT_TRUE(asker->is_ok()) << asker->error().message;
  for (const auto& command : swarm().commands())
    for (const auto& tracker : command.add().trackers())
      EXPECT_EQ(tracker, "udp://tracker.example:6969/announce");
}

}  // namespace
}  // namespace owrd::conformance
