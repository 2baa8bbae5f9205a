#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/engine/belief.h"
#include "daemon/engine/engine.h"
#include "daemon/engine/file_table.h"
#include "daemon/engine/known_publishers.h"
#include "daemon/engine/observers.h"
#include "daemon/engine/reusing.h"
#include "daemon/engine/settling.h"
#include "daemon/engine/swarm_link.h"

namespace owrd::engine {

class Transfer;

/// What every part of the engine works with.
struct Surroundings {
  Surroundings(const Engine::World& the_world, const Settings& the_settings)
      : world(the_world),
        settings(the_settings),
        link(the_world.swarm, the_settings.swarm),
        publishers(the_world.store, the_world.clock) {}

  Engine::World world;
  Settings settings;
  SwarmLink link;
  KnownPublishers publishers;
  /// An object that a peer of some torrent told.
  std::function<void(const std::string& peer, ByteView object)> hear;
  /// What the peers of a release's torrent are told.
  std::function<std::vector<Bytes>(const Transfer&)> objects_for;
  /// The release has just been fetched, and all of it hashed.
  std::function<void(const Transfer&)> completed;
  /// Looks whether a release that is refused contradicts its publisher's feed, and keeps it then.
  std::function<Error(const Error& error, ByteView proof, const std::string& source)> refused;
  /// Gives the releases that may have what this one misses.
  std::function<std::vector<OtherRelease>(const Transfer&)> find_related;
};

/// One release of the store and what becomes of it: fetched into a staging directory, settled under
/// its final names, seeded from there. What it should do is its intent (in the store); proceed()
/// compares that with what is and takes the next step, and is called whenever something has
/// changed. At most one job and one torrent of it exist at a time.
class Transfer final : public TorrentOwner, public std::enable_shared_from_this<Transfer> {
 public:
  Transfer(std::shared_ptr<Surroundings> around, store::StoredRelease stored, Believed believed,
           const std::vector<bool>& wanted, const std::vector<store::StoredFile>& files);
  ~Transfer() override;

  const store::StoredRelease& stored() const { return stored_; }
  const Believed& believed() const { return believed_; }
  bool is_partial() const;
  bool is_complete() const { return stored_.completed != 0; }
  bool is_running() const { return is_active_ && !failure_ && wants_to_run(); }
  /// It was asked to outlive its client and is not at its end; perhaps it is about to begin.
  bool needs_daemon() const { return is_detached_ && !failure_ && wants_to_run(); }
  void set_detached() { is_detached_ = true; }
  /// Nothing of it is under way: no job, no torrent.
  bool is_idle() const { return !is_busy() && !torrent_; }

  /// Works towards its intent from here on; forgets an earlier failure.
  void activate();
  /// Ends what is under way, saves what there is, and does nothing more.
  void deactivate();
  /// Deactivates, and writes nothing to the store any more.
  void on_removed_from_store();
  /// Changes what is wanted of it, in the store and then here.
  Result<> set_intent(store::Intent intent);
  Result<> set_seed_after(bool seed_after, store::SeedLimit limit);
  /// Wants these files as well, and fetches again what is not good any more.
  Result<> want_also(const std::vector<bool>& wanted);
  /// Whether each of these files is wanted.
  bool wants(const std::vector<bool>& wanted) const;
  /// Complete, and no file known to be bad.
  bool is_whole() const { return is_complete() && files_.is_all_verified(); }
  /// Files under final names are to be hashed first; bad ones are fetched again if they may be
  /// replaced, or else are an error.
  void take_up_what_is_there(bool may_replace) {
    needs_take_up_ = true;
    may_replace_ = may_replace;
  }
  void add_peers(const std::vector<std::string>& peers);
  /// Looks in these directories as well, before it asks the swarm.
  void look_in(const std::vector<std::string>& directories);

  /// Hands over what the audit refuses by these rules, or families of them.
  void allow(const std::vector<std::string>& rules);

  /// Tells `ear` what happens until the release is complete. After `timeout` (0: never) without a
  /// byte it is told NoSources, and the transfer is paused if `is_owner`.
  void listen(EarPtr<TransferDone> ear, std::chrono::milliseconds timeout, bool is_owner);
  /// It is not believed any more: nothing of it is served or fetched, and why is said.
  void refuse(const Error& error) { fail(error); }
  /// What its publisher and its signers are called here by now.
  void set_names(const Believed& believed) {
    believed_.petname = believed.petname;
    believed_.signed_by = believed.signed_by;
  }
  /// Tells the peers of its torrent what they should know (Surroundings::objects_for()).
  void tell_peers();
  /// Tells all who listen, and who wait for a repair, that it is over.
  void end_listening(const Error& error);
  /// Hashes all wanted files. Busy while they are being hashed already.
  Result<> verify(const EarPtr<VerifyReport>& ear, bool repair);
  /// The same for one that is not complete, perhaps because an earlier repair was interrupted.
  Result<> go_on_repairing(const EarPtr<VerifyReport>& ear);

  /// Twice a second.
  void step();
  /// By file: hashed, and under its final name.
  std::vector<bool> verified() const;
  std::vector<Digest> verified_roots() const;
  /// What was verified, wherever it may be wanted.
  std::vector<WatchedFile> verified_files() const;
  /// The files that are served from disk, for the sweep that looks whether they still are what they
  /// were.
  std::vector<WatchedFile> watched_files() const;
  void on_changed(const std::vector<ChangedFile>& changed);
  /// Files that are not what was hashed are not verified any more.
  void forget(const std::vector<ChangedFile>& changed);

