#include "tests/cli/publisher_test.h"

#include <csignal>

#include "daemon/hash/sha256.h"

namespace owrd::cli {
namespace {

class PublisherCommand : public PublisherTest {
 protected:
  PublisherCommand() {
    v1::AddPublisherReply reply;
    auto& record = *reply.mutable_publisher();
    record.set_id(kId.to_hex());
    record.set_petname("acme");
    record.set_display_name("Acme Labs");
    daemon->reply("Publishers/Add", reply);
    v1::Bundle content;
    content.add_roots("root");
    file = write("acme.owrp", std::string(as_text(release::encode_bundle(content))));
    publish();
  }

  /// Two roots, the second of other keys.
  void publish() {
    auto plan = plan_of_one(named(k1, "k1"));
    add_root(plan, {&k1});
    plan.issued += 1;
    plan.root.keys = {named(k2, "k2")};
    plan.release.keys = {named(k2, "k2")};
    add_root(plan, {&k1, &k2});
  }

  /// How fresh the publisher is.
  v1::PublisherRecord record_of(v1::Freshness freshness) {
    v1::PublisherRecord record = shown.publisher();
    record.set_freshness(freshness);
    record.set_freshness_since(1'790'000'000);
    record.set_head_sequence(12);
    record.set_head_issued(1'790'000'000);
    record.set_head_expires(1'790'604'800);
    return record;
  }

  int adds() const {
    int count = 0;
    for (const auto& call : daemon->calls()) {
      v1::AddPublisherRequest request;
      if (call.method == "Publishers/Add" && request.ParseFromString(call.message) &&
          !request.dry_run())
        ++count;
    }
    return count;
  }

  const Digest kId = hash::sha256(as_bytes("publisher"));
  trust::SecretKey k1 = other_key();
  trust::SecretKey k2 = other_key();
  std::filesystem::path file;
};

TEST_F(PublisherCommand, ShowsTheFingerprintBeforeItAsks) {
  terminal.is_there = true;
  terminal.answers = {"y"};

  EXPECT_EQ(run_owrd({"publisher", "add", file.string()}), 0) << err;

  EXPECT_LT(err.find(trust::fingerprint(kId)), err.find("Trust it?"));
  EXPECT_EQ(out, "acme\t" + kId.to_hex() + "\n");
  EXPECT_EQ(adds(), 1);
}

TEST_F(PublisherCommand, PinsNothingWithoutAYes) {
  terminal.is_there = true;
  for (const auto& answers : {std::deque<std::string>{"n"}, {""}, {}}) {
    terminal.answers = answers;
    EXPECT_EQ(run_owrd({"publisher", "add", file.string()}), 1);
  }
  EXPECT_EQ(adds(), 0);
}

TEST_F(PublisherCommand, NamesTheFlagsWhenNobodyCanBeAsked) {
  EXPECT_EQ(run_owrd({"publisher", "add", file.string()}), 64);

  EXPECT_NE(err.find("--fingerprint ID"), std::string::npos) << err;
  EXPECT_NE(err.find("--yes"), std::string::npos) << err;
  EXPECT_EQ(adds(), 0);
}

TEST_F(PublisherCommand, GoesByTheFingerprintThatWasGiven) {
  struct Case {
    std::string fingerprint;
    int exit_code;
  };
  const auto id = kId.to_hex();
  auto other = id;
  other.back() = other.back() == '0' ? '1' : '0';
  const Case cases[] = {
      {id, 0},     {"sha256:" + id, 0},         {trust::fingerprint(kId), 0}, {id.substr(0, 16), 0},
      {other, 11}, {"0000 0000 0000 0000", 11}, {id.substr(0, 8), 64},        {"nonsense", 64}};
  for (const auto& one : cases) {
    SCOPED_TRACE(one.fingerprint);
    const int before = adds();
    EXPECT_EQ(run_owrd({"publisher", "add", file.string(), "--fingerprint", one.fingerprint}),
              one.exit_code)
        << err;
    EXPECT_EQ(adds() - before, one.exit_code == 0 ? 1 : 0);
  }
}

TEST_F(PublisherCommand, ChecksTheFingerprintEvenWhenToldYes) {
  EXPECT_EQ(
      run_owrd({"publisher", "add", file.string(), "-y", "--fingerprint", "0000000000000000"}), 11);
  EXPECT_EQ(adds(), 0);
}

TEST_F(PublisherCommand, ExportsWhatOthersPin) {
  shown.set_bundle("the bytes");
  daemon->reply("Publishers/Show", shown);
  const auto path = home / "out.owrp";

  EXPECT_EQ(run_owrd({"publisher", "export", "acme", "-o", path.string()}), 0) << err;
  EXPECT_EQ(read(path), "the bytes");
  EXPECT_EQ(out, path.string() + "\n");

  EXPECT_EQ(run_owrd({"publisher", "export", "acme", "-o", "-"}), 0);
  EXPECT_EQ(out, "the bytes");
}

TEST_F(PublisherCommand, RemovesOnlyWhenToldTo) {
  daemon->reply("Publishers/Remove", v1::RemovePublisherReply());

  EXPECT_EQ(run_owrd({"publisher", "rm", "acme"}), 64);
  EXPECT_FALSE(was_called("Publishers/Remove"));
  EXPECT_EQ(run_owrd({"publisher", "rm", "acme", "-y"}), 0) << err;
  EXPECT_TRUE(was_called("Publishers/Remove"));
}

TEST_F(PublisherCommand, PinsNothingByALink) {
  EXPECT_EQ(run_owrd({"publisher", "add", "magnet:?xs=urn:btpk:00", "-y"}), 64);

  EXPECT_TRUE(says("a link finds a publisher, but proves nobody's identity")) << err;
  EXPECT_EQ(adds(), 0);
}

TEST_F(PublisherCommand, PrintsItsLink) {
  EXPECT_EQ(run_owrd({"publisher", "export", "acme", "--link"}), 13);
  EXPECT_TRUE(says("acme has no feed, so there is no link to it")) << err;

  shown.mutable_publisher()->set_link("magnet:?xs=urn:btpk:00");
  show();
  EXPECT_EQ(run_owrd({"publisher", "export", "acme", "--link"}), 0) << err;
  EXPECT_EQ(out, "magnet:?xs=urn:btpk:00\n");

  EXPECT_EQ(run_owrd({"publisher", "export", "acme"}), 64);
  EXPECT_EQ(run_owrd({"publisher", "export", "acme", "--link", "-o", "-"}), 64);
}

TEST_F(PublisherCommand, ListsHowFreshEachIs) {
  v1::ListPublishersReply reply;
  *reply.add_publishers() = record_of(v1::FRESHNESS_STALE);
  daemon->reply("Publishers/List", reply);

  EXPECT_EQ(run_owrd({"publisher", "ls"}), 0) << err;
  EXPECT_EQ(out, "acme\tAcme Labs\t0\tstale since 2026-09-21T14:13:20Z\t1970-01-01T00:00:00Z\t" +
                     id() + "\n");

  EXPECT_EQ(run_owrd({"publisher", "list", "-q"}), 0);
  EXPECT_EQ(out, "acme\n");

  EXPECT_EQ(run_owrd({"publisher", "ls", "--json"}), 0);
  const auto record = records().at(0);
  EXPECT_EQ(record["freshness"], "stale");
  EXPECT_EQ(record["freshness_since"], "2026-09-21T14:13:20Z");
  EXPECT_EQ(record["head"]["sequence"], 12);
}

TEST_F(PublisherCommand, ShowsKeysRootsAndFreshness) {
  auto& record = *shown.mutable_publisher();
  record = record_of(v1::FRESHNESS_EXPIRED);
  auto& key = *record.add_keys();
  key.set_key_id("abcd");
  key.set_label("r1");
  key.set_signs_releases(true);
  key.add_scopes("atlas-*");
  auto& revoked = *record.add_keys();
  revoked.set_key_id("dcba");
  revoked.set_is_revoked(true);
  revoked.set_revoked_since_record(17);
  record.add_locations("https://acme.example/acme.owrp");
  record.set_evidence(1);
  auto& root = *shown.add_roots();
  root.set_version(2);
  root.set_issued(1'790'000'001);
  root.add_signed_by("k1");
  root.set_seen(1'790'000'100);
  root.set_source("dht");
  show();

  EXPECT_EQ(run_owrd({"publisher", "show", "acme"}), 0) << err;
  for (const char* line :
       {"key\tabcd  r1  signs releases, releases of atlas-*\n",
        "key\tdcba    signs nothing, revoked from record 17 on\n",
        "freshness\texpired since 2026-09-21T14:13:20Z\n",
        "head\t12, issued 2026-09-21T14:13:20Z, expires 2026-09-28T14:13:20Z\n",
        "location\thttps://acme.example/acme.owrp\n",
        "evidence\t1 against it: owrd publisher evidence acme\n",
        "root 2\tissued 2026-09-21T14:13:21Z, signed by k1, seen 2026-09-21T14:15:00Z from dht\n"})
    EXPECT_TRUE(prints(line)) << line << " in\n" << out;

  EXPECT_EQ(run_owrd({"publisher", "show", "acme", "--json"}), 0);
  const auto json = records().at(0);
  EXPECT_EQ(json["keys"][0]["scopes"][0], "atlas-*");
  EXPECT_EQ(json["keys"][1]["revoked_since_record"], 17);
  EXPECT_EQ(json["roots"][0]["source"], "dht");
}

TEST_F(PublisherCommand, VerifiesTheChainItself) {
  auto& root = *shown.add_roots();
  root.set_version(2);
  root.add_signed_by("whoever the daemon says");
  root.set_seen(1'790'000'100);
  root.set_source("dht");
  show();
  const auto name = [](const char* label, const trust::SecretKey& key) {
    return std::string(label) + " (" + trust::fingerprint(key.public_key().id()) + ")";
  };

  EXPECT_EQ(run_owrd({"publisher", "show", "acme", "--verify-chain"}), 0) << err;
  EXPECT_TRUE(prints("1\t2026-09-21T14:13:20Z\t2027-09-21T14:13:20Z\t" + name("k1", k1) +
                     "\t1 of 1\t1 of 1\t"))
      << out;
  EXPECT_TRUE(prints("2\t2026-09-21T14:13:21Z\t2027-09-21T14:13:20Z\t" + name("k2", k2) +
                     "\t1 of 1\t1 of 1\t2026-09-21T14:15:00Z\tdht\n"))
      << out;

  EXPECT_EQ(run_owrd({"publisher", "show", "acme", "--verify-chain", "--json"}), 0);
  ASSERT_EQ(records().size(), 2U);
  EXPECT_EQ(records()[1]["signed_by"][0], name("k2", k2));
}

TEST_F(PublisherCommand, FindsAChainThatDoesNotHold) {
  auto content = bundle();
  content.mutable_roots()->SwapElements(0, 1);
  shown.set_bundle(std::string(as_text(release::encode_bundle(content))));
  daemon->reply("Publishers/Show", shown);

  EXPECT_NE(run_owrd({"publisher", "show", "acme", "--verify-chain"}), 0);
  EXPECT_EQ(out, "");
}

TEST_F(PublisherCommand, VerifiesThatTheChainIsThePublishers) {
  shown.mutable_publisher()->set_id(kId.to_hex());
  daemon->reply("Publishers/Show", shown);

  EXPECT_EQ(run_owrd({"publisher", "show", "acme", "--verify-chain"}), 11);
  EXPECT_EQ(out, "");
}

// ---- refresh

class RefreshCommand : public PublisherCommand {
 protected:
  static std::string source(const std::string& name, std::uint64_t sequence, bool is_news,
                            const std::string& problem = "") {
    v1::RefreshEvent event;
    event.mutable_source()->set_petname("acme");
    event.mutable_source()->set_source(name);
    event.mutable_source()->set_sequence(sequence);
    event.mutable_source()->set_is_news(is_news);
    event.mutable_source()->set_problem(problem);
    return event.SerializeAsString();
  }
  std::string done(v1::Freshness freshness) {
    v1::RefreshEvent event;
    *event.mutable_done()->add_publishers() = record_of(freshness);
    return event.SerializeAsString();
  }
};

TEST_F(RefreshCommand, TellsWhatEachSourceGave) {
  daemon->stream("Publishers/Refresh",
                 {source("dht", 12, true), source("https://acme.example/acme.owrp", 11, false),
                  source("peer 192.0.2.1:6881", 13, false, "its signature is wrong"),
                  source("peer 192.0.2.2:6881", 0, false), done(v1::FRESHNESS_FRESH)});

  EXPECT_EQ(run_owrd({"publisher", "refresh", "acme"}), 0) << err;

  EXPECT_EQ(daemon->last<v1::RefreshRequest>("Publishers/Refresh").name(), "acme");
  EXPECT_EQ(err,
            "acme: dht gave head 12, which is news\n"
            "acme: https://acme.example/acme.owrp gave head 11, which was known\n"
            "acme: peer 192.0.2.1:6881 refused: its signature is wrong\n"
            "acme: peer 192.0.2.2:6881 gave nothing new\n");
  EXPECT_EQ(out, "acme\tfresh since 2026-09-21T14:13:20Z\t12\t2026-09-28T14:13:20Z\n");
}

TEST_F(RefreshCommand, GivesRecordsInJson) {
  daemon->stream("Publishers/Refresh", {source("dht", 12, true), done(v1::FRESHNESS_FRESH)});

  EXPECT_EQ(run_owrd({"publisher", "refresh", "--json"}), 0) << err;

  ASSERT_EQ(records().size(), 2U);
  EXPECT_EQ(records()[0]["type"], "source");
  EXPECT_EQ(records()[0]["sequence"], 12);
  EXPECT_EQ(records()[1]["type"], "publisher");
  EXPECT_EQ(records()[1]["freshness"], "fresh");
}

TEST_F(RefreshCommand, FailsWhenNoSourceGaveAHeadThatHolds) {
  daemon->stream("Publishers/Refresh",
                 {source("dht", 0, false), source("peer 192.0.2.1:6881", 13, false, "forged"),
                  done(v1::FRESHNESS_STALE)});

  EXPECT_EQ(run_owrd({"publisher", "refresh"}), 14);

  EXPECT_TRUE(says("no source gave a head that holds: acme")) << err;
  EXPECT_TRUE(prints("acme\tstale since")) << out;
}

TEST_F(RefreshCommand, PassesOnWhatTheDaemonSays) {
  daemon->fail_stream("Publishers/Refresh", {}, {ErrorCode::NotFound, "no publisher nord", ""});
  EXPECT_EQ(run_owrd({"publisher", "refresh", "nord"}), 13);

  daemon->stream("Publishers/Refresh", {source("dht", 12, true)});
  EXPECT_EQ(run_owrd({"publisher", "refresh"}), 1);
}

TEST_F(RefreshCommand, StopsOnCtrlC) {
  daemon->stream("Publishers/Refresh", {source("dht", 12, true)}, test::FakeDaemon::Ending::Hang);
  daemon->on_hang = [] { ::kill(::getpid(), SIGINT); };

  EXPECT_EQ(run_owrd({"publisher", "refresh"}), 130);
}

// ---- evidence

class EvidenceCommand : public PublisherCommand {
 protected:
  EvidenceCommand() {
    v1::EvidenceReply reply;
    auto& evidence = *reply.add_evidence();
    evidence.set_kind("two heads of one sequence");
    evidence.set_found(1'790'000'000);
    evidence.set_source("dht");
    evidence.set_detail("sequence 12");
    evidence.set_first(std::string("one\0", 4));
    evidence.set_second("two");
    daemon->reply("Publishers/Evidence", reply);
  }
};

TEST_F(EvidenceCommand, ListsWhatWasSaidTwice) {
  EXPECT_EQ(run_owrd({"publisher", "evidence", "acme"}), 0) << err;

  EXPECT_EQ(out, "2026-09-21T14:13:20Z\ttwo heads of one sequence\tdht\tsequence 12\n");
}

TEST_F(EvidenceCommand, WritesBothObjectsByteForByteAndOverNothing) {
  const auto directory = home / "evidence";

  EXPECT_EQ(run_owrd({"publisher", "evidence", "acme", "-o", directory.string(), "--json"}), 0)
      << err;
  const auto record = records().at(0);
  EXPECT_EQ(read(record["first"].get<std::string>()), std::string("one\0", 4));
  EXPECT_EQ(read(record["second"].get<std::string>()), "two");
  EXPECT_EQ(record["first_bytes"], 4);

  EXPECT_EQ(run_owrd({"publisher", "evidence", "acme", "-o", directory.string()}), 1);
  EXPECT_TRUE(says("is there already")) << err;
}

TEST_F(EvidenceCommand, SaysThatThereIsNone) {
  daemon->reply("Publishers/Evidence", v1::EvidenceReply());

  EXPECT_EQ(run_owrd({"publisher", "evidence", "acme"}), 0);

  EXPECT_EQ(out, "");
  EXPECT_TRUE(says("nothing shows that acme said two different things")) << err;
}

}  // namespace
}  // namespace owrd::cli
