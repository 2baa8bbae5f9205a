#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/core/clock.h"
#include "daemon/engine/views.h"
#include "daemon/store/store.h"
#include "daemon/swarm/swarm.h"

namespace owrd::engine {

class Registry;

/// What the operator sets; see the keys of owrd.toml.
struct Settings {
  v1::SwarmConfigure swarm;              ///< All but `banned` and `session_state`.
  bool seed_on_complete = true;          ///< For a get that does not say.
  store::SeedLimit seed_limit;           ///< Likewise.
  bool super_seed = false;               ///< While a published release has no full copy elsewhere.
  std::uint64_t reserve_free_bytes = 0;  ///< Left free on every file system.
  /// Files are fetched as many at a time as make up this much: for those libtorrent holds hash
  /// trees of 6.7 MB per GB, and sheds them when the torrent is added anew.
  std::uint64_t window_bytes = 16ull * 1024 * 1024 * 1024;
  bool take_up_work =
      true;  ///< At the start, go on with what the store says; else only what is asked.
  std::string key_passphrase = {};  ///< Of the daemon's own keys; empty: they are not encrypted.
  std::string mirror_name = {};     ///< What this daemon calls itself when it attests.
  bool attests_all = false;         ///< Whatever was fetched whole.
  /// What every get must have at least; see GetRequest.
  std::uint32_t require_attestations = 0;
  std::vector<std::string> attested_by = {};
};

/// Decides what happens next: publishes, resolves, fetches, verifies, seeds. Lives on the loop's
/// thread and is only called there. Everything it began is either finished, or will be taken up
/// again from the store by the next one.
class Engine {
 public:
  struct World {
    boost::asio::io_context& loop;
    store::Store& store;
    swarm::Swarm& swarm;
    content::Jobs& jobs;
    const Clock& clock;
    std::function<void(const std::string&)> log;  ///< One line for the operator.
    /// Fetches a small file of at most so many bytes by an https:// URL; blocks, on any thread.
    std::function<Result<Bytes>(const std::string& url, std::uint64_t limit_bytes)> fetch_https;
  };
  Engine(World world, Settings settings);
  ~Engine();

  /// Takes up what the store says. An error here means that the store cannot be read.
  Result<> start();
  /// Saves what is not saved; `done` comes when nothing is in flight or after ten seconds.
  void stop(std::function<void()> done);
  Result<> set_settings(Settings settings);

  /// A transfer was asked to outlive its client, and is not finished (or seeds).
  bool has_detached_work() const;

  StatusView status();

  /// The pinned publishers, their feeds and names, and the mirrors.
  Registry& registry();

  /// The terms that were accepted here, the oldest first.
  Result<std::vector<store::AcceptedLicense>> accepted_licenses();

  SubscriptionPtr prepare(const PrepareRequest& request, Observer<Prepared> observer);
  SubscriptionPtr commit(const CommitRequest& request, Observer<Committed> observer);

  std::vector<ReleaseView> releases();
  Result<ReleaseDetails> show(const Ref& ref);
  Result<Bytes> bundle(const Ref& ref);

  SubscriptionPtr get(const GetRequest& request, Observer<TransferDone> observer);
  SubscriptionPtr watch(const Ref& ref, Observer<TransferDone> observer);
  SubscriptionPtr seed(const Target& target, std::optional<store::SeedLimit> limit, bool detach,
                       Observer<TransferDone> observer);
  SubscriptionPtr verify(const Target& target, bool repair, Observer<VerifyReport> observer);

  /// A magnet link that is not resolved yet cannot be paused, only removed; without anybody who
  /// waits for it, it is. `only_unresolved`: touches nothing else (NotFound).
  Result<ReleaseView> pause(const Ref& ref, bool only_unresolved = false);
  Result<ReleaseView> resume(const Ref& ref);
  struct Removed {
    ReleaseView release;
    bool files_removed;
  };
  Result<Removed> remove(const Ref& ref, bool keep_files, bool dry_run);

  /// Hashes a complete release again, and attests it with this daemon's mirror key.
  SubscriptionPtr attest(const Ref& ref, Observer<AttestationView> observer);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace owrd::engine
