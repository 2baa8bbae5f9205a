#include "daemon/app/daemon.h"

#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <thread>
#include <utility>

#include "daemon/app/log.h"
#include "daemon/content/jobs.h"
#include "daemon/control/handlers.h"
#include "daemon/control/listening_socket.h"
#include "daemon/control/server.h"
#include "daemon/core/clock.h"
#include "daemon/core/units.h"
#include "daemon/store/store.h"
#include "daemon/swarm/worker_process.h"
#include "daemon/trust/key.h"
#include "daemon/web/https.h"

namespace owrd::app {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// Each job spreads over all cores by itself; several may wait for the disk at once.
constexpr unsigned kJobThreads = 4;
constexpr auto kHeartbeat = 2s;
constexpr auto kRequestPatience = 2s;
constexpr auto kStorePatience = 10s;
/// A private daemon waits so long for its first client, and lives at least so long from then on:
/// a client may look before it leaps.
constexpr auto kFirstClient = 30s;
constexpr auto kShortestLife = 1s;
constexpr auto kPrivateHeartbeat = 100ms;
constexpr auto kPrivateIdle = 24h;

/// Beside this program, or where it is installed.
fs::path find_worker() {
  std::error_code error;
  const auto self = fs::read_symlink("/proc/self/exe", error).parent_path();
  const auto installed = self.parent_path() / "libexec" / "owrd" / "owrd-swarm";
  return fs::exists(self / "owrd-swarm", error) ? self / "owrd-swarm" : installed;
}

std::uint64_t file_system_bytes(const fs::path& directory) {
  std::error_code error;
  const auto space = fs::space(directory, error);
  return error ? 0 : space.capacity;
}

/// The private daemon of a command that has just ended lets go of the store soon.
Result<std::unique_ptr<store::Store>> open_store(const fs::path& directory) {
  const auto deadline = std::chrono::steady_clock::now() + kStorePatience;
  for (;;) {
    auto store = store::Store::open(directory);
    const bool is_taken = !store && store.error().code == ErrorCode::Busy;
    if (!is_taken || std::chrono::steady_clock::now() >= deadline) return store;
    std::this_thread::sleep_for(100ms);
  }
}

struct Door {
  control::ListeningSocket socket;
  control::Access access;
};

/// The sockets that systemd made, by their names in the socket units.
Result<std::vector<Door>> inherited_doors() {
  char** names = nullptr;
  const int count = sd_listen_fds_with_names(/*unset_environment=*/1, &names);
  std::vector<Door> doors;
  std::optional<Error> failure;
  for (int i = 0; i < count; ++i) {
    const bool is_read_only = std::string_view(names[i]) == "control-ro";
    auto socket = control::ListeningSocket::adopt(SD_LISTEN_FDS_START + i);
    if (socket)
      doors.push_back(
          {std::move(*socket), is_read_only ? control::Access::ReadOnly : control::Access::Full});
    else
      failure = socket.error();
    std::free(names[i]);
  }
  std::free(names);
  if (failure) return *failure;
  return doors;
}

Result<std::vector<Door>> open_doors(const Options& options, const Config& config) {
  auto doors = inherited_doors();
  if (!doors || !doors->empty()) return doors;
  const bool is_system = options.instance == Instance::System;
  const auto path = options.socket.value_or(config.control.socket);
  const auto read_only_path = options.socket ? options.socket->parent_path() /
                                                   (options.socket->stem().string() + "-ro.sock")
                                             : config.control.socket_ro;
  const mode_t mode = is_system ? 0660 : 0600;
  auto socket = control::ListeningSocket::open({path, mode, config.control.group});
  if (!socket) return socket.error();
  doors->push_back({std::move(*socket), control::Access::Full});
  if (read_only_path.empty()) return doors;
  const mode_t read_only_mode = is_system ? 0666 : 0600;
  auto read_only = control::ListeningSocket::open({read_only_path, read_only_mode, ""});
  if (!read_only) return read_only.error();
  doors->push_back({std::move(*read_only), control::Access::ReadOnly});
  return doors;
}

v1::SwarmConfigure swarm_configuration(const Config& config) {
  v1::SwarmConfigure swarm;
  for (const auto& endpoint : config.network.listen) swarm.add_listen(endpoint);
  swarm.set_dht(config.network.dht);
  swarm.set_lsd(config.network.lsd);
  swarm.set_pex(config.network.pex);
  swarm.set_upnp(config.network.upnp);
  for (const auto& node : config.network.dht_bootstrap) swarm.add_dht_bootstrap(node);
  swarm.set_profile(config.network.profile == Profile::Server ? v1::SwarmConfigure::PROFILE_SERVER
                                                              : v1::SwarmConfigure::PROFILE_HOME);
  swarm.set_download_limit(config.limits.down_bytes_per_s);
  swarm.set_upload_limit(config.limits.up_bytes_per_s);
  swarm.set_connections_limit(config.limits.peers);
  switch (config.network.encryption) {
    case Encryption::Enabled:
      swarm.set_encryption("enabled");
      break;
    case Encryption::Disabled:
      swarm.set_encryption("disabled");
      break;
    case Encryption::Forced:
      swarm.set_encryption("forced");
      break;
  }
  return swarm;
}

/// The running daemon: everything that outlives the start.
class Daemon {
 public:
  Daemon(const Options& options, const Config& config, std::unique_ptr<store::Store> store)
      : options_(options),
        config_(config),
        log_(config.log.level, config.log.format),
        store_(std::move(store)),
        signals_(loop_, SIGTERM, SIGINT, SIGHUP),
        heartbeat_(loop_),
        jobs_(loop_, kJobThreads),
        swarm_(loop_,
               {find_worker(), [this](const std::string& line) { log_.info("swarm: " + line); }}),
        engine_(
            {loop_, *store_, swarm_, jobs_, clock_,
             [this](const std::string& line) { log_.info(line); }, web::fetch_https},
            engine_settings(config, options.is_private, file_system_bytes(store_->directory()))),
        services_(control::make_services(engine_, facts())),
        server_(loop_, services_, server_options()),
        needed_until_(clock_.steady_now() + kFirstClient) {}

