#include "daemon/app/config.h"

#include <gtest/gtest.h>

namespace owrd::app {
namespace {

constexpr const char* kEverything = R"(
[store]
path = "/srv/owrd"
reserve_free = "50GB"
[network]
listen = ["192.0.2.1:0", "[::1]:65535", "eth0:29170"]
dht = false
lsd = false
pex = false
upnp = true
encryption = "forced"
profile = "server"
dht_bootstrap = ["dht.example.org:25401", "192.0.2.7:6881"]
[limits]
down = "1.5GB/s"
up = "100MiB/s"
peers = 1000
[seed]
ratio = 1.5
time = "7d"
on_complete = "stop"
superseed = true
[control]
socket = "/run/a.sock"
socket_ro = ""
group = "lab"
max_message = "16MiB"
max_streams = 8
[log]
level = "warning"
format = "json"
)";

TEST(Config, SetsEveryKey) {
  const auto config = parse_config(kEverything, "owrd.toml");

  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->store.path, "/srv/owrd");
  EXPECT_EQ(config->store.reserve_free, (ReserveFree{0, 50'000'000'000}));
  EXPECT_EQ(config->network.listen,
            (std::vector<std::string>{"192.0.2.1:0", "[::1]:65535", "eth0:29170"}));
  EXPECT_FALSE(config->network.dht);
  EXPECT_FALSE(config->network.lsd);
  EXPECT_FALSE(config->network.pex);
  EXPECT_TRUE(config->network.upnp);
  EXPECT_EQ(config->network.encryption, Encryption::Forced);
  EXPECT_EQ(config->network.profile, Profile::Server);
  EXPECT_EQ(config->network.dht_bootstrap,
            (std::vector<std::string>{"dht.example.org:25401", "192.0.2.7:6881"}));
  EXPECT_EQ(config->limits.down_bytes_per_s, 1'500'000'000U);
  EXPECT_EQ(config->limits.up_bytes_per_s, 100U << 20);
  EXPECT_EQ(config->limits.peers, 1000U);
  EXPECT_EQ(config->seed.ratio_permille, 1500U);
  EXPECT_EQ(config->seed.time, std::chrono::hours(7 * 24));
  EXPECT_EQ(config->seed.on_complete, OnComplete::Stop);
  EXPECT_TRUE(config->seed.superseed);
  EXPECT_EQ(config->control.socket, "/run/a.sock");
  EXPECT_EQ(config->control.socket_ro, "");
  EXPECT_EQ(config->control.group, "lab");
  EXPECT_EQ(config->control.max_message_bytes, 16U << 20);
  EXPECT_EQ(config->control.max_streams, 8U);
  EXPECT_EQ(config->log.level, LogLevel::Warning);
  EXPECT_EQ(config->log.format, LogFormat::Json);
}

TEST(Config, KeepsWhatTheTextLeavesOut) {
  Config base;
  base.limits.peers = 7;
  base.store.path = "/base";

  const auto config = parse_config("[limits]\nup = \"3B/s\"\n", "x", base);

  ASSERT_TRUE(config);
  EXPECT_EQ(config->limits.peers, 7U);
  EXPECT_EQ(config->store.path, "/base");
  EXPECT_TRUE(config->network.dht);
  EXPECT_EQ(config->limits.up_bytes_per_s, 3U);
}

TEST(Config, AcceptsTheEdges) {
  for (const std::string text :
       {"", "limits.up = \"0\"", "store.reserve_free = \"0%\"", "store.reserve_free = \"2.5%\"",
        "store.reserve_free = \"90%\"", "store.reserve_free = \"0\"", "seed.ratio = 2",
        "seed.ratio = 0", "seed.ratio = 0.001", "seed.time = \"0\"", "limits.peers = 1",
        "limits.peers = 100000", "network.dht_bootstrap = []", "control.group = \"\"",
        "control.max_message = \"64KiB\"", "control.max_message = \"256MiB\"",
        "limits.up = \"2147483647B/s\"", "network.listen = [\"[2001:db8::1]:1\"]"}) {
    const auto config = parse_config(text, "x");
    EXPECT_TRUE(config) << text << ": " << config.error().message;
  }
}

TEST(Config, NamesLineColumnAndTheNearestKey) {
  struct Case {
    std::string text, message, hint;
  };
  const Case cases[] = {
      {"[network]\ndth = true", "f.toml:2:1: unknown key \"dth\" in [network]",
       "did you mean \"dht\"?"},
      {"[network]\n  colour = true", "f.toml:2:3: unknown key \"colour\" in [network]",
       "known are: listen dht lsd pex upnp encryption profile dht_bootstrap"},
      {"[netwrok]\ndht = true", "f.toml:1:2: unknown section \"netwrok\"",
       "did you mean \"network\"?"},
      {"[mirror.acme]\nkeep = 3", "f.toml:1:2: unknown section \"mirror\"",
       "known are: store network limits seed attest trust control log"},
      {"\"\\u001b[2J\" = 1", "f.toml:1:1: unknown section \"\\x1b[2J\"",
       "known are: store network limits seed attest trust control log"},
      {"store = 1", "f.toml:1:9: store is a section: write [store] and its keys below", ""},
  };
  for (const auto& [text, message, hint] : cases) {
    SCOPED_TRACE(text);
    const auto config = parse_config(text, "f.toml");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, ErrorCode::Config);
    EXPECT_EQ(config.error().message, message);
    EXPECT_EQ(config.error().hint, hint);
  }
}

TEST(Config, SaysWhatAValueMustBe) {
  struct Case {
    std::string text, message;
  };
  const Case cases[] = {
      {"store.path = \"store\"", "14: store.path must be an absolute path, not \"store\""},
      {"store.path = \"\"", "14: store.path must be an absolute path, not \"\""},
      {"store.path = \"/a\\u0000b\"", "14: store.path must not hold a NUL"},
      {"store.path = 1", "14: store.path must be a string, not an integer"},
      {"store.reserve_free = 5",
       "22: store.reserve_free must be a string such as \"5%\" or \"50GB\", not an integer"},
      {"store.reserve_free = \"5\"",
       "22: store.reserve_free must be a share or a size such as \"5%\" or \"50GB\", not \"5\""},
      {"store.reserve_free = \"91%\"",
       "22: store.reserve_free must be \"0%\" to \"90%\" of the file system, or a size, not "
       "\"91%\""},
      {"store.reserve_free = \"%\"",
       "22: store.reserve_free must be \"0%\" to \"90%\" of the file system, or a size, not \"%\""},
      {"store.reserve_free = \"-1%\"",
       "22: store.reserve_free must be \"0%\" to \"90%\" of the file system, or a size, not "
       "\"-1%\""},
      {"network.dht = \"yes\"", "15: network.dht must be true or false, not a string"},
      {"network.listen = \"0.0.0.0:1\"",
       "18: network.listen must be an array of strings, not a string"},
      {"network.listen = [1]", "18: network.listen must be an array of strings, not an integer"},
      {"network.listen = []", "18: network.listen must name at least one address"},
      {"network.listen = [\"0.0.0.0\"]",
       "18: network.listen has \"0.0.0.0\", which is not like \"0.0.0.0:29170\", \"[::]:29170\" "
       "or \"eth0:29170\""},
      {"network.listen = [\"1.2.3.4.5:1\"]",
       "18: network.listen has \"1.2.3.4.5:1\", which is not like \"0.0.0.0:29170\", "
       "\"[::]:29170\" or \"eth0:29170\""},
      {"network.listen = [\"::1:65536\"]",
       "18: network.listen has \"::1:65536\", which is not like \"0.0.0.0:29170\", "
       "\"[::]:29170\" or \"eth0:29170\""},
      {"network.dht_bootstrap = [\"a.example:0\"]",
       "25: network.dht_bootstrap has \"a.example:0\", which is not like "
       "\"dht.example.org:6881\""},
      {"network.encryption = \"force\"",
       "22: network.encryption must be \"enabled\", \"disabled\" or \"forced\", not \"force\"; "
       "did you mean \"forced\"?"},
      {"network.profile = \"cloud\"",
       "19: network.profile must be \"home\" or \"server\", not \"cloud\""},
      {"limits.up = 100",
       "13: limits.up must be a string with a unit such as \"100MB/s\", not an integer"},
      {"limits.up = \"100\"",
       "13: limits.up must be a rate such as \"100MB/s\", or \"0\" for none, not \"100\""},
      {"limits.up = \"100MB\"",
       "13: limits.up must be a rate such as \"100MB/s\", or \"0\" for none, not \"100MB\""},
      {"limits.up = \"100Mbit/s\"",
       "13: limits.up must be a rate such as \"100MB/s\", or \"0\" for none, not \"100Mbit/s\""},
      {"limits.down = \"3GB/s\"",
       "15: limits.down must be at most \"2147483647B/s\"; \"0\" is no limit"},
      {"limits.peers = 0", "16: limits.peers must be 1 to 100000, not 0"},
      {"limits.peers = -1", "16: limits.peers must be 1 to 100000, not -1"},
      {"limits.peers = 4.0", "16: limits.peers must be an integer, not a float"},
      {"seed.ratio = \"1.5\"", "14: seed.ratio must be a number such as 1.5, not a string"},
      {"seed.ratio = -1", "14: seed.ratio must be 0 (no limit) to 1000000"},
      {"seed.ratio = nan", "14: seed.ratio must be 0 (no limit) to 1000000"},
      {"seed.ratio = inf", "14: seed.ratio must be 0 (no limit) to 1000000"},
      {"seed.ratio = 1e-9", "14: seed.ratio must be at least 0.001, or 0 for no limit"},
      {"seed.time = 7",
       "13: seed.time must be a string with a unit such as \"7d\", not an integer"},
      {"seed.time = \"7\"", "13: seed.time must be a duration such as \"7d\" or \"0\", not \"7\""},
      {"seed.time = \"250ms\"", "13: seed.time must be whole seconds, not \"250ms\""},
      {"seed.time = \"40000d\"", "13: seed.time must be at most 100 years, not \"40000d\""},
      {"control.group = \"a b\"",
       "17: control.group must be the name of a group, or empty, not \"a b\""},
      {"control.max_message = \"1kB\"",
       "23: control.max_message must be a size from \"64KiB\" to \"256MiB\", not \"1kB\""},
      {"log.level = 1979-05-27", "13: log.level must be a string, not a date or time"},
  };
  for (const auto& [text, message] : cases) {
    SCOPED_TRACE(text);
    const auto config = parse_config(text, "f");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, ErrorCode::Config);
    EXPECT_EQ(config.error().message, "f:1:" + message);
  }
}

TEST(Config, NamesThePlaceWhereTheTextIsNoToml) {
  for (const std::string text : {"[store]\npath = ", "[store]\npath = 1\npath = 2", "[store]\n]",
                                 "[store]\n\xff = 1", "[store]\npath = \"\x1b[2J"}) {
    SCOPED_TRACE(text);
    const auto config = parse_config(text, "f.toml");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, ErrorCode::Config);
    EXPECT_TRUE(config.error().message.starts_with("f.toml:")) << config.error().message;
    EXPECT_EQ(config.error().message.find('\n'), std::string::npos);
    EXPECT_EQ(config.error().message.find('\x1b'), std::string::npos);
  }
}

TEST(ConfigChange, NeedsARestartForSomeKeysAlone) {
  const auto all = parse_config(kEverything, "x");
  ASSERT_TRUE(all);

  EXPECT_EQ(changed_needing_restart(*all, *all), std::vector<std::string>{});
  EXPECT_EQ(changed_needing_restart(Config{}, *all),
            (std::vector<std::string>{"store.path", "network.listen", "network.dht", "network.lsd",
                                      "network.pex", "network.upnp", "network.encryption",
                                      "network.profile", "network.dht_bootstrap", "seed.superseed",
                                      "control.socket", "control.group", "control.max_message",
                                      "control.max_streams", "log.format"}));
}

TEST(ReserveFree, IsAShareOrASize) {
  EXPECT_EQ(reserve_bytes({50, 0}, 8'000'000'000'000), 400'000'000'000U);
  EXPECT_EQ(reserve_bytes({0, 7}, 8'000'000'000'000), 7U);
  EXPECT_EQ(reserve_bytes({}, 0xffffffffffffffff), 922337203685477550U);
}

}  // namespace
}  // namespace owrd::app
