#include "daemon/app/paths.h"

#include <gtest/gtest.h>

#include "tests/app/fixture.h"

namespace owrd::app {
namespace {

using Files = std::vector<std::filesystem::path>;

TEST(InstancePaths, AreThePersonsOrTheMachines) {
  const auto given = environment({{"HOME", "/home/kim"}, {"XDG_RUNTIME_DIR", "/run/user/1000"}});

  EXPECT_EQ(store_dir(Instance::User, given), "/home/kim/.local/share/owrd/store");
  EXPECT_EQ(state_dir(Instance::User, given), "/home/kim/.local/state/owrd");
  EXPECT_EQ(runtime_dir(Instance::User, given), "/run/user/1000/owrd");
  EXPECT_EQ(socket_path(Instance::User, given), "/run/user/1000/owrd/owrd.sock");
  EXPECT_EQ(store_dir(Instance::System, given), "/var/lib/owrd/store");
  EXPECT_EQ(state_dir(Instance::System, given), "/var/lib/owrd");
  EXPECT_EQ(runtime_dir(Instance::System, given), "/run/owrd");
  EXPECT_EQ(socket_path(Instance::System, given), "/run/owrd/owrd.sock");
  EXPECT_EQ(readonly_socket_path(Instance::System, given), "/run/owrd/owrd-ro.sock");
}

TEST(ConfigFiles, OfTheSystemAreTheMainOneThenTheFragmentsByName) {
  const Scratch etc;
  const auto second = etc.write("conf.d/20-b.toml", "");
  const auto first = etc.write("conf.d/10-a.toml", "");
  etc.write("conf.d/30-c.toml.dpkg-old", "");
  etc.write("conf.d/.40-d.toml", "");
  const auto main = etc.write("owrd.toml", "");

  ConfigSources sources;
  sources.instance = Instance::System;
  sources.environment = environment({});
  sources.system_dir = etc.path();
  const auto files = config_files(sources);

  ASSERT_TRUE(files);
  EXPECT_EQ(*files, (Files{main, first, second}));
}

TEST(ConfigFiles, OfAUserLeaveTheSystemsAlone) {
  const Scratch home;
  const Scratch etc;
  etc.write("owrd.toml", "");
  ConfigSources sources;
  sources.environment = environment({{"XDG_CONFIG_HOME", home.path()}});
  sources.system_dir = etc.path();

  const auto none = config_files(sources);
  const auto own = home.write("owrd/owrd.toml", "");
  const auto one = config_files(sources);

  ASSERT_TRUE(none && one);
  EXPECT_EQ(*none, Files{});
  EXPECT_EQ(*one, Files{own});
}

TEST(ConfigFiles, AreOneWhenItIsNamed) {
  ConfigSources sources;
  sources.environment = environment({{"OWRD_CONFIG", "/from/environment"}});

  const auto by_environment = config_files(sources);
  sources.file = "/from/flag";
  const auto by_flag = config_files(sources);

  ASSERT_TRUE(by_environment && by_flag);
  EXPECT_EQ(*by_environment, Files{"/from/environment"});
  EXPECT_EQ(*by_flag, Files{"/from/flag"});
}

}  // namespace
}  // namespace owrd::app