  Result<> serve(const std::function<void()>& on_ready) {
    auto doors = open_doors(options_, config_);
    if (!doors) return doors.error();
    if (const auto started = engine_.start(); !started) return started.error();
    for (auto& door : *doors) {
      log_.info("listening on " + door.socket.path().string());
      if (const auto served = server_.serve(std::move(door.socket), door.access); !served)
        return served.error();
    }
    wait_for_signal();
    beat();
    sd_notify(0, "READY=1");
    on_ready();
    loop_.run();
    return Done{};
  }

 private:
  control::DaemonFacts facts() {
    control::DaemonFacts facts;
    facts.version = OWRD_VERSION;
    facts.pid = static_cast<std::uint32_t>(::getpid());
    facts.uid = ::getuid();
    facts.is_private = options_.is_private;
    facts.reload = [this] { return reload(); };
    facts.shutdown = [this] { boost::asio::post(loop_, [this] { stop(); }); };
    return facts;
  }

  control::ServerOptions server_options() {
    control::ServerOptions server;
    server.max_connections = config_.control.max_streams;
    server.on_connections_change = [this](std::size_t) {
      if (!std::exchange(had_client_, true)) needed_until_ = clock_.steady_now() + kShortestLife;
    };
    // It ends with its client, who may take time to answer a question.
    if (options_.is_private) server.http.idle = kPrivateIdle;
    server.http.version = OWRD_VERSION;
    server.http.body_bytes = config_.control.max_message_bytes;
    return server;
  }

