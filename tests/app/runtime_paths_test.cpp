#include "daemon/core/runtime_paths.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/app/fixture.h"

namespace owrd::app {
namespace {

namespace fs = std::filesystem;

TEST(UserDirectories, AreThoseOfTheXdgVariables) {
  const auto given = environment({{"HOME", "/home/kim"},
                                  {"XDG_CONFIG_HOME", "/c"},
                                  {"XDG_DATA_HOME", "/d"},
                                  {"XDG_STATE_HOME", "/s"},
                                  {"XDG_RUNTIME_DIR", "/r"}});

  EXPECT_EQ(user_config_dir(given), "/c/owrd");
  EXPECT_EQ(user_data_dir(given), "/d/owrd");
  EXPECT_EQ(user_state_dir(given), "/s/owrd");
  EXPECT_EQ(user_runtime_dir(given), "/r/owrd");
  EXPECT_EQ(user_socket(given), "/r/owrd/owrd.sock");
  EXPECT_EQ(user_readonly_socket(given), "/r/owrd/owrd-ro.sock");
}

TEST(UserDirectories, AreUnderTheHomeElse) {
  for (const std::string ignored : {"", "relative/path"}) {
    const auto given = environment({{"HOME", "/home/kim"},
                                    {"XDG_CONFIG_HOME", ignored},
                                    {"XDG_DATA_HOME", ignored},
                                    {"XDG_STATE_HOME", ignored},
                                    {"XDG_RUNTIME_DIR", ignored}});
    EXPECT_EQ(user_config_dir(given), "/home/kim/.config/owrd");
    EXPECT_EQ(user_data_dir(given), "/home/kim/.local/share/owrd");
    EXPECT_EQ(user_state_dir(given), "/home/kim/.local/state/owrd");
    EXPECT_EQ(user_runtime_dir(given, "/nowhere"), "/home/kim/.local/state/owrd/run");
  }
}

TEST(UserDirectories, AreAbsoluteWithoutAnyEnvironment) {
  EXPECT_TRUE(user_state_dir(environment({})).is_absolute());
  EXPECT_TRUE(user_socket(environment({})).is_absolute());
}

TEST(UserRuntimeDirectory, IsTheSystemsWhenOnlyWeMayWriteIt) {
  const Scratch scratch;
  const auto given = environment({{"XDG_STATE_HOME", "/s"}});
  const auto ours = scratch.path() / std::to_string(::getuid());
  ASSERT_EQ(::mkdir(ours.c_str(), 0700), 0);

  EXPECT_EQ(user_runtime_dir(given, scratch.path()), ours / "owrd");

  fs::permissions(ours, fs::perms::all);
  EXPECT_EQ(user_runtime_dir(given, scratch.path()), "/s/owrd/run");
}

TEST(UserRuntimeDirectory, IsNotTheSystemsWhenItIsALink) {
  const Scratch scratch;
  const auto ours = scratch.path() / std::to_string(::getuid());
  fs::create_directory(scratch.path() / "elsewhere");
  fs::create_directory_symlink(scratch.path() / "elsewhere", ours);

  EXPECT_EQ(user_runtime_dir(environment({{"XDG_STATE_HOME", "/s"}}), scratch.path()),
            "/s/owrd/run");
}

TEST(SystemSockets, AreUnderRun) {
  EXPECT_EQ(system_socket(), "/run/owrd/owrd.sock");
  EXPECT_EQ(system_readonly_socket(), "/run/owrd/owrd-ro.sock");
}

TEST(SocketPath, HoldsAtMost107Bytes) {
  EXPECT_TRUE(check_socket_path("/" + std::string(106, 'x')));

  const auto long_one = check_socket_path("/" + std::string(107, 'x'));
  const auto relative = check_socket_path("owrd.sock");

  ASSERT_FALSE(long_one);
  EXPECT_EQ(long_one.error().code, ErrorCode::Config);
  EXPECT_EQ(long_one.error().message, "socket path \"/" + std::string(107, 'x') +
                                          "\": it has 108 bytes, and a socket's path at most 107");
  EXPECT_FALSE(long_one.error().hint.empty());
  ASSERT_FALSE(relative);
  EXPECT_EQ(relative.error().message, "socket path \"owrd.sock\": it is not absolute");
}

}  // namespace
}  // namespace owrd::app
