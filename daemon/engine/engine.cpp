#include "daemon/engine/engine.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <set>
#include <utility>

#include "daemon/engine/impl.h"
#include "daemon/release/bundle.h"
#include "daemon/trust/root.h"

namespace owrd::engine {
namespace {

using namespace std::chrono_literals;

constexpr auto kTick = 500ms;
constexpr auto kHurriedTick = 20ms;
constexpr auto kSweepInterval = 3s;
constexpr auto kStopDeadline = 10s;
constexpr char kSessionState[] = "swarm-session-state";

void append_directories(const std::filesystem::path& of, std::vector<std::filesystem::path>& to) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(of, error)) {
    std::error_code ignored;
    if (entry.is_directory(ignored) && !entry.is_symlink(ignored)) to.push_back(entry.path());
  }
}

/// releases/PUBLISHER/MODEL/VERSION, and copies for one that were never finished.
std::vector<std::filesystem::path> release_directories(const std::filesystem::path& store) {
  std::vector<std::filesystem::path> publishers;
  std::vector<std::filesystem::path> models;
  std::vector<std::filesystem::path> versions;
  append_directories(store / "releases", publishers);
  for (const auto& publisher : publishers) append_directories(publisher, models);
  for (const auto& model : models) append_directories(model, versions);
  return versions;
}

}  // namespace

Engine::Impl::Impl(World world, Settings settings)
    : surroundings(std::make_shared<Surroundings>(world, settings)),
      around(*surroundings),
      started(world.clock.steady_now()),
      timer(world.loop),
      registry(surroundings,
               {[this](const Digest& id) { return count_releases(id); },
                [this](const Digest& id) { return transfers.count(id) != 0; },
                [this](const Digest& infohash) { return resolvers.count(infohash) != 0; },
                [this](const Digest& id) { on_news(id); },
                [this](const Digest& id) { return find_held(id); }}),
      last_sweep(started) {
  around.hear = [this](const std::string& peer, ByteView object) { registry.hear(peer, object); };
  around.completed = [this](const Transfer& transfer) { attest_if_wished(transfer); };
  around.refused = [this](const Error& error, ByteView proof, const std::string& source) {
    return equivocates(error, proof, source);
  };
  around.objects_for = [this](const Transfer& transfer) {
    return registry.objects_for(transfer.stored().publisher_id, transfer.stored().release_id);
  };
  around.find_related = [this](const Transfer& transfer) { return related_to(transfer); };
  around.link.set_on_session_state([this](const std::string& state) {
    if (state.empty()) return;
    const auto saved = around.world.store.set_value(kSessionState, to_bytes(state));
    if (!saved) around.world.log("saving the DHT's nodes: " + saved.error().message);
  });
}

Result<> Engine::Impl::start() {
  const auto state = around.world.store.value(kSessionState);
  if (!state) return state.error();
  if (*state) {
    auto configuration = around.settings.swarm;
    configuration.set_session_state(std::string(as_text(**state)));
    around.link.set_configuration(std::move(configuration));
  }
  if (const auto started_registry = registry.start(around.settings.take_up_work); !started_registry)
    return started_registry;
  const auto releases = around.world.store.releases();
  if (!releases) return releases.error();
  clear_up(*releases);
  for (const auto& stored : *releases) {
    const auto transfer = load_transfer(stored);
    if (!transfer) {
      around.world.log(transfer.error().message);
      continue;
    }
    if (around.settings.take_up_work) (*transfer)->activate();
  }
  if (around.settings.take_up_work) {
    around.link.ensure_ready();
    const auto pending = around.world.store.pending();
    if (!pending) return pending.error();
    for (const auto& get : *pending) take_up(get);
  }
  tick();
  return Done{};
}

std::uint32_t Engine::Impl::count_releases(const Digest& publisher_id) const {
  return static_cast<std::uint32_t>(std::count_if(
      transfers.begin(), transfers.end(),
      [&](const auto& entry) { return entry.second->stored().publisher_id == publisher_id; }));
}

std::optional<Registry::HeldRelease> Engine::Impl::find_held(const Digest& release_id) const {
  const auto found = transfers.find(release_id);
  if (found == transfers.end()) return std::nullopt;
  return Registry::HeldRelease{found->second->stored().publisher_id, found->second->view().ref};
}

void Engine::Impl::take_up(const store::PendingGet& pending) {
  auto magnet = release::parse_magnet(pending.magnet);
  if (!magnet) return around.world.log("a transfer in the store: " + magnet.error().message);
  GetRequest request;
  request.magnet = std::move(*magnet);
  request.directory = pending.directory;
  request.include = pending.include;
  request.exclude = pending.exclude;
  request.peers = pending.peers;
  request.reuse = pending.reuse;
  request.allow = pending.allow;
  request.seed = pending.seed;
  request.detach = true;
  const auto nobody = std::make_shared<Ear<TransferDone>>(Observer<TransferDone>{});
  if (const auto begun = get_magnet(request, nobody); !begun)
    around.world.log(begun.error().message);
}

