#include <gtest/gtest.h>

#include "daemon/app/config.h"
#include "tests/app/fixture.h"

namespace owrd::app {
namespace {

class LoadConfig : public ::testing::Test {
 protected:
  ConfigSources system(std::map<std::string, std::string> variables = {}) const {
    ConfigSources sources;
    sources.instance = Instance::System;
    sources.environment = environment(std::move(variables));
    sources.system_dir = etc_.path();
    return sources;
  }

  Scratch etc_;
};

TEST_F(LoadConfig, GivesTheInstancesDefaults) {
  ConfigSources user;
  user.environment = environment({{"HOME", "/home/kim"}, {"XDG_RUNTIME_DIR", "/run/user/7"}});

  const auto mine = load_config(user);
  const auto machines = load_config(system());

  ASSERT_TRUE(mine) << mine.error().message;
  EXPECT_EQ(mine->store.path, "/home/kim/.local/share/owrd/store");
  EXPECT_EQ(mine->control.socket, "/run/user/7/owrd/owrd.sock");
  EXPECT_EQ(mine->control.group, "");
  EXPECT_EQ(mine->network.profile, Profile::Home);
  ASSERT_TRUE(machines) << machines.error().message;
  EXPECT_EQ(machines->store.path, "/var/lib/owrd/store");
  EXPECT_EQ(machines->control.socket_ro, "/run/owrd/owrd-ro.sock");
  EXPECT_EQ(machines->control.group, "owrd");
  EXPECT_EQ(machines->network.profile, Profile::Server);
}

TEST_F(LoadConfig, LetsTheLaterFileWinKeyByKey) {
  etc_.write("owrd.toml", "[limits]\nup = \"1MB/s\"\npeers = 10\n[store]\npath = \"/a\"\n");
  etc_.write("conf.d/1.toml", "[limits]\npeers = 20\n");
  etc_.write("conf.d/2.toml", "[limits]\npeers = 30\n[log]\nlevel = \"error\"\n");

  const auto config = load_config(system());

  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->limits.up_bytes_per_s, 1'000'000U);
  EXPECT_EQ(config->limits.peers, 30U);
  EXPECT_EQ(config->store.path, "/a");
  EXPECT_EQ(config->log.level, LogLevel::Error);
}

TEST_F(LoadConfig, LetsTheEnvironmentWinOverFiles) {
  etc_.write("owrd.toml", "[store]\npath = \"/a\"\n[log]\nlevel = \"error\"\n");

  const auto config = load_config(system({{"OWRD_STORE", "/b"}, {"OWRD_LOG", "debug"}}));
  const auto empty = load_config(system({{"OWRD_STORE", ""}, {"OWRD_LOG", ""}}));

  ASSERT_TRUE(config && empty);
  EXPECT_EQ(config->store.path, "/b");
  EXPECT_EQ(config->log.level, LogLevel::Debug);
  EXPECT_EQ(empty->store.path, "/a");
}

TEST_F(LoadConfig, RefusesWhatTheEnvironmentGetsWrong) {
  const auto store = load_config(system({{"OWRD_STORE", "b"}}));
  const auto level = load_config(system({{"OWRD_LOG", "debg"}}));

  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::Config);
  EXPECT_EQ(store.error().message,
            "in the environment: OWRD_STORE must be an absolute path, not \"b\"");
  ASSERT_FALSE(level);
  EXPECT_EQ(level.error().message,
            "in the environment: OWRD_LOG must be \"debug\", \"info\", \"warning\" or \"error\", "
            "not \"debg\"; did you mean \"debug\"?");
}

TEST_F(LoadConfig, NamesTheFileAtFault) {
  const auto file = etc_.write("conf.d/1.toml", "[limits]\n\npeers = \"ten\"\n");

  const auto config = load_config(system());

  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().message,
            file.string() + ":3:9: limits.peers must be an integer, not a string");
}

TEST_F(LoadConfig, RefusesAFileThatIsNamedButNotThere) {
  auto sources = system();
  sources.file = etc_.path() / "absent.toml";

  const auto absent = load_config(sources);
  sources.file = etc_.path();
  const auto directory = load_config(sources);

  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, ErrorCode::Config);
  EXPECT_EQ(absent.error().message,
            "could not read " + etc_.path().string() + "/absent.toml: No such file or directory");
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().message,
            "could not read " + etc_.path().string() + ": Is a directory");
}

TEST_F(LoadConfig, RefusesAFileOfMoreThanAMebibyte) {
  const auto file = etc_.write("owrd.toml", std::string((1 << 20) + 1, '\n'));

  const auto config = load_config(system());

  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().message, file.string() + ": longer than 1 MiB");
}

TEST_F(LoadConfig, RefusesASocketThatDoesNotFit) {
  etc_.write("owrd.toml", "[control]\nsocket_ro = \"/" + std::string(107, 'x') + "\"\n");

  const auto config = load_config(system());

  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, ErrorCode::Config);
  EXPECT_NE(config.error().message.find("108 bytes"), std::string::npos);
}

}  // namespace
}  // namespace owrd::app
