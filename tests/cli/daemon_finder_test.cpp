#include "cli/daemon_finder.h"

#include "tests/cli/cli_test.h"

namespace owrd::cli {
namespace {

class DaemonFinderTest : public CliTest {
 protected:
  Result<std::optional<Daemon>> find(const std::string& host = "") {
    return find_running_daemon(
        [this](const std::string& name) {
          const auto found = variables.find(name);
          return found == variables.end() ? std::nullopt : std::optional(found->second);
        },
        {host, ""});
  }
};

TEST_F(DaemonFinderTest, FindsTheUsersDaemon) {
  start_daemon();

  const auto found = find();

  ASSERT_TRUE(found);
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->client.socket(), home / "run" / "owrd" / "owrd.sock");
  EXPECT_FALSE((*found)->is_read_only);
}

TEST_F(DaemonFinderTest, FindsNothingAtASocketThatNobodyListensAt) {
  { const test::FakeDaemon gone(home / "stale.sock"); }
  const auto found = find("unix://" + (home / "stale.sock").string());

  ASSERT_TRUE(found);
  EXPECT_FALSE(*found);
}

TEST_F(DaemonFinderTest, UsesTheNamedSocketAndNoOther) {
  start_daemon();
  const test::FakeDaemon other(home / "other.sock");

  const auto found = find("unix://" + (home / "other.sock").string());

  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->client.socket(), home / "other.sock");
}

TEST_F(DaemonFinderTest, RefusesHostsThatItDoesNotKnow) {
  for (const char* host : {"http://127.0.0.1:7480", "unix://relative", "nonsense"}) {
    SCOPED_TRACE(host);
    const auto found = find(host);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, ErrorCode::InvalidInput);
  }
}

TEST_F(DaemonFinderTest, RefusesASocketWhoseNameIsTooLong) {
  const auto found = find("unix:///" + std::string(120, 'x'));

  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::Config);
}

TEST_F(DaemonFinderTest, GoesByWhatTheDaemonSaysOfItsSocket) {
  v1::StatusReply status;
  status.set_read_only(true);
  start_daemon().reply("Daemon/Status", status);

  auto found = find();

  ASSERT_TRUE(found && *found);
  EXPECT_TRUE((*found)->is_read_only);
  const auto allowed = require_command(**found, [](const std::string&) { return std::nullopt; });
  ASSERT_FALSE(allowed);
  EXPECT_EQ(allowed.error().code, ErrorCode::Denied);
}

TEST_F(DaemonFinderTest, LooksButDoesNotCommandOnAReadOnlySocket) {
  v1::StatusReply status;
  status.set_read_only(true);
  start_daemon().reply("Daemon/Status", status);
  daemon->reply("Releases/List", v1::ListReleasesReply());

  EXPECT_EQ(run_owrd({"ls"}), 0) << err;
  EXPECT_EQ(run_owrd({"pause", "acme/atlas"}), 77);
  EXPECT_NE(err.find("adduser"), std::string::npos) << err;
}

TEST_F(DaemonFinderTest, SaysWithAnExitCodeOfItsOwnThatNoDaemonRuns) {
  const auto host = "unix://" + (home / "none.sock").string();

  EXPECT_EQ(run_owrd({"status", "--host", host}), 3);
  EXPECT_TRUE(err.starts_with("error: no daemon runs\n")) << err;
  EXPECT_EQ(run_owrd({"status", "--host", host, "--json"}), 3);
  EXPECT_EQ(last_error()["name"], "not-running");
}

TEST_F(DaemonFinderTest, DoesNotStartADaemonForASocketThatWasNamed) {
  variables["OWRD_HOST"] = "unix://" + (home / "none.sock").string();

  EXPECT_EQ(run_owrd({"ls"}), 69);
  EXPECT_EQ(err.find("no daemon listens at"), std::string("error: ").size()) << err;
}

/// A script that stands in for owrdd.
class PrivateDaemonTest : public DaemonFinderTest {
 protected:
  void install(const std::string& script) {
    write("owrdd", "#!/bin/sh\n" + script);
    ::chmod((home / "owrdd").c_str(), 0755);
    variables["OWRD_DAEMON"] = (home / "owrdd").string();
    variables["OWRD_HOST"] = "embedded";
  }
};

TEST_F(PrivateDaemonTest, TellsWhatTheDaemonSaidWhenItCouldNotStart) {
  install("echo from the daemon >&2; echo 'ERROR the configuration is wrong' >&3; exit 78");

  EXPECT_EQ(run_owrd({"ls"}), 78);

  const auto log = (home / "state" / "owrd" / "owrdd.log").string();
  EXPECT_EQ(err, "error: the configuration is wrong\n  hint: see " + log + "\n");
  EXPECT_EQ(read(log), "from the daemon\n");
}

TEST_F(PrivateDaemonTest, SaysWhenTheDaemonEndedWithoutAWord) {
  install("exit 1");

  EXPECT_EQ(run_owrd({"ls"}), 1);
  EXPECT_TRUE(err.starts_with("error: the private daemon ended while it started")) << err;
}

TEST_F(PrivateDaemonTest, PassesTheConfigurationOn) {
  install("echo \"ERROR $*\" >&3; exit 78");

  run_owrd({"ls", "--config", "/etc/x.toml"});

  EXPECT_TRUE(err.starts_with("error: --private --ready-fd 3 --config /etc/x.toml\n")) << err;
}

TEST_F(PrivateDaemonTest, UsesTheDaemonThatIsReady) {
  start_daemon();
  daemon->reply("Releases/List", v1::ListReleasesReply());
  install("echo must not be started >&2; exit 1");

  EXPECT_EQ(run_owrd({"ls"}), 0) << err;
}

}  // namespace
}  // namespace owrd::cli
