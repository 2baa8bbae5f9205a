#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/app/paths.h"
#include "daemon/core/result.h"

namespace owrd::app {

enum class Encryption { Enabled, Disabled, Forced };
enum class Profile { Home, Server };
enum class OnComplete { Seed, Stop };
enum class LogLevel { Debug, Info, Warning, Error };
enum class LogFormat { Auto, Text, Json, Journal };

/// What is left free on a file system: a share of it, or so many bytes.
struct ReserveFree {
  std::uint32_t permille = 50;
  std::uint64_t bytes = 0;  ///< Counts when permille is 0.
  friend bool operator==(const ReserveFree&, const ReserveFree&) = default;
};
std::uint64_t reserve_bytes(const ReserveFree& reserve, std::uint64_t file_system_bytes);

/// What the operator can set, as the sections and keys of owrd.toml. A default stands beside its
/// field; those that depend on the instance are set by default_config().
struct Config {
  struct Store {
    std::filesystem::path path;
    ReserveFree reserve_free = {};
  } store = {};

  struct Network {
    /// IPv4:port, [IPv6]:port or device:port; port 0 lets the system choose.
    std::vector<std::string> listen = {"0.0.0.0:29170", "[::]:29170"};
    bool dht = true;
    bool lsd = true;
    bool pex = true;
    bool upnp = false;
    Encryption encryption = Encryption::Enabled;
    Profile profile = Profile::Home;
    std::vector<std::string> dht_bootstrap = {};  ///< host:port; empty for the swarm's default.
  } network = {};

  struct Limits {
    std::uint64_t down_bytes_per_s = 0;  ///< 0 is no limit.
    std::uint64_t up_bytes_per_s = 0;    ///< Likewise.
    std::uint32_t peers = 400;
  } limits = {};

  struct Seed {
    std::uint64_t ratio_permille = 0;  ///< 0 is no limit.
    std::chrono::seconds time{0};      ///< 0 is no limit.
    OnComplete on_complete = OnComplete::Seed;
    /// libtorrent then offers each peer one piece at a time: 1.0 copies leave the seed instead of
    /// about 1.7, but whoever needs a certain piece, as owrd does first, waits ten seconds for it.
    bool superseed = false;
  } seed = {};

  struct Attest {
    bool every = false;     ///< Whatever was fetched whole, `auto` in the file.
    std::string name = {};  ///< What this mirror calls itself.
  } attest = {};

  /// What every get must have.
  struct Trust {
    std::uint32_t require_attestations = 0;
    std::vector<std::string> attested_by = {};  ///< Mirrors that count; empty: all that are pinned.
  } trust = {};

  struct Control {
    std::filesystem::path socket;
    std::filesystem::path socket_ro;             ///< Empty for none.
    std::string group;                           ///< Of `socket`; empty for the daemon's own.
    std::uint64_t max_message_bytes = 32 << 20;  ///< A bundle of 16 MiB is 22 MiB in JSON.
    std::uint32_t max_streams = 64;
  } control = {};

  struct Log {
    LogLevel level = LogLevel::Info;
    LogFormat format = LogFormat::Auto;
  } log = {};
};

/// What holds when nothing is set.
Config default_config(Instance instance, const Environment& environment);

/// Reads TOML over `base`; what the text does not set stays. An unknown key is an error: a misspelt
/// setting must not be ignored. Errors are Config and begin with file:line:column.
Result<Config> parse_config(std::string_view text, std::string_view file_name, Config base = {});

/// Defaults, then the files of config_files(), then OWRD_STORE and OWRD_LOG. Config when anything
/// in them is wrong or a file cannot be read; the paths of the sockets fit.
Result<Config> load_config(const ConfigSources& sources);

/// The keys, such as "network.dht", that differ and only count from the next start.
std::vector<std::string> changed_needing_restart(const Config& old, const Config& now);

}  // namespace owrd::app