  ReleaseView view() const;
  std::vector<FileView> file_views() const;
  TransferProgress progress() const;
  TransferPlan plan(bool was_running) const;
  /// What there would be to do if these files were wanted as well.
  TransferPlan plan_with(const std::vector<bool>& wanted) const;
  std::vector<std::string> endpoints() const;

  void on_torrent_event(const v1::SwarmEvent& event) override;
  void on_swarm_ready() override { proceed(); }
  void on_swarm_lost(const std::string& reason) override;

 private:
  using Steady = std::chrono::steady_clock::time_point;
  enum class Kind { Layers, Files, Seed };
  struct OpenTorrent {
    std::uint64_t id;
    Kind kind;
    bool is_closing = false;
  };
  struct Listener {
    EarPtr<TransferDone> ear;
    std::chrono::milliseconds timeout;
    bool is_owner;
    Steady since;
  };

  bool is_busy() const { return running_jobs_ != 0; }
  bool wants_to_run() const;
  bool has_unverified_in_place() const;
  void proceed();
  void proceed_to_fetch();
  void proceed_to_seed();
  void forget_what_changed();
  /// Opens a torrent of this kind, or first closes the one that is of another.
  void have_torrent(Kind kind);
  void have_no_torrent();
  std::vector<std::size_t> next_window() const;
  void on_closed();

  Result<> prepare_staging();
  Result<> check_space() const;
  v1::SwarmAdd make_add(Kind kind) const;
  void add_layers(v1::SwarmAdd& add) const;

  std::function<void(const content::Progress&)> tell_hashing();
  void reuse();
  void on_reused(const std::vector<ReusedFile>& files);

  void take_up(TakeUp how);
  void on_looked(const std::vector<SettledFile>& files);
  void on_taken_up(const std::vector<SettledFile>& files);
  void go_back(const std::vector<SettledFile>& files, const Error& error);
  void settle();
  void on_settled(const std::vector<SettledFile>& files);
  bool is_as_signed(std::size_t index) const;
  void on_layers_arrived();
  void complete();
  void fail(const Error& error);

  void on_pieces(const v1::SwarmPieces& pieces);
  void on_disk_error(const v1::SwarmDiskError& error);
  void checkpoint();
  void on_checkpointed(const v1::SwarmCheckpointed& checkpointed);
  void save_durable(const Bitmap& have, std::function<void()> then);
  void check_early();
  void on_checked_early(std::size_t index, const content::CheckedFile& check);
  void retry_disk();
  void turn_to_other_files();
  void check_seed_limit();
  void check_timeouts();
  void report_progress();
  void tell_done();

  const release::Layers* layers() const;
  std::vector<StagedFile> staged_files(const std::vector<std::size_t>& indices) const;
  VerifyReport report(const std::vector<SettledFile>& files) const;
  State state() const;
  std::string waiting_reason() const;
  std::string damage_detail() const;
  void save_rows(const std::vector<std::size_t>& indices);
  Steady now() const { return around_.world.clock.steady_now(); }

  /// Runs a job; while it runs nothing else begins. Its result comes here only while this lives.
  template <class T>
  content::JobHandle run(std::function<Result<T>(const content::JobContext&)> work,
                         std::function<void(Result<T>)> done,
                         std::function<void(const content::Progress&)> progress = {});

  const std::shared_ptr<Surroundings> surroundings_;
  Surroundings& around_;
  store::StoredRelease stored_;
  std::optional<store::StoredRelease> before_;  ///< Complete, until it was to become more.
  Believed believed_;
  FileTable files_;
  mutable std::optional<release::Layers> layers_;

  bool is_active_ = false;
  bool is_in_store_ = true;
  bool is_detached_ = false;
  int running_jobs_ = 0;
  bool is_verifying_ = false;
  bool needs_take_up_ = false;
  bool needs_reuse_ = true;
  bool may_replace_ = false;
  std::optional<Error> failure_;
  std::string disk_problem_;
  Steady disk_retry_{};
  content::JobHandle job_;

  std::optional<OpenTorrent> torrent_;
  std::vector<std::size_t> window_;  ///< What the torrent of kind Files fetches.
  std::size_t first_in_turn_;        ///< Where the window begins; not the same on all nodes.
  v1::SwarmStats stats_;
  std::vector<std::string> known_endpoints_;

  bool is_checkpointing_ = false;
  std::uint64_t bytes_since_checkpoint_ = 0;
  Steady last_checkpoint_{};
  Steady window_since_{};
  Steady last_byte_{};
  std::optional<std::size_t> checking_early_;

  std::vector<Listener> listeners_;
  struct Repair {
    EarPtr<VerifyReport> ear;
    VerifyReport report;
  };
  std::vector<Repair> repairs_;
};

template <class T>
content::JobHandle Transfer::run(std::function<Result<T>(const content::JobContext&)> work,
                                 std::function<void(Result<T>)> done,
                                 std::function<void(const content::Progress&)> progress) {
  ++running_jobs_;
  job_ = around_.world.jobs.run<T>(
      std::move(work),
      [self = weak_from_this(), done = std::move(done)](Result<T> result) {
        const auto alive = self.lock();
        if (!alive) return;
        --alive->running_jobs_;
        done(std::move(result));
      },
      std::move(progress));
  return job_;
}

}  // namespace owrd::engine
