#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/ref.h"
#include "daemon/engine/engine.h"
#include "daemon/engine/registry.h"
#include "tests/content/temporary_directory.h"
#include "tests/engine/made_release.h"
#include "tests/support/fake_swarm.h"
#include "tests/support/manual_clock.h"

namespace owrd::engine {

/// One asker, and all that it was told.
template <class T>
class Asker {
 public:
  Observer<T> observer() {
    Observer<T> observer;
    observer.on_plan = [this](const TransferPlan& plan) { plans.push_back(plan); };
    observer.on_progress = [this](const TransferProgress& now) { progress.push_back(now); };
    observer.on_hashing = [this](const content::Progress& now) { hashed.push_back(now); };
    observer.on_done = [this](Result<T> result) {
      EXPECT_FALSE(done) << "an asker is answered once";
      done.emplace(std::move(result));
    };
    return observer;
  }
  bool is_ok() const { return done && *done; }
  /// What it was refused with; a code that nothing gives when it was not.
  Error error() const {
    if (!done || *done) return Error{ErrorCode::Internal, done ? "it succeeded" : "no answer"};
    return done->error();
  }

  std::vector<TransferPlan> plans;
  std::vector<TransferProgress> progress;
  std::vector<content::Progress> hashed;
  std::optional<Result<T>> done;
  SubscriptionPtr subscription;
};
template <class T>
using AskerPtr = std::unique_ptr<Asker<T>>;

/// An engine on a real store and real files, in a swarm in memory, at a time that stands still.
/// acme is pinned.
class EngineTest : public ::testing::Test {
 protected:
  EngineTest();
  ~EngineTest() override;

  /// Ends the engine as kill -9 would, and starts a new one on the same store.
  void kill_and_restart();
  void restart_with(const Settings& settings);
  Engine& engine();
  swarm::FakeSwarm& swarm();
  store::Store& store();
  const std::vector<std::string>& log() const;
  bool has_logged(const std::string& text) const;

  /// Runs the loop until the condition holds; false when it does not in time.
  bool until(const std::function<bool()>& condition);
  /// The same, while the swarm gives every piece that is asked for.
  bool until_given(const MadeRelease& release, const std::function<bool()>& condition);
  /// Runs the loop over the engine's next two ticks.
  void tick();
  /// Lets time pass, and the engine see it.
  void pass(std::chrono::seconds time);

  /// Every torrent of the release gets what it wants: metadata, files, pieces.
  void give(const MadeRelease& release);
  /// These files' bytes and pieces, to the torrent that is there.
  void give_files(const MadeRelease& release, const std::vector<std::string>& paths);
  /// The only torrent of the swarm, or none.
  const swarm::FakeSwarm::Torrent* torrent();
  /// Waits for a torrent that fetches, or serves, files.
  const swarm::FakeSwarm::Torrent* wait_for_torrent(bool upload_only);
  /// Waits until a torrent serves exactly these pieces.
  bool serves(const std::vector<std::uint32_t>& pieces);

  GetRequest by_bundle(const MadeRelease& release, const std::filesystem::path& to = {}) const;
  GetRequest by_magnet(const MadeRelease& release, const std::filesystem::path& to = {}) const;
  AskerPtr<TransferDone> get(const GetRequest& request);
  AskerPtr<VerifyReport> verify(const Target& target, bool repair = false);
  AskerPtr<TransferDone> seed(const Target& target, std::optional<store::SeedLimit> limit = {});
  /// Gets the release whole.
  void complete(const GetRequest& request);
  ReleaseView view();
  /// Waits for a state.
  bool becomes(State state);
  Target by_ref() const { return Target{ref_, {}}; }

  content::TemporaryDirectory home_;
  const std::filesystem::path to_ = home_ / "to";
  test::ManualClock clock_;
  Settings settings_;
  const MadePublisher acme_ = make_publisher();
  const MadeRelease release_ = make_release(acme_);
  const Ref ref_ = *parse_ref("acme/atlas:1.0.0");
  /// What is had over HTTPS; not changed while the engine asks.
  const std::shared_ptr<std::map<std::string, Bytes>> web_ =
      std::make_shared<std::map<std::string, Bytes>>();

 private:
  struct Life;
  void start();
  std::unique_ptr<Life> life_;
};

/// "BadSignature", for messages and comparisons.
std::string code_name(const Error& error);

}  // namespace owrd::engine