void Engine::Impl::tick() {
  const auto resolving = resolvers;
  for (const auto& [infohash, resolver] : resolving) resolver->step();
  const auto current = transfers;
  for (const auto& [id, transfer] : current) transfer->step();
  // Whoever is about to end asks for nothing more, which would start the swarm again.
  if (!is_stopping) {
    registry.step();
    step_named_gets();
    renew_attestations();
  }
  bury_the_idle();
  sweep();
  if (is_stopping && is_at_rest()) {
    if (const auto done = std::exchange(on_stopped, {})) done();
    return;
  }
  timer.expires_after(is_stopping || !dying.empty() ? kHurriedTick : kTick);
  timer.async_wait([this](const boost::system::error_code& error) {
    if (!error) tick();
  });
}

/// All transfers let go of their torrents, and then the swarm said what it wants remembered; or too
/// much time has passed.
bool Engine::Impl::is_at_rest() {
  if (around.world.clock.steady_now() >= stop_deadline) return true;
  const bool all_idle = std::all_of(transfers.begin(), transfers.end(),
                                    [](const auto& entry) { return entry.second->is_idle(); });
  if (!all_idle || !dying.empty()) return false;
  if (!std::exchange(has_ended_swarm, true)) {
    around.link.end_swarm();
    return false;
  }
  return !around.link.swarm().is_running();
}

void Engine::Impl::stop(std::function<void()> done) {
  is_stopping = true;
  on_stopped = std::move(done);
  stop_deadline = around.world.clock.steady_now() + kStopDeadline;
  for (const auto& [infohash, resolver] : std::exchange(resolvers, {})) resolver->stop();
  for (const auto& [id, transfer] : transfers) transfer->deactivate();
  hurry();
}

void Engine::Impl::hurry() {
  boost::asio::post(around.world.loop, [this] {
    timer.cancel();
    tick();
  });
}

void Engine::Impl::bury_the_idle() {
  std::vector<TransferPtr> buried;
  for (auto& one : dying) {
    if (one.is_removing || !one.transfer->is_idle()) continue;
    one.is_removing = true;
    if (!one.remove_files) {
      buried.push_back(one.transfer);
      continue;
    }
    const auto& stored = one.transfer->stored();
    const bool is_ours = stored.ownership == store::Ownership::Store;
    const auto trash = around.world.store.directory() / "trash" / stored.release_id.to_hex();
    around.world.jobs.run<Done>(
        [is_ours, trash, directory = stored.directory](const content::JobContext&) -> Result<> {
          if (!is_ours) return content::remove_tree(staging_directory(directory));
          // First all of it at once: what a crash leaves in the trash is removed at the next start.
          if (const auto moved = content::move_directory(directory, trash); !moved)
            return moved.error();
          return content::remove_tree(trash);
        },
        [this, transfer = one.transfer](Result<> removed) {
          if (!removed) around.world.log(removed.error().message);
          on_buried(transfer);
        });
  }
  for (const auto& transfer : buried) on_buried(transfer);
}

void Engine::Impl::on_buried(const TransferPtr& transfer) {
  std::erase_if(dying, [&](const Dying& one) { return one.transfer == transfer; });
  if (dying.empty())
    for (const auto& go_on : std::exchange(after_burial, {})) go_on();
}

void Engine::Impl::clear_up(const std::vector<store::StoredRelease>& releases) {
  const auto store = around.world.store.directory();
  std::set<std::filesystem::path> named;
  for (const auto& stored : releases) named.insert(stored.directory);
  // Nothing is being resolved or copied yet.
  std::vector<std::filesystem::path> leftovers;
  auto number = around.world.clock.now();
  append_directories(store / "trash", leftovers);
  append_directories(store / "resolving", leftovers);
  for (const auto& directory : release_directories(store)) {
    if (is_copying_directory(directory))
      leftovers.push_back(directory);
    else if (named.count(directory) == 0)
      around.world.log(directory.string() +
                       " holds files of no release that is known here; remove it, or take it up "
                       "with owrd seed");
  }
  // Out of the way at once: the next get may want the same place.
  for (auto& directory : leftovers) {
    if (directory.parent_path() == store / "trash") continue;
    auto trash = store / "trash" / (directory.filename().string() + "-" + std::to_string(++number));
    const auto moved = content::move_directory(directory, trash);
    if (!moved) around.world.log(moved.error().message);
    if (moved) directory = std::move(trash);
  }
  if (leftovers.empty()) return;
  around.world.jobs.run<Done>(
      [leftovers](const content::JobContext&) -> Result<> {
        for (const auto& directory : leftovers)
          if (const auto removed = content::remove_tree(directory); !removed)
            return removed.error();
        return Done{};
      },
      [this](Result<> removed) {
        if (!removed) around.world.log(removed.error().message);
      });
}

bool Engine::Impl::waits_for_burial(const std::filesystem::path& directory,
                                    std::function<void()> go_on) {
  const bool waits = std::any_of(dying.begin(), dying.end(), [&](const Dying& one) {
    return one.transfer->stored().directory == directory;
  });
  if (waits) after_burial.push_back(std::move(go_on));
  return waits;
}

