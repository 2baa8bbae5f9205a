#include "tests/engine/engine_fixture.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <set>
#include <utility>

namespace owrd::engine {

/// All that dies with the process. The loop goes last: what waits in it is let go, not run.
struct EngineTest::Life {
  explicit Life(const std::filesystem::path& directory)
      : store(std::move(*store::Store::open(directory))), swarm(loop), jobs(loop, 2) {}

  boost::asio::io_context loop;
  std::unique_ptr<store::Store> store;
  std::vector<std::string> log;
  swarm::FakeSwarm swarm;
  content::Jobs jobs;
  std::unique_ptr<Engine> engine;
};

EngineTest::EngineTest() {
  settings_.swarm.add_listen("127.0.0.1:0");
  start();
  const auto pinned = engine().registry().add_publisher(acme_.bundle(), "", /*dry_run=*/false);
  EXPECT_TRUE(pinned) << pinned.error().message;
}

EngineTest::~EngineTest() = default;

void EngineTest::start() {
  life_ = std::make_unique<Life>(home_ / "store");
  auto& life = *life_;
  life.engine = std::make_unique<Engine>(
      Engine::World{life.loop, *life.store, life.swarm, life.jobs, clock_,
                    [&life](const std::string& line) { life.log.push_back(line); },
                    [web = web_](const std::string& url, std::uint64_t) -> Result<Bytes> {
                      const auto file = web->find(url);
                      if (file != web->end()) return file->second;
                      return Error{ErrorCode::NotFound, "nothing is at " + url};
                    }},
      settings_);
  const auto started = life.engine->start();
  ASSERT_TRUE(started) << started.error().message;
}

void EngineTest::kill_and_restart() {
  life_.reset();
  start();
}

void EngineTest::restart_with(const Settings& settings) {
  settings_ = settings;
  kill_and_restart();
}

Engine& EngineTest::engine() { return *life_->engine; }
swarm::FakeSwarm& EngineTest::swarm() { return life_->swarm; }
store::Store& EngineTest::store() { return *life_->store; }
const std::vector<std::string>& EngineTest::log() const { return life_->log; }

bool EngineTest::has_logged(const std::string& text) const {
  return std::any_of(log().begin(), log().end(),
                     [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

bool EngineTest::until(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    life_->loop.restart();
    life_->loop.run_one_for(std::chrono::milliseconds(100));
  }
  return true;
}

bool EngineTest::until_given(const MadeRelease& release, const std::function<bool()>& condition) {
  return until([&] {
    give(release);
    return condition();
  });
}

void EngineTest::tick() {
  constexpr auto kTwoTicks = std::chrono::milliseconds(1100);
  life_->loop.restart();
  life_->loop.run_for(kTwoTicks);
}

void EngineTest::pass(std::chrono::seconds time) {
  clock_.advance(time);
  tick();
}

void EngineTest::give(const MadeRelease& release) {
  std::vector<std::uint64_t> ids;
  for (const auto& [id, torrent] : swarm().torrents())
    if (torrent.add.infohash() == release.torrent.infohash.to_field() && !torrent.upload_only)
      ids.push_back(id);
  for (const auto id : ids) {
    const auto& torrent = *swarm().find(id);
    if (torrent.add.info().empty()) {
      swarm().find_metadata(id, release.metadata());
      continue;
    }
    const auto wanted = torrent.wanted_files;
    for (const auto index : wanted) {
      const auto& path = release.torrent.files[index].path;
      const auto pieces = release.pieces(path);
      const bool is_had = std::all_of(pieces.begin(), pieces.end(), [&](std::uint32_t piece) {
        return torrent.have.count(piece) != 0;
      });
      if (is_had) continue;
      release.write(torrent.add.directory(), path);
      swarm().arrive(id, pieces);
    }
  }
}

void EngineTest::give_files(const MadeRelease& release, const std::vector<std::string>& paths) {
  ASSERT_NE(torrent(), nullptr);
  for (const auto& path : paths) {
    release.write(torrent()->add.directory(), path);
    swarm().arrive(torrent()->add.id(), release.pieces(path));
  }
}

const swarm::FakeSwarm::Torrent* EngineTest::torrent() {
  const auto& torrents = swarm().torrents();
  return torrents.size() == 1 ? &torrents.begin()->second : nullptr;
}

const swarm::FakeSwarm::Torrent* EngineTest::wait_for_torrent(bool upload_only) {
  const bool is_there = until([&] {
    return torrent() && torrent()->upload_only == upload_only && !torrent()->add.info().empty();
  });
  return is_there ? torrent() : nullptr;
}

bool EngineTest::serves(const std::vector<std::uint32_t>& pieces) {
  const std::set<std::uint32_t> expected(pieces.begin(), pieces.end());
  return until([&] { return torrent() && torrent()->upload_only && torrent()->have == expected; });
}

GetRequest EngineTest::by_bundle(const MadeRelease& release,
                                 const std::filesystem::path& to) const {
  GetRequest request;
  request.bundle = release.bundle(acme_);
  request.directory = to;
  return request;
}

GetRequest EngineTest::by_magnet(const MadeRelease& release,
                                 const std::filesystem::path& to) const {
  GetRequest request;
  request.magnet = release::Magnet{release.torrent.infohash, "", {}, {}};
  request.directory = to;
  return request;
}

AskerPtr<TransferDone> EngineTest::get(const GetRequest& request) {
  auto asker = std::make_unique<Asker<TransferDone>>();
  asker->subscription = engine().get(request, asker->observer());
  EXPECT_FALSE(asker->done) << "answered from within the call";
  return asker;
}

AskerPtr<VerifyReport> EngineTest::verify(const Target& target, bool repair) {
  auto asker = std::make_unique<Asker<VerifyReport>>();
  asker->subscription = engine().verify(target, repair, asker->observer());
  return asker;
}

AskerPtr<TransferDone> EngineTest::seed(const Target& target,
                                        std::optional<store::SeedLimit> limit) {
  auto asker = std::make_unique<Asker<TransferDone>>();
  asker->subscription = engine().seed(target, limit, /*detach=*/false, asker->observer());
  return asker;
}

void EngineTest::complete(const GetRequest& request) {
  const auto asker = get(request);
  ASSERT_TRUE(until_given(release_, [&] { return asker->done.has_value(); }));
  ASSERT_TRUE(asker->is_ok()) << asker->error().message;
}

ReleaseView EngineTest::view() {
  const auto shown = engine().show(ref_);
  EXPECT_TRUE(shown) << shown.error().message;
  return shown ? shown->release : ReleaseView{};
}

bool EngineTest::becomes(State state) {
  return until([&] { return view().state == state; });
}

std::string code_name(const Error& error) { return error_facts(error.code).name; }

}  // namespace owrd::engine
