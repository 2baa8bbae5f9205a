#include "tests/cli/cli_test.h"

namespace owrd::cli {
namespace {

class Commands : public CliTest {
 protected:
  Commands() { start_daemon(); }

  static v1::ReleaseRecord release() {
    v1::ReleaseRecord release;
    release.set_ref("acme/atlas:1.0");
    release.set_release_id(std::string(64, 'b'));
    release.set_state(v1::RELEASE_STATE_SEEDING);
    release.set_files(4);
    release.set_bytes_total(1000);
    release.set_bytes_wanted(1000);
    release.set_bytes_verified(480);
    release.set_bytes_uploaded(3100);
    release.set_peers(38);
    release.set_seeds(12);
    release.set_added(1'790'000'000);
    release.set_directory("/srv/atlas");
    return release;
  }
};

TEST_F(Commands, ListReleasesForPeopleAndPrograms) {
  v1::ListReleasesReply reply;
  *reply.add_releases() = release();
  daemon->reply("Releases/List", reply);

  EXPECT_EQ(run_owrd({"ls"}), 0) << err;
  EXPECT_EQ(out, "acme/atlas:1.0\t1000\t48%\tseeding\t12/38\t3.10\t2026-09-21T14:13:20Z\n");

  EXPECT_EQ(run_owrd({"list", "-q"}), 0);
  EXPECT_EQ(out, "acme/atlas:1.0\n");

  EXPECT_EQ(run_owrd({"ls", "--json"}), 0);
  const auto record = nlohmann::json::parse(out);
  EXPECT_EQ(record["state"], "seeding");
  EXPECT_TRUE(record["bytes"].is_number());
  EXPECT_EQ(record["bytes_uploaded"], 3100);

  out_is_terminal = true;
  EXPECT_EQ(run_owrd({"ls", "--color", "never"}), 0);
  EXPECT_TRUE(out.starts_with("REF               SIZE  HAVE  STATE    SEEDS/PEERS  RATIO  ADDED\n"))
      << out;
}

TEST_F(Commands, ShowARelease) {
  v1::ShowReleaseReply reply;
  *reply.mutable_release() = release();
  reply.set_magnet("magnet:?x");
  reply.set_piece_length(1 << 20);
  auto& file = *reply.add_files();
  file.set_path("model.safetensors");
  file.set_length(900);
  file.set_wanted(true);
  file.set_role("weights");
  daemon->reply("Releases/Show", reply);

  EXPECT_EQ(run_owrd({"show", "acme/atlas:1.0"}), 0) << err;
  EXPECT_NE(out.find("release id\tsha256:" + std::string(64, 'b') + "\n"), std::string::npos)
      << out;
  EXPECT_NE(out.find("magnet\tmagnet:?x\n"), std::string::npos) << out;

  EXPECT_EQ(run_owrd({"show", "acme/atlas:1.0", "--files"}), 0) << err;
  EXPECT_EQ(out, "model.safetensors\t900\t0%\tweights\t\n");

  EXPECT_EQ(run_owrd({"show", "acme/atlas:1.0", "--json"}), 0);
  EXPECT_EQ(nlohmann::json::parse(out)["file_list"][0]["bytes"], 900);
}

TEST_F(Commands, ShowNoManifestThatDoesNotHold) {
  v1::ShowReleaseReply reply;
  reply.set_envelope("garbage");
  daemon->reply("Releases/Show", reply);

  EXPECT_NE(run_owrd({"show", "acme/atlas:1.0", "--manifest"}), 0);
  EXPECT_EQ(out, "");
}

TEST_F(Commands, SayHowTheDaemonIs) {
  v1::StatusReply status;
  status.set_version("9.9.9");
  status.set_pid(812);
  status.set_uid(::geteuid());
  status.add_warnings("the disk is nearly full");
  daemon->reply("Daemon/Status", status);

  EXPECT_EQ(run_owrd({"status"}), 0) << err;
  EXPECT_NE(out.find("9.9.9 (user daemon, pid 812"), std::string::npos) << out;
  EXPECT_NE(err.find("warning: the disk is nearly full\n"), std::string::npos);
  EXPECT_NE(err.find("warning: the daemon is version 9.9.9"), std::string::npos);

  EXPECT_EQ(run_owrd({"status", "--json"}), 0);
  EXPECT_EQ(nlohmann::json::parse(out)["pid"], 812);
}

TEST_F(Commands, SayHowFreshEachPublisherIs) {
  v1::StatusReply status;
  status.set_uid(::geteuid());
  status.set_mirror_key(std::string(64, 'a'));
  auto& acme = *status.add_publishers();
  acme.set_petname("acme");
  acme.set_freshness(v1::FRESHNESS_FORKED);
  acme.set_freshness_since(1'790'000'000);
  auto& nord = *status.add_publishers();
  nord.set_petname("nord");
  nord.set_freshness(v1::FRESHNESS_NONE);
  auto& own = *status.add_publishers();
  own.set_petname("own");
  own.set_freshness(v1::FRESHNESS_NONE);
  own.set_is_own(true);
  own.set_root_expires(1'790'000'000);
  daemon->reply("Daemon/Status", status);

  EXPECT_EQ(run_owrd({"status"}), 0) << err;
  EXPECT_TRUE(
      prints("publisher\town: no feed known; its root expired on 2026-09-21: owrd publisher rotate "
             "own\n"))
      << out;
  EXPECT_TRUE(prints("publisher\tacme: forked since 2026-09-21T14:13:20Z\n")) << out;
  EXPECT_TRUE(prints("publisher\tnord: no feed known\n")) << out;

  EXPECT_EQ(run_owrd({"status", "--json"}), 0);
  EXPECT_EQ(records().at(0)["publishers"][0]["freshness"], "forked");
  EXPECT_EQ(records().at(0)["mirror_key"], std::string(64, 'a'));
}

TEST_F(Commands, RemoveOnlyAfterAsking) {
  v1::RemoveReply reply;
  *reply.mutable_release() = release();
  reply.set_files_removed(true);
  daemon->reply("Releases/Remove", reply);
  const auto last = [this] { return daemon->last<v1::RemoveRequest>("Releases/Remove"); };

  EXPECT_EQ(run_owrd({"rm", "acme/atlas:1.0"}), 64);
  EXPECT_TRUE(last().dry_run());
  EXPECT_NE(err.find("--yes"), std::string::npos) << err;

  EXPECT_EQ(run_owrd({"rm", "-n", "acme/atlas:1.0"}), 0);
  EXPECT_TRUE(last().dry_run());

  EXPECT_EQ(run_owrd({"rm", "-y", "--keep-files", "acme/atlas:1.0"}), 0) << err;
  EXPECT_FALSE(last().dry_run());
  EXPECT_TRUE(last().keep_files());
}

TEST_F(Commands, EndVerificationWithTheCodeOfBadContent) {
  v1::VerifyEvent event;
  auto& report = *event.mutable_report();
  *report.mutable_release() = release();
  report.set_files_ok(29);
  report.set_files_bad(1);
  auto& file = *report.add_files();
  file.set_path("model-00012-of-00030.safetensors");
  file.set_problem("2 of 296 pieces bad");
  daemon->stream("Releases/Verify", {event.SerializeAsString()});

  EXPECT_EQ(run_owrd({"verify", "acme/atlas:1.0"}), 12);
  EXPECT_EQ(out, "30 files\t29 ok\t1 bad\n");
  EXPECT_EQ(err,
            "✗ model-00012-of-00030.safetensors: 2 of 296 pieces bad\n"
            "error: 1 of 30 files of acme/atlas:1.0 differ from what was signed\n"
            "  hint: owrd verify --repair acme/atlas:1.0\n");

  EXPECT_EQ(run_owrd({"verify", "acme/atlas:1.0", "--json"}), 12);
  EXPECT_EQ(nlohmann::json::parse(out)["files_bad"], 1);
  EXPECT_EQ(last_error()["name"], "bad-content");

  report.set_repaired(true);
  daemon->stream("Releases/Verify", {event.SerializeAsString()});
  EXPECT_EQ(run_owrd({"verify", "--repair", "acme/atlas:1.0"}), 0) << err;
}

TEST_F(Commands, VerifyAndSeedADirectoryByItsAbsolutePath) {
  daemon->stream("Releases/Verify", {});
  run_owrd({"verify", "./here/../there/"});

  const auto request = daemon->last<v1::VerifyRequest>("Releases/Verify");
  EXPECT_EQ(request.directory(), (std::filesystem::current_path() / "there").string());
}

TEST_F(Commands, SeedWithALimit) {
  v1::TransferEvent event;
  *event.mutable_done()->mutable_release() = release();
  event.mutable_done()->set_seeding(true);
  daemon->stream("Releases/Seed", {event.SerializeAsString()});

  EXPECT_EQ(run_owrd({"seed", "acme/atlas:1.0", "--ratio", "2", "--time", "30d"}), 0) << err;

  const auto request = daemon->last<v1::SeedRequest>("Releases/Seed");
  EXPECT_EQ(request.ref(), "acme/atlas:1.0");
  EXPECT_EQ(request.limit().ratio_permille(), 2000U);
  EXPECT_EQ(request.limit().seconds(), 30U * 86400);
  EXPECT_EQ(out, "acme/atlas:1.0\n");
}

TEST_F(Commands, WriteABundle) {
  v1::BundleReply reply;
  reply.set_bundle("the bytes");
  *reply.mutable_release() = release();
  daemon->reply("Releases/Bundle", reply);
  const auto path = home / "atlas.owr";

  EXPECT_EQ(run_owrd({"bundle", "acme/atlas:1.0", "-o", path.string()}), 0) << err;
  EXPECT_EQ(read(path), "the bytes");
  EXPECT_EQ(out, path.string() + "\n");

  EXPECT_EQ(run_owrd({"bundle", "acme/atlas:1.0", "-o", (home / "absent" / "x.owr").string()}), 74);
  EXPECT_NE(err.find("there is no such directory\n  hint: make the directory first"), err.npos)
      << err;
}

TEST_F(Commands, PauseAndResumeSeveral) {
  v1::PauseReply paused;
  *paused.mutable_release() = release();
  daemon->reply("Releases/Pause", paused);
  daemon->fail("Releases/Resume", {ErrorCode::NotFound, "no such release", "owrd ls"});

  EXPECT_EQ(run_owrd({"pause", "acme/atlas:1.0", "nord/sol"}), 0) << err;
  EXPECT_EQ(run_owrd({"resume", "acme/atlas:1.0"}), 13);
  EXPECT_EQ(run_owrd({"resume", "acme/atlas:1.0", "nord/sol"}), 2);
}

TEST_F(Commands, NeedNoDaemonForHelpCompletionVersionAndKeys) {
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"help"}, {"completion", "bash"}, {"version"}, {"key", "ls"}})
    EXPECT_EQ(run_owrd(arguments), 0) << err;

  EXPECT_TRUE(daemon->calls().empty());
}

}  // namespace
}  // namespace owrd::cli