  void wait_for_signal() {
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
      if (error) return;
      if (signal != SIGHUP) return stop();
      const auto reloaded = reload();
      if (!reloaded) log_.error("configuration not reloaded: " + reloaded.error().message);
      wait_for_signal();
    });
  }

  Result<std::vector<std::string>> reload() {
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now().time_since_epoch());
    sd_notify(0, ("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.count())).c_str());
    auto loaded = load_config({options_.instance, options_.config});
    sd_notify(0, "READY=1");
    if (!loaded) return loaded.error();
    if (options_.store) loaded->store.path = *options_.store;
    auto needing_restart = changed_needing_restart(config_, *loaded);
    config_ = std::move(*loaded);
    log_.set_level(config_.log.level);
    const auto set = engine_.set_settings(
        engine_settings(config_, options_.is_private, file_system_bytes(store_->directory())));
    if (!set) return set.error();
    log_.info("configuration reloaded");
    return needing_restart;
  }

  /// Tells systemd how things are, and ends a private daemon that nobody needs.
  void beat() {
    const auto status = engine_.status();
    sd_notify(0, ("WATCHDOG=1\nSTATUS=" + std::to_string(status.seeding) + " seeding, " +
                  std::to_string(status.getting) + " getting, up " +
                  format_size(status.upload_rate) + "/s")
                     .c_str());
    const bool is_needed = !options_.is_private || engine_.has_detached_work() ||
                           server_.open_connections() != 0 || clock_.steady_now() < needed_until_;
    if (!is_needed) return stop();
    heartbeat_.expires_after(options_.is_private ? kPrivateHeartbeat : kHeartbeat);
    heartbeat_.async_wait([this](const boost::system::error_code& error) {
      if (!error) beat();
    });
  }

  /// In reverse: first no new requests, then the transfers, then the swarm.
  void stop() {
    if (std::exchange(is_stopping_, true)) return;
    sd_notify(0, "STOPPING=1");
    log_.info("stopping");
    signals_.cancel();
    heartbeat_.cancel();
    server_.stop(kRequestPatience, [] {});
    engine_.stop([this] { loop_.stop(); });
  }

  const Options& options_;
  Config config_;
  Log log_;
  SystemClock clock_;
  std::unique_ptr<store::Store> store_;
  boost::asio::io_context loop_{1};
  boost::asio::signal_set signals_;
  boost::asio::steady_timer heartbeat_;
  content::Jobs jobs_;
  swarm::WorkerProcess swarm_;
  engine::Engine engine_;
  control::Services services_;
  control::Server server_;
  std::chrono::steady_clock::time_point needed_until_;
  bool had_client_ = false;
  bool is_stopping_ = false;
};

}  // namespace

/// The credential that systemd gives the service (LoadCredential); empty without one.
std::string key_passphrase() {
  const auto* directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (directory == nullptr) return "";
  std::ifstream file(fs::path(directory) / "owrd-passphrase");
  std::string line;
  std::getline(file, line);
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

engine::Settings engine_settings(const Config& config, bool is_private,
                                 std::uint64_t file_system_size) {
  engine::Settings settings;
  settings.swarm = swarm_configuration(config);
  settings.seed_on_complete = !is_private && config.seed.on_complete == OnComplete::Seed;
  settings.seed_limit = {config.seed.ratio_permille,
                         static_cast<std::uint64_t>(config.seed.time.count())};
  settings.super_seed = config.seed.superseed;
  settings.reserve_free_bytes = reserve_bytes(config.store.reserve_free, file_system_size);
  settings.take_up_work = !is_private;
  settings.mirror_name = config.attest.name;
  settings.attests_all = config.attest.every;
  settings.require_attestations = config.trust.require_attestations;
  settings.attested_by = config.trust.attested_by;
  settings.key_passphrase = key_passphrase();
  return settings;
}

Result<> run_daemon(const Options& options, const Config& config,
                    const std::function<void()>& on_ready) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGIO, SIG_IGN);  // See content::wait_for_writers().
  if (const auto ready = trust::initialise(); !ready) return ready.error();
  auto store = open_store(config.store.path);
  if (!store) return store.error();
  Daemon daemon(options, config, std::move(*store));
  return daemon.serve(on_ready);
}

}  // namespace owrd::app
