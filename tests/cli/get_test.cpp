#include <csignal>

#include "daemon/release/bundle.h"
#include "tests/cli/cli_test.h"

namespace owrd::cli {
namespace {

const std::string kMagnet =
    "magnet:?xt=urn:btmh:1220aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

class GetCommand : public CliTest {
 protected:
  GetCommand() { start_daemon(); }

  static v1::ReleaseRecord release(std::uint64_t verified) {
    v1::ReleaseRecord release;
    release.set_ref("acme/atlas:1.0");
    release.set_release_id(std::string(64, 'b'));
    release.set_state(v1::RELEASE_STATE_GETTING);
    release.set_files(4);
    release.set_bytes_total(1000);
    release.set_bytes_wanted(1000);
    release.set_bytes_verified(verified);
    release.set_directory("/srv/atlas");
    release.set_license("Apache-2.0");
    return release;
  }
  static std::string plan(bool was_running = false) {
    v1::TransferEvent event;
    *event.mutable_plan()->mutable_release() = release(0);
    event.mutable_plan()->add_signed_by("acme (3F7A 91C2 0B44 88E1)");
    event.mutable_plan()->set_was_running(was_running);
    event.mutable_plan()->set_bytes_free(5000);
    auto& file = *event.mutable_plan()->add_files();
    file.set_path("model.safetensors");
    file.set_length(900);
    file.set_wanted(true);
    return event.SerializeAsString();
  }
  static std::string progress(std::uint64_t verified, const std::string& detail = "") {
    v1::TransferEvent event;
    *event.mutable_progress()->mutable_release() = release(verified);
    event.mutable_progress()->mutable_release()->set_detail(detail);
    return event.SerializeAsString();
  }
  static std::string done() {
    v1::TransferEvent event;
    *event.mutable_done()->mutable_release() = release(1000);
    event.mutable_done()->set_elapsed_ms(41000);
    return event.SerializeAsString();
  }
  v1::GetRequest request() const { return daemon->last<v1::GetRequest>("Releases/Get"); }
  void interrupt_with(int signal) {
    daemon->on_hang = [signal] { ::kill(::getpid(), signal); };
  }
  std::vector<std::string> methods() const {
    std::vector<std::string> names;
    for (const auto& call : daemon->calls()) names.push_back(call.method);
    return names;
  }
};

TEST_F(GetCommand, PrintsOnlyThePathOnStandardOutput) {
  daemon->stream("Releases/Get", {plan(), progress(480), done()});

  EXPECT_EQ(run_owrd({"get", "acme/atlas:1.0"}), 0) << err;

  EXPECT_EQ(out, "/srv/atlas\n");
  EXPECT_EQ(err,
            "✓ acme/atlas:1.0  sha256:bbbbbbbbbbbb…  signed by acme (3F7A 91C2 0B44 88E1)  license "
            "Apache-2.0\n"
            "4 files, 1.0 kB → /srv/atlas\n"
            "48%  480 B/1.0 kB verified  0 B/s  0 peers\n"
            "✓ verified 1.0 kB of acme/atlas:1.0 in 41s\n");
}

TEST_F(GetCommand, SaysWhatANameStandsForAndWhatSpeaksAgainstIt) {
  v1::TransferEvent event;
  event.ParseFromString(plan());
  auto& resolved = *event.mutable_plan()->mutable_resolved();
  resolved.set_ref("acme/atlas:1.0");
  resolved.set_release_id(std::string(64, 'b'));
  event.mutable_plan()->add_warnings("acme/atlas:1.0 has an advisory: see there");
  event.mutable_plan()->add_attested_by("nord");
  event.mutable_plan()->add_attested_by("mit");
  daemon->stream("Releases/Get", {event.SerializeAsString(), done()});

  EXPECT_EQ(run_owrd({"get", "acme/atlas"}), 0) << err;
  EXPECT_TRUE(err.starts_with("acme/atlas → acme/atlas:1.0@sha256:" + std::string(64, 'b') +
                              "\nwarning: acme/atlas:1.0 has an advisory: see there\n"))
      << err;
  EXPECT_TRUE(says("✓ attested by nord, mit\n")) << err;
  EXPECT_EQ(out, "/srv/atlas\n");

  EXPECT_EQ(run_owrd({"get", "acme/atlas", "--json"}), 0);
  EXPECT_EQ(records().at(0)["resolved"]["ref"], "acme/atlas:1.0");
  EXPECT_EQ(records().at(0)["warnings"].size(), 1U);
  EXPECT_EQ(records().at(0)["attested_by"][1], "mit");
}

TEST_F(GetCommand, AsksForWhatTheTrustFlagsSay) {
  daemon->stream("Releases/Get", {plan(), progress(480)}, test::FakeDaemon::Ending::Hang);
  daemon->reply("Releases/Pause", v1::PauseReply());
  interrupt_with(SIGINT);

  EXPECT_EQ(run_owrd({"get", "acme/atlas", "--allow-stale", "--accept-withdrawn", "legal",
                      "--require-attestations", "2", "--from", "nord,mit", "--from", "own"}),
            130)
      << err;

  EXPECT_TRUE(request().allow_stale());
  EXPECT_EQ(request().accept_withdrawn(), "legal");
  EXPECT_EQ(request().require_attestations(), 2U);
  ASSERT_EQ(request().attested_by_size(), 3);
  EXPECT_EQ(request().attested_by(1), "mit");
  EXPECT_TRUE(
      says("owrd get acme/atlas --allow-stale --accept-withdrawn legal "
           "--require-attestations 2 --from nord --from mit --from own\n"))
      << err;
}

TEST_F(GetCommand, RefusesTrustFlagsThatMeanNothing) {
  EXPECT_EQ(run_owrd({"get", "acme/atlas", "--accept-withdrawn", "whim"}), 64);
  EXPECT_EQ(run_owrd({"get", "acme/atlas", "--require-attestations", "many"}), 64);
  EXPECT_EQ(run_owrd({"get", "acme/atlas", "--require-attestations", "-1"}), 64);
  EXPECT_EQ(run_owrd({"get", "acme/atlas", "--from", "nord"}), 64);
  EXPECT_TRUE(methods().empty());
}

TEST_F(GetCommand, GivesRecordsInJson) {
  daemon->stream("Releases/Get", {plan(), progress(480), done()});

  EXPECT_EQ(run_owrd({"get", "--json", "acme/atlas:1.0"}), 0) << err;

  std::istringstream lines(out);
  std::vector<std::string> types;
  nlohmann::json last;
  for (std::string line; std::getline(lines, line);) {
    last = nlohmann::json::parse(line);
    types.push_back(last["type"]);
  }
  EXPECT_EQ(types, (std::vector<std::string>{"plan", "progress", "done"}));
  EXPECT_EQ(last["path"], "/srv/atlas");
  EXPECT_EQ(last["bytes_verified"], 1000);
  EXPECT_EQ(last["elapsed_ms"], 41000);
}

TEST_F(GetCommand, AsksForWhatTheFlagsSay) {
  daemon->stream("Releases/Get", {plan(), done()});

  EXPECT_EQ(
      run_owrd({"get", "--include", "*.json", "--exclude", "*.bin", "--include", "model-*", kMagnet,
                "--peer", "203.0.113.7:29170", "--peer", "[2001:db8::1]:29170", "--to",
                (home / "to" / ".." / "atlas/").string(), "--seed=1.5", "--timeout", "10m"}),
      0)
      << err;

  EXPECT_EQ(request().magnet(), kMagnet);
  EXPECT_EQ(request().directory(), (home / "atlas").string());
  ASSERT_EQ(request().include_size(), 2);
  EXPECT_EQ(request().include(1), "model-*");
  ASSERT_EQ(request().exclude_size(), 1);
  ASSERT_EQ(request().peers_size(), 2);
  EXPECT_EQ(request().seed().ratio_permille(), 1500U);
  EXPECT_EQ(request().timeout_ms(), 600'000U);
  EXPECT_FALSE(request().detach());
}

TEST_F(GetCommand, DoesNotTakeTheRefForTheValueOfSeed) {
  daemon->stream("Releases/Get", {plan(), done()});

  EXPECT_EQ(run_owrd({"get", "--seed", "acme/atlas:1.0"}), 0) << err;

  EXPECT_EQ(request().ref(), "acme/atlas:1.0");
  EXPECT_TRUE(request().has_seed());
  EXPECT_EQ(request().seed().ratio_permille(), 0U);
}

TEST_F(GetCommand, SendsTheBundleOfAFile) {
  v1::Bundle bundle;
  bundle.add_roots("root");
  bundle.set_manifest("manifest");
  const std::string bytes(as_text(release::encode_bundle(bundle)));
  daemon->stream("Releases/Get", {plan(), done()});

  EXPECT_EQ(run_owrd({"get", write("atlas.owr", bytes).string()}), 0) << err;

  EXPECT_EQ(request().bundle(), bytes);
}

TEST_F(GetCommand, RefusesWrongFlagsBeforeItCalls) {
  const std::vector<std::vector<std::string>> cases = {
      {"get", "acme/atlas", "--peer", "nowhere"},
      {"get", "acme/atlas", "--timeout", "10"},
      {"get", "acme/atlas", "--seed=much"},
      {"get", "acme/atlas", "nord/sol", "--to", "x"},
      {"get", "magnet:?xt=urn:btih:da39a3ee5e6b4b0d3255bfef95601890afd80709"}};
  for (const auto& arguments : cases) {
    EXPECT_EQ(run_owrd(arguments), 64) << err;
    EXPECT_EQ(out, "");
  }
  for (const auto& method : methods()) EXPECT_NE(method, "Releases/Get");
}

TEST_F(GetCommand, SaysWhatWouldBeFetchedAndLeavesStandardOutputEmpty) {
  daemon->stream("Releases/Get", {plan()});

  EXPECT_EQ(run_owrd({"get", "-n", "acme/atlas:1.0"}), 0) << err;

  EXPECT_TRUE(request().dry_run());
  EXPECT_EQ(out, "");
  EXPECT_NE(err.find("  model.safetensors  900 B  to fetch\n"), std::string::npos) << err;
  EXPECT_NE(err.find("would fetch 1.0 kB; 5.0 kB are free"), std::string::npos) << err;
}

TEST_F(GetCommand, PassesTheDaemonsRefusalOn) {
  daemon->fail_stream(
      "Releases/Get", {},
      {ErrorCode::Untrusted, "publisher 3F7A is not pinned", "owrd publisher add FILE"});

  EXPECT_EQ(run_owrd({"get", kMagnet}), 10);

  EXPECT_EQ(out, "");
  EXPECT_EQ(err, "error: publisher 3F7A is not pinned\n  hint: owrd publisher add FILE\n");
}

TEST_F(GetCommand, SaysWhyItWaits) {
  daemon->stream("Releases/Get",
                 {progress(0, "no peers"), progress(0, "one peer, which lacks piece 512"), done()});

  run_owrd({"get", kMagnet});

  EXPECT_NE(err.find("waiting: no peers\n"), std::string::npos) << err;
  EXPECT_NE(err.find("waiting: one peer, which lacks piece 512\n"), std::string::npos) << err;
}

TEST_F(GetCommand, StopsWhatItStartedOnCtrlCAndSaysHowToResume) {
  daemon->stream("Releases/Get", {plan(), progress(480)}, test::FakeDaemon::Ending::Hang);
  v1::PauseReply paused;
  *paused.mutable_release() = release(480);
  daemon->reply("Releases/Pause", paused);
  interrupt_with(SIGINT);

  EXPECT_EQ(run_owrd({"get", "acme/atlas:1.0", "--include", "*.json"}), 130);

  EXPECT_EQ(daemon->last<v1::PauseRequest>("Releases/Pause").ref(), "acme/atlas:1.0");
  EXPECT_NE(err.find("stopped at 48%; verified data kept. Resume:  owrd get acme/atlas:1.0 "
                     "--include '*.json'\n"),
            std::string::npos)
      << err;
  EXPECT_EQ(out, "");
}

TEST_F(GetCommand, OnlyLeavesWhatWasRunningBefore) {
  daemon->stream("Releases/Get", {plan(/*was_running=*/true), progress(480)},
                 test::FakeDaemon::Ending::Hang);
  interrupt_with(SIGTERM);

  EXPECT_EQ(run_owrd({"get", "acme/atlas:1.0"}), 143);

  for (const auto& method : methods()) EXPECT_NE(method, "Releases/Pause");
  EXPECT_NE(err.find("goes on. Come back to it:  owrd watch acme/atlas:1.0"), std::string::npos)
      << err;
}

TEST_F(GetCommand, GivesUpAMagnetThatIsNotResolvedYetByItsInfohash) {
  v1::TransferEvent event;
  event.mutable_progress()->mutable_release()->set_ref(kMagnet);
  event.mutable_progress()->mutable_release()->set_infohash(std::string(64, 'a'));
  daemon->stream("Releases/Get", {event.SerializeAsString()}, test::FakeDaemon::Ending::Hang);
  daemon->reply("Releases/Pause", v1::PauseReply());
  interrupt_with(SIGINT);

  EXPECT_EQ(run_owrd({"get", kMagnet}), 130);

  EXPECT_EQ(daemon->last<v1::PauseRequest>("Releases/Pause").ref(), std::string(24, 'a'));
  EXPECT_NE(err.find("Again:  owrd get"), std::string::npos) << err;
}

TEST_F(GetCommand, SaysWhereADetachedMagnetWillGo) {
  v1::TransferEvent event;
  event.mutable_progress()->mutable_release()->set_ref(kMagnet);
  event.mutable_progress()->mutable_release()->set_infohash(std::string(64, 'a'));
  daemon->stream("Releases/Get", {event.SerializeAsString()}, test::FakeDaemon::Ending::Hang);

  EXPECT_EQ(run_owrd({"get", "-d", kMagnet}), 0) << err;
  EXPECT_EQ(out, "");
  EXPECT_EQ(run_owrd({"get", "-d", kMagnet, "--to", "/models/atlas"}), 0) << err;
  EXPECT_EQ(out, "/models/atlas\n");
}

TEST_F(GetCommand, ReadsAllSourcesBeforeItBegins) {
  EXPECT_EQ(run_owrd({"get", "acme/atlas:1.0", "not a ref"}), 64);
  EXPECT_TRUE(methods().empty());
}

TEST_F(GetCommand, ReturnsAtOnceWhenDetached) {
  daemon->stream("Releases/Get", {plan()}, test::FakeDaemon::Ending::Hang);

  EXPECT_EQ(run_owrd({"get", "-d", "acme/atlas:1.0"}), 0) << err;

  EXPECT_TRUE(request().detach());
  EXPECT_EQ(out, "/srv/atlas\n");
  EXPECT_NE(err.find("owrd watch acme/atlas:1.0"), std::string::npos) << err;
}

TEST_F(GetCommand, SaysThatADaemonOfAnotherUserCannotWriteHere) {
  v1::StatusReply status;
  status.set_uid(::geteuid() + 1);
  daemon->reply("Daemon/Status", status);

  EXPECT_EQ(run_owrd({"get", "acme/atlas:1.0", "--to", "here"}), 77);

  EXPECT_NE(err.find("--host embedded"), std::string::npos) << err;
}

TEST_F(GetCommand, SaysWithAPrivateDaemonHowToKeepSeeding) {
  v1::StatusReply status;
  status.set_uid(::geteuid());
  status.set_is_private(true);
  daemon->reply("Daemon/Status", status);
  daemon->stream("Releases/Get", {plan(), done()});

  EXPECT_EQ(run_owrd({"get", "acme/atlas:1.0"}), 0);

  EXPECT_NE(err.find("hint: to keep seeding:  owrd seed --detach acme/atlas:1.0\n"),
            std::string::npos)
      << err;
}

TEST_F(GetCommand, StaysSeedingWithAPrivateDaemonUntilCtrlC) {
  v1::StatusReply status;
  status.set_uid(::geteuid());
  status.set_is_private(true);
  daemon->reply("Daemon/Status", status);
  v1::TransferEvent seeding;
  *seeding.mutable_done()->mutable_release() = release(1000);
  seeding.mutable_done()->set_seeding(true);
  daemon->stream("Releases/Get", {plan(), seeding.SerializeAsString()});
  daemon->stream("Releases/Watch", {progress(1000)}, test::FakeDaemon::Ending::Hang);
  daemon->reply("Releases/Pause", v1::PauseReply());
  interrupt_with(SIGINT);

  EXPECT_EQ(run_owrd({"get", "--seed", "acme/atlas:1.0"}), 130) << err;

  EXPECT_EQ(out, "/srv/atlas\n");
  EXPECT_NE(err.find("stopped seeding. Again:  owrd seed acme/atlas:1.0"), std::string::npos)
      << err;
}

TEST_F(GetCommand, EndsWithTheCodeForPartWhenOneOfSeveralFails) {
  daemon->fail_stream("Releases/Get", {}, {ErrorCode::NotFound, "no such release", ""});

  EXPECT_EQ(run_owrd({"get", "acme/atlas", "nord/sol"}), 2);

  EXPECT_EQ(err, "error: no such release\nerror: no such release\n");
}

}  // namespace
}  // namespace owrd::cli
