// What an attacker can do with heads and feeds: rows T2, T4 to T8, T13 and T15.

#include <SQLiteCpp/SQLiteCpp.h>

#include "daemon/release/attestation_list.h"
#include "daemon/release/bundle.h"
#include "tests/conformance/attack.h"

namespace owrd::conformance {
namespace {

using namespace std::chrono_literals;
using engine::Freshness;
using release::MadeFeed;
using release::MadeFollower;

constexpr auto kHeadLife = std::chrono::seconds(trust::kHeadLifeSeconds);

// T2. Whatever comes has a limit that is looked at before anything else is.
TEST_F(Attack, T2EndlessData) {
  for (const auto kind : {trust::PayloadKind::Root, trust::PayloadKind::Manifest,
                          trust::PayloadKind::Head, trust::PayloadKind::Notice,
                          trust::PayloadKind::Attestation, trust::PayloadKind::Statement}) {
    const auto limit = trust::envelope_limit_bytes(kind);
    EXPECT_TRUE(refuses(trust::parse_envelope(Bytes(limit + 1), kind), ErrorCode::Corrupt,
                        "envelope: longer than " + std::to_string(limit) + " bytes"));
  }
  EXPECT_TRUE(refuses(release::Feed::parse(Bytes(trust::kFeedLimitBytes + 1)), ErrorCode::Corrupt,
                      "feed: longer than 16 MiB"));
  auto endless = to_bytes("owrd-bundle-1\n");
  endless.resize(release::kBundleLimitBytes + 1);
  EXPECT_TRUE(refuses(release::parse_bundle(endless), ErrorCode::InvalidInput,
                      "bundle: is longer than 32 MiB"));

  // No head can make anybody fetch a feed that is longer.
  lab_.list("atlas", "1.0.0", 1);
  const auto honest = lab_.announce();
  const auto long_feed = trust::make_head({lab_.id(),
                                           9,
                                           lab_.now,
                                           lab_.now + 1000,
                                           1,
                                           {trust::kFeedLimitBytes + 1, trust::digest_of(1)},
                                           {},
                                           trust::digest_of(2)},
                                          lab_.key(21));
  EXPECT_TRUE(refuses(trust::Head::parse(long_feed), ErrorCode::Corrupt,
                      "head: the feed is longer than 16777216 bytes"));

  // The torrent of a feed that holds more than the head says: none of it is fetched.
  put_in_dht(honest);
  std::optional<std::vector<engine::SourceAnswer>> answers;
  std::vector<engine::SourceAnswer> heard;
  const auto asking = engine().registry().refresh(
      "lab", [&](const auto& answer) { heard.push_back(answer); },
      [&](const auto&) { answers = heard; });
  ASSERT_TRUE(until([&] { return torrent() != nullptr; }));
  v1::SwarmMetadata told;
  told.set_info("d4:infoe");
  told.set_piece_length(release::kSegmentBytes);
  auto& file = *told.add_files();
  file.set_path("feed-0000.owrd");
  file.set_length(std::uint64_t{1} << 40);
  file.set_root(std::string(32, 'r'));
  swarm().find_metadata(torrent()->add.id(), told);
  ASSERT_TRUE(until([&] { return answers.has_value(); }));
  EXPECT_EQ(answer_of(*answers, "dht, slot 1")->problem,
            "the torrent of the feed is not what its head says: it lists another file than "
            "feed-0000.owrd");
  EXPECT_EQ(known_sequence(), 0U);
  for (const auto& command : swarm().commands())
    EXPECT_EQ(command.add().wanted_files_size(), 0) << "nothing of it is wanted";
}

// T4. A thief of the head key says the last sequence that there is, and nothing honest can follow:
// until a root gives the key to another.
TEST_F(Attack, T4FastForward) {
  const trust::NewHead beyond{lab_.id(), trust::kLastSequence + 1,   lab_.now, lab_.now + 1000,
                              1,         {100, trust::digest_of(1)}, {},       trust::digest_of(2)};
  EXPECT_TRUE(refuses(trust::Head::parse(trust::make_head(beyond, lab_.key(21))),
                      ErrorCode::Corrupt, "head: the sequence is above 2^53"));

  lab_.list("atlas", "1.0.0", 1);
  const auto stolen = lab_.announce_as(trust::kLastSequence);
  follow(stolen);
  const auto honest = lab_.announce();
  publish(honest);
  EXPECT_EQ(answer_of(refresh(), "dht, slot 1")->problem,
            "older than head 9007199254740992, which is known");

  lab_.plan.head = lab_.key(22).public_key();
  lab_.rotate();
  const auto recovered = lab_.announce(22);
  seed_feed(recovered);
  tell(recovered.head.envelope().raw);
  ASSERT_TRUE(until_moved([&] { return known_sequence() == recovered.head.sequence(); }));
  EXPECT_EQ(known().root().version(), 2U);

  // What the thief says is worth nothing from here on, however high its number.
  const auto follower = known();
  const auto late = release::judge_head({follower.roots, follower.head}, stolen.head, lab_.now);
  ASSERT_EQ(late.kind, release::HeadVerdict::Kind::Refused);
  EXPECT_TRUE(says(*late.error, ErrorCode::BadSignature,
                   "is by root 1, but root 2 is known: it is out of date"));
}

// T5. The attacker lets nothing newer through. That is not prevented, but it does not go unnoticed.
TEST_F(Attack, T5IndefiniteFreeze) {
  const auto first = make("1.0.0");
  const auto second = make("1.1.0");
  list(first);
  list(second);
  const auto frozen = lab_.announce();
  seed_release(first);
  seed_release(second);
  follow(frozen);
  EXPECT_EQ(known().freshness, Freshness::Fresh);

  clock_.advance(kHeadLife / 2);
  EXPECT_EQ(known().freshness, Freshness::Stale);
  clock_.advance(kHeadLife / 2);
  EXPECT_EQ(known().freshness, Freshness::Expired);
  EXPECT_EQ(known().freshness_since, frozen.head.expires());
  for (const auto* moving : {"lab/atlas", "lab/atlas:latest", "lab/atlas:1"}) {
    const auto asker = finish(by_name(moving));
    EXPECT_TRUE(says(asker->error(), ErrorCode::Untrusted,
                     std::string(moving) + " cannot be resolved: the newest head of lab that is "
                                           "known expired on 2026-09-28T14:13:20Z"));
  }
  EXPECT_FALSE(std::filesystem::exists(to_));
  EXPECT_EQ(torrents_ever(), std::set<std::string>{frozen.head.infohash().to_field()});

  // What is exact is had, and so is what the user insists on; the danger is said.
  struct Case {
    std::string ref;
    bool allow_stale;
    const engine::MadeRelease& gives;
  };
  const Case cases[] = {{"lab/atlas@sha256:" + first.manifest.release_id().to_hex(), false, first},
                        {"lab/atlas:1.0.0", false, first},
                        {"lab/atlas", true, second}};
  for (const auto& [ref, allow_stale, gives] : cases) {
    SCOPED_TRACE(ref);
    auto request = by_name(ref);
    request.directory.clear();
    request.allow_stale = allow_stale;
    const auto asker = finish(request);
    ASSERT_TRUE(asker->is_ok()) << asker->error().message;
    EXPECT_EQ((*asker->done)->release.release_id, gives.manifest.release_id());
    ASSERT_TRUE(asker->plans.at(0).resolved);
    ASSERT_EQ(asker->plans[0].resolved->warnings.size(), 1U);
    EXPECT_TRUE(
        asker->plans[0].resolved->warnings[0].starts_with("what is known of lab expired on "));
  }
}

// T6. Nine bad sources and a good one. None of the bad may stop the good, not by being first, nor
// by heads that nobody can judge before their feed has come, which never comes.
TEST_F(Attack, T6MaliciousMirror) {
  lab_.list("atlas", "1.0.0", 1);
  const auto old = lab_.announce();
  follow(old);
  lab_.list("atlas", "1.1.0", 2);
  const auto good = lab_.announce();

  // Five peers tell heads by roots to come, signed by nobody.
  for (std::uint64_t i = 0; i < 5; ++i)
    tell(trust::make_head({lab_.id(),
                           1000 + i,
                           lab_.now,
                           lab_.now + 1000,
                           7,
                           {100, trust::digest_of(1)},
                           {},
                           trust::digest_of(static_cast<int>(200 + i))},
                          lab_.key(99)));
  EXPECT_EQ(torrents_ever().size(), 5U) << "four of them are tried, beside what is known";
  // One slot is garbage, one is old, a web server sends a page; the third slot is good.
  swarm().dht().items[dht_slot(31)] = {5, "garbage", std::string(64, 's')};
  put_in_dht(old, 32);
  put_in_dht(good, 33);
  seed_feed(good);
  (*web_)[kWeb] = to_bytes("<html>404</html>");

  const auto answers = refresh();

  EXPECT_EQ(known_sequence(), good.head.sequence());
  EXPECT_TRUE(answer_of(answers, "dht, slot 3")->is_news);
  EXPECT_NE(answer_of(answers, "dht, slot 1")->problem.find("signature"), std::string::npos);
  EXPECT_EQ(answer_of(answers, "dht, slot 2")->problem, "");
  EXPECT_NE(answer_of(answers, kWeb)->problem.find("is not an owrd bundle"), std::string::npos);

  // And who carries a release by hand brings the newest head with it: the feed comes from its
  // peers.
  lab_.list("atlas", "1.2.0", 3);
  const auto newest = lab_.announce();
  seed_feed(newest);
  auto request = by_owr(make("1.0.0"));
  request.bundle->set_head(std::string(as_text(newest.head.envelope().raw)));
  request.bundle->add_peers("192.0.2.9:29170");
  const auto asker = get(request);
  EXPECT_TRUE(until_moved([&] { return known_sequence() == newest.head.sequence(); }));
  const auto& commands = swarm().commands();
  EXPECT_TRUE(std::any_of(commands.begin(), commands.end(), [&](const auto& command) {
    return command.add().infohash() == newest.head.infohash().to_field() &&
           std::count(command.add().peers().begin(), command.add().peers().end(),
                      "192.0.2.9:29170") == 1;
  }));
}

// T7. Each layer is validly signed or pinned; they are only not of one time.
TEST_F(Attack, T7MixAndMatch) {
  lab_.list("atlas", "1.0.0", 1);
  lab_.attestations = to_bytes("owrd-attestations-1\n");
  const auto first = lab_.announce();
  lab_.list("atlas", "2.0.0", 2);
  const auto record = trust::make_attestation(
      {"archive", lab_.id(), trust::digest_of(1), trust::digest_of(101), lab_.now, 5},
      lab_.key(90));
  lab_.attestations = release::encode_attestations({*trust::Attestation::verify(record)});
  const auto second = lab_.announce();
  const auto other_infohash =
      announce_changed([](trust::NewHead& head) { head.infohash = trust::digest_of(9); });
  const auto root_to_come = announce_changed([](trust::NewHead& head) { head.root_version = 2; });
  const auto before_rotation = lab_;
  struct Case {
    release::Announced offered;
    std::string says;
  };
  std::vector<Case> cases = {
      {{second.head, first.feed, second.attestations}, "the feed of head 2 is not the one"},
      {{first.head, second.feed, first.attestations}, "the feed of head 1 is not the one"},
      {{second.head, second.feed, first.attestations},
       "the list of attestations of head 2 is not the one"},
      {{second.head, second.feed, {}}, "the list of attestations of head 2 is not the one"},
      {other_infohash, "the infohash of head 3 is not the one"},
      {root_to_come, "the newest root in the feed of head 4 is not the one"}};
  lab_.rotate();
  cases.push_back({announce_changed([](trust::NewHead& head) { head.root_version = 1; }),
                   "head 5 is by root 1, but root 2 is known"});
  for (const auto& [offered, text] : cases) {
    SCOPED_TRACE(text);
    MadeFollower follower(before_rotation);
    const auto verdict = follower.offer(offered);
    ASSERT_FALSE(verdict.news);
    EXPECT_TRUE(says(*verdict.error, ErrorCode::BadSignature, text));
    EXPECT_FALSE(verdict.fork) << "nobody has contradicted himself";
  }
}

// T7, one layer down: the feed lists one release, under the torrent of another that the lab has
// signed as well. The thief of the head key can write such a feed.
TEST_F(Attack, T7MixAndMatchOfReleases) {
  const auto old = make("1.0.0");
  const auto odd = make("0.1.0", [](v1::Manifest& manifest) { manifest.set_model("atlas-debug"); });
  seed_release(old);
  seed_release(odd);
  const auto listing = [&](const std::string& version, const Digest& id,
                           const engine::MadeRelease& torrent) {
    auto record = MadeFeed::listing("atlas", version, 1);
    record.mutable_release()->set_release_id(id.to_field());
    record.mutable_release()->set_infohash(torrent.torrent.infohash.to_field());
    lab_.append(record);
  };
  listing("2.0.0", trust::digest_of(77), old);
  // The digest is right, and still it is not what the name says.
  listing("3.0.0", odd.manifest.release_id(), odd);
  follow(lab_.announce());

  const auto swapped = finish(by_name("lab/atlas:2.0.0"));
  EXPECT_TRUE(says(swapped->error(), ErrorCode::BadSignature,
                   "lab lists lab/atlas:2.0.0 as sha256:" + trust::digest_of(77).to_hex() +
                       ", but its torrent holds sha256:" + old.manifest.release_id().to_hex()));
  const auto renamed = finish(by_name("lab/atlas:3.0.0"));
  EXPECT_TRUE(says(renamed->error(), ErrorCode::BadSignature,
                   "lab lists lab/atlas:3.0.0, but what was signed is lab/atlas-debug:0.1.0"));
  EXPECT_FALSE(std::filesystem::exists(to_));
  EXPECT_TRUE(engine().releases().empty());
}

// T8. What was seen once does not go back: not while the daemon runs, nor after it was killed.
TEST_F(Attack, T8Rollback) {
  lab_.list("atlas", "1.0.0", 1);
  const auto first = lab_.announce();
  lab_.list("atlas", "2.0.0", 2);
  const auto second = lab_.announce();
  follow(second);

  (*web_)[kWeb] = release::encode_bundle(owrp(first));
  restart();
  publish(first);
  const auto answers = refresh();

  for (const auto& source : {std::string("dht, slot 1"), std::string("dht, slot 2"),
                             std::string("dht, slot 3"), std::string(kWeb)})
    EXPECT_EQ(answer_of(answers, source)->problem, "older than head 2, which is known") << source;
  EXPECT_EQ(known_sequence(), 2U);
  EXPECT_EQ(known().listed_releases, 2U);
  EXPECT_TRUE(evidence().empty()) << "to lag behind is no contradiction";
}

// T8, between acceptance and the store: what was not written is not believed either, root, head and
// feed alike; so nobody hears of what a crash then takes back.
TEST_F(Attack, T8RollbackByACrash) {
  lab_.list("atlas", "1.0.0", 1);
  const auto first = lab_.announce();
  follow(first);
  lab_.rotate();
  const auto second = lab_.announce();
  publish(second);

  SQLite::Database database((home_ / "store/owrd.db").string(), SQLite::OPEN_READWRITE);
  database.exec(
      "CREATE TRIGGER crash BEFORE INSERT ON feed BEGIN SELECT RAISE(ABORT, 'the disk is gone'); "
      "END");
  const auto failed = answer_of(refresh(), "dht, slot 1");
  EXPECT_FALSE(failed->is_news);
  EXPECT_NE(failed->problem.find("the disk is gone"), std::string::npos) << failed->problem;
  EXPECT_EQ(known_sequence(), 1U);
  EXPECT_EQ(known().root().version(), 1U);
  for (const auto& command : swarm().commands())
    EXPECT_NE(command.dht_put().sequence(), 2) << "it was handed on";

  database.exec("DROP TRIGGER crash");
  restart();
  EXPECT_EQ(known_sequence(), 1U);
  EXPECT_EQ(known().root().version(), 1U) << "not the half of it";
  publish(second);
  refresh();
  EXPECT_EQ(known_sequence(), 2U);
  restart();
  EXPECT_EQ(known_sequence(), 2U);
  EXPECT_EQ(known().root().version(), 2U);
}

// T13. Two heads of one number, or a feed that takes back what it said: the publisher, or somebody
// with its keys, tells different people different things. The first stays, both are kept.
TEST_F(Attack, T13SplitView) {
  lab_.list("atlas", "1.0.0", 1);
  const auto ours = lab_.announce();
  follow(ours);
  auto elsewhere = lab_;
  elsewhere.list("atlas", "1.0.1", 2);
  const auto theirs = elsewhere.announce_as(ours.head.sequence());
  publish(theirs);

  EXPECT_EQ(answer_of(refresh(), "dht, slot 1")->problem,
            "the publisher signed two different heads of sequence 1");
  ASSERT_EQ(evidence().size(), 1U);
  EXPECT_EQ(evidence()[0].kind, "two heads of one sequence");
  EXPECT_EQ(evidence()[0].first, ours.head.envelope().raw);
  EXPECT_EQ(evidence()[0].second, theirs.head.envelope().raw);
  EXPECT_EQ(known().freshness, Freshness::Forked);
  EXPECT_EQ(known().listed_releases, 1U);
  EXPECT_TRUE(has_logged("two different heads of sequence 1"));

  restart();
  publish(ours);
  const auto latest = finish(by_name("lab/atlas"));
  EXPECT_TRUE(says(latest->error(), ErrorCode::BadSignature,
                   "lab has said two different things under one number"));

  MadeFeed rewriting("lab", 40, &Attack::give_lab_more_places);
  rewriting.list("hermes", "1.0.0", 3);
  const auto rewritten = rewriting.announce_as(2);
  publish(rewritten);
  EXPECT_EQ(answer_of(refresh(), "dht, slot 1")->problem,
            "the feed of head 2 takes back what the feed of head 1 said");
  ASSERT_EQ(evidence().size(), 2U);
  EXPECT_EQ(evidence()[1].kind, "a feed that does not continue the one before");
  EXPECT_EQ(known_sequence(), 1U);
}

// T15. A source that keeps a recall to itself has to keep the head back too, which is a freeze.
TEST_F(Attack, T15NoticeSuppression) {
  lab_.list("atlas", "1.0.0", 1);
  const auto before = lab_.announce();
  follow(before);
  lab_.append(lab_.notice(v1::NOTICE_KIND_WITHDRAW, "atlas", "1.0.0"));
  const auto recalled = lab_.announce();

  // The new head with the feed that lacks the notice.
  (*web_)[kWeb] = release::encode_bundle(owrp({recalled.head, before.feed, {}}));
  EXPECT_EQ(answer_of(refresh(), kWeb)->problem, "the feed of head 2 is not the one that it pins");
  EXPECT_EQ(known_sequence(), 1U);

  // Once it was seen, not even the head key can take it back.
  (*web_)[kWeb] = release::encode_bundle(owrp(recalled));
  EXPECT_TRUE(answer_of(refresh(), kWeb)->is_news);
  const auto resolved = engine().registry().resolve({*parse_ref("lab/atlas:1.0.0")});
  EXPECT_TRUE(
      refuses(resolved, ErrorCode::Untrusted,
              "lab/atlas:1.0.0 was withdrawn by its publisher (security: \"it is broken\")"));
  lab_.feed = *release::Feed::parse(before.feed);
  lab_.list("atlas", "1.0.1", 2);
  const auto suppressing = lab_.announce();
  (*web_)[kWeb] = release::encode_bundle(owrp(suppressing));
  EXPECT_EQ(answer_of(refresh(), kWeb)->problem,
            "the feed of head 3 takes back what the feed of head 2 said");
  EXPECT_EQ(evidence().size(), 1U);
  EXPECT_FALSE(engine().registry().resolve({*parse_ref("lab/atlas:1.0.0")}));
}

}  // namespace
}  // namespace owrd::conformance