/// Looks, off the loop, whether the files that are served still are what they were.
void Engine::Impl::sweep() {
  const auto now = around.world.clock.steady_now();
  if (is_sweeping || is_stopping || now - last_sweep < kSweepInterval) return;
  last_sweep = now;
  struct Watch {
    Digest id;
    std::filesystem::path directory;
    std::vector<WatchedFile> files;
  };
  std::vector<Watch> watches;
  for (const auto& [id, transfer] : transfers)
    if (auto files = transfer->watched_files(); !files.empty())
      watches.push_back({id, transfer->stored().directory, std::move(files)});
  if (watches.empty()) return;
  using Changes = std::vector<std::pair<Digest, std::vector<ChangedFile>>>;
  is_sweeping = true;
  around.world.jobs.run<Changes>(
      [watches = std::move(watches)](const content::JobContext& job) -> Result<Changes> {
        Changes changes;
        for (const auto& watch : watches) {
          if (job.is_cancelled()) break;
          if (auto changed = find_changed(watch.directory, watch.files); !changed.empty())
            changes.emplace_back(watch.id, std::move(changed));
        }
        return changes;
      },
      [this](Result<Changes> changes) {
        is_sweeping = false;
        if (!changes) return;
        for (const auto& [id, changed] : *changes)
          if (const auto transfer = transfers.find(id); transfer != transfers.end())
            transfer->second->on_changed(changed);
      });
}

Engine::Engine(World world, Settings settings)
    : impl_(std::make_unique<Impl>(world, std::move(settings))) {}
Engine::~Engine() = default;

Result<> Engine::start() { return impl_->start(); }
void Engine::stop(std::function<void()> done) { impl_->stop(std::move(done)); }

Result<> Engine::set_settings(Settings settings) {
  impl_->around.settings = settings;
  impl_->around.link.set_configuration(std::move(settings.swarm));
  return Done{};
}

bool Engine::has_detached_work() const {
  const auto& transfers = impl_->transfers;
  const bool any = std::any_of(transfers.begin(), transfers.end(),
                               [](const auto& entry) { return entry.second->needs_daemon(); });
  return any || std::any_of(impl_->resolvers.begin(), impl_->resolvers.end(),
                            [](const auto& entry) { return entry.second->is_detached(); });
}

Registry& Engine::registry() { return impl_->registry; }

Result<std::vector<store::AcceptedLicense>> Engine::accepted_licenses() {
  return impl_->around.world.store.licenses().all();
}

StatusView Engine::status() {
  auto& around = impl_->around;
  StatusView status{};
  status.uptime = std::chrono::duration_cast<std::chrono::seconds>(around.world.clock.steady_now() -
                                                                   impl_->started);
  status.store = around.world.store.directory();
  if (const auto free = content::free_bytes(status.store)) status.store_free_bytes = *free;
  status.listening = around.link.listening();
  status.dht_nodes = around.link.dht_nodes();
  status.warnings = around.link.listen_errors();
  status.worker_running = around.link.swarm().is_running();
  status.worker_restarts = around.link.swarm().restarts();
  status.worker_pid = around.link.swarm().pid();
  status.getting += static_cast<std::uint32_t>(impl_->resolvers.size());
  for (const auto& [id, transfer] : impl_->transfers) {
    const auto view = transfer->view();
    status.download_rate += view.download_rate;
    status.upload_rate += view.upload_rate;
    if (transfer->stored().ownership == store::Ownership::Store)
      status.store_used_bytes += view.bytes_verified;
    switch (view.state) {
      case State::Resolving:
      case State::Getting:
      case State::Verifying:
        ++status.getting;
        break;
      case State::Seeding:
        ++status.seeding;
        break;
      case State::Paused:
        ++status.paused;
        break;
      case State::Damaged:
      case State::Failed:
        ++status.failed;
        break;
      case State::Complete:
        break;
    }
    if (view.state == State::Failed || !view.damaged_files.empty())
      status.warnings.push_back(view.ref + ": " + view.detail);
  }
  if (auto publishers = impl_->registry.publishers()) status.publishers = std::move(*publishers);
  if (const auto key = impl_->registry.known_mirror_key()) status.mirror_key = to_hex(key->bytes());
  return status;
}

SubscriptionPtr Engine::prepare(const PrepareRequest& request, Observer<Prepared> observer) {
  return impl_->prepare(request, std::move(observer));
}
SubscriptionPtr Engine::commit(const CommitRequest& request, Observer<Committed> observer) {
  return impl_->commit(request, std::move(observer));
}
SubscriptionPtr Engine::get(const GetRequest& request, Observer<TransferDone> observer) {
  return impl_->get(request, std::move(observer));
}
SubscriptionPtr Engine::seed(const Target& target, std::optional<store::SeedLimit> limit,
                             bool detach, Observer<TransferDone> observer) {
  return impl_->seed(target, limit, detach, std::move(observer));
}
SubscriptionPtr Engine::verify(const Target& target, bool repair, Observer<VerifyReport> observer) {
  return impl_->verify(target, repair, std::move(observer));
}

}  // namespace owrd::engine
