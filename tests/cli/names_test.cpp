#include "tests/cli/cli_test.h"

namespace owrd::cli {
namespace {

class Names : public CliTest {
 protected:
  Names() { start_daemon(); }

  static v1::ListedRecord listed() {
    v1::ListedRecord release;
    release.set_ref("acme/atlas:1.2.0");
    release.set_petname("acme");
    release.set_model("atlas");
    release.set_version("1.2.0");
    release.set_release_id(std::string(64, 'b'));
    release.set_bytes(1000);
    release.set_license("Apache-2.0");
    release.set_summary("A small one");
    release.set_listed(1'790'000'000);
    release.add_channels("latest");
    release.add_channels("stable");
    return release;
  }
  static v1::ChannelRecord channel(std::int64_t set) {
    v1::ChannelRecord record;
    record.set_petname("acme");
    record.set_model("atlas");
    record.set_channel("stable");
    record.set_version("1.2.0");
    record.set_set(set);
    record.set_release_id(std::string(64, 'b'));
    return record;
  }
  v1::SetChannelRequest last_channel() const {
    return daemon->last<v1::SetChannelRequest>("Publishers/SetChannel");
  }
};

TEST_F(Names, AChannelIsSet) {
  v1::SetChannelReply reply;
  *reply.mutable_channel() = channel(1'790'000'000);
  reply.set_before("1.1.0");
  daemon->reply("Publishers/SetChannel", reply);

  EXPECT_EQ(run_owrd({"channel", "set", "acme/atlas:stable", "1.2.0"}), 0) << err;

  EXPECT_EQ(last_channel().publisher(), "acme");
  EXPECT_EQ(last_channel().model(), "atlas");
  EXPECT_EQ(last_channel().channel(), "stable");
  EXPECT_EQ(last_channel().version(), "1.2.0");
  EXPECT_EQ(out, "acme/atlas:stable\t1.2.0\n");
  EXPECT_EQ(err, "✓ acme/atlas:stable names 1.2.0, and named 1.1.0 before\n");

  EXPECT_EQ(run_owrd({"channel", "set", "acme/atlas:stable", "1.2.0", "--json"}), 0);
  EXPECT_EQ(records().at(0)["before"], "1.1.0");
}

TEST_F(Names, AChannelIsRemovedByNamingNoVersion) {
  v1::SetChannelReply reply;
  *reply.mutable_channel() = channel(0);
  reply.set_before("1.2.0");
  daemon->reply("Publishers/SetChannel", reply);

  EXPECT_EQ(run_owrd({"channel", "rm", "acme/atlas:stable"}), 0) << err;

  EXPECT_EQ(last_channel().version(), "");
  EXPECT_EQ(out, "");
  EXPECT_TRUE(says("removed the channel acme/atlas:stable, which named 1.2.0")) << err;
}

TEST_F(Names, AChannelIsNamedInFull) {
  for (const char* text : {"acme/atlas", "atlas", "@sha256:00", "stable"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(run_owrd({"channel", "set", text, "1.2.0"}), 64);
    EXPECT_FALSE(was_called("Publishers/SetChannel"));
  }
}

TEST_F(Names, AChannelOfSomebodyElseIsTheDaemonsToRefuse) {
  daemon->fail("Publishers/SetChannel", {ErrorCode::Denied, "nord is no publisher of yours", ""});

  EXPECT_EQ(run_owrd({"channel", "set", "nord/sol:stable", "1.0.0"}), 77);
}

TEST_F(Names, ChannelsAreListed) {
  v1::ListChannelsReply reply;
  *reply.add_channels() = channel(1'790'000'000);
  *reply.add_channels() = channel(0);
  daemon->reply("Names/Channels", reply);
  const auto id = std::string(64, 'b');

  EXPECT_EQ(run_owrd({"channel", "ls", "acme/atlas"}), 0) << err;
  EXPECT_EQ(daemon->last<v1::ListChannelsRequest>("Names/Channels").name(), "acme/atlas");
  EXPECT_EQ(out, "acme/atlas:stable\t1.2.0\t2026-09-21T14:13:20Z\t" + id +
                     "\nacme/atlas:stable\t1.2.0\t\t" + id + "\n");

  EXPECT_EQ(run_owrd({"channel", "ls", "-q"}), 0);
  EXPECT_EQ(out, "acme/atlas:stable\nacme/atlas:stable\n");

  EXPECT_EQ(run_owrd({"channel", "ls", "--json"}), 0);
  EXPECT_EQ(records().at(0)["set"], "2026-09-21T14:13:20Z");
  EXPECT_TRUE(records().at(1)["set"].is_null());
}

TEST_F(Names, ReleasesAreListed) {
  v1::ListNamesReply reply;
  auto& release = *reply.add_releases();
  release = listed();
  release.set_is_yanked(true);
  release.set_is_here(true);
  release.add_notices()->set_kind("advisory");
  release.add_notices()->set_kind("advisory");
  daemon->reply("Names/List", reply);

  EXPECT_EQ(run_owrd({"release", "ls", "acme"}), 0) << err;
  EXPECT_EQ(daemon->last<v1::ListNamesRequest>("Names/List").name(), "acme");
  EXPECT_EQ(out,
            "acme/atlas:1.2.0\t1000\t2026-09-21T14:13:20Z\tlatest, stable\tyanked, advisory, here\t"
            "Apache-2.0\tA small one\n");

  EXPECT_EQ(run_owrd({"release", "ls", "-q"}), 0);
  EXPECT_EQ(out, "acme/atlas:1.2.0\n");

  EXPECT_EQ(run_owrd({"release", "ls", "--json"}), 0);
  EXPECT_EQ(records().at(0)["yanked"], true);
  EXPECT_EQ(records().at(0)["notices"].size(), 2U);
  EXPECT_EQ(records().at(0)["channels"][1], "stable");
}

TEST_F(Names, AnEmptyListSaysWhatToDo) {
  daemon->reply("Names/List", v1::ListNamesReply());

  EXPECT_EQ(run_owrd({"release", "ls"}), 0);

  EXPECT_EQ(out, "");
  EXPECT_TRUE(says("owrd publisher refresh")) << err;
}

TEST_F(Names, AFeedIsLoggedInItsOrder) {
  v1::LogReply reply;
  auto& root = *reply.add_records();
  root.set_added(1'790'000'000);
  root.set_kind("root");
  root.set_text("version 1");
  root.set_root_version(1);
  auto& release = *reply.add_records();
  release.set_number(1);
  release.set_added(1'790'000'060);
  release.set_kind("release");
  release.set_text("atlas 1.2.0");
  *release.mutable_release() = listed();
  daemon->reply("Names/Log", reply);

  EXPECT_EQ(run_owrd({"release", "log", "acme"}), 0) << err;
  EXPECT_EQ(out,
            "0\t2026-09-21T14:13:20Z\troot\tversion 1\n"
            "1\t2026-09-21T14:14:20Z\trelease\tatlas 1.2.0\n");

  EXPECT_EQ(run_owrd({"release", "log", "acme", "--json"}), 0);
  EXPECT_EQ(records().at(0)["root_version"], 1);
  EXPECT_EQ(records().at(1)["release"]["ref"], "acme/atlas:1.2.0");
  EXPECT_EQ(run_owrd({"release", "log"}), 64);
}

TEST_F(Names, SearchSendsAllWordsAndSaysThatThereIsMore) {
  v1::SearchReply reply;
  *reply.add_releases() = listed();
  reply.set_is_cut(true);
  daemon->reply("Names/Search", reply);

  EXPECT_EQ(run_owrd({"search", "atl", "small", "--limit", "1"}), 0) << err;

  const auto request = daemon->last<v1::SearchRequest>("Names/Search");
  EXPECT_EQ(request.text(), "atl small");
  EXPECT_EQ(request.limit(), 1U);
  EXPECT_TRUE(out.starts_with("acme/atlas:1.2.0\t1000\t")) << out;
  EXPECT_TRUE(says("there are more")) << err;
  EXPECT_EQ(run_owrd({"search"}), 64);
}

TEST_F(Names, SearchThatFindsNothingIsNoError) {
  daemon->reply("Names/Search", v1::SearchReply());

  EXPECT_EQ(run_owrd({"search", "x"}), 0);

  EXPECT_EQ(out, "");
  EXPECT_TRUE(says("nothing in the feeds of the pinned publishers")) << err;
}

}  // namespace
}  // namespace owrd::cli
