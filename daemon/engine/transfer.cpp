#include "daemon/engine/transfer.h"

#include <algorithm>
#include <random>
#include <utility>

#include "daemon/core/units.h"
#include "daemon/engine/selection.h"
#include "daemon/release/path_rules.h"

namespace owrd::engine {

Transfer::Transfer(std::shared_ptr<Surroundings> around, store::StoredRelease stored,
                   Believed believed, const std::vector<bool>& wanted,
                   const std::vector<store::StoredFile>& files)
    : surroundings_(std::move(around)),
      around_(*surroundings_),
      stored_(std::move(stored)),
      believed_(std::move(believed)),
      files_(believed_.torrent, wanted, files),
      first_in_turn_(std::random_device()() % files_.size()) {
  around_.link.add_owner(*this);
}

Transfer::~Transfer() { around_.link.remove_owner(*this); }

bool Transfer::wants_to_run() const {
  return stored_.intent == store::Intent::Get || stored_.intent == store::Intent::Seed;
}

void Transfer::activate() {
  is_active_ = true;
  failure_.reset();
  // A take-up that was interrupted left its files where they were.
  if (!is_complete() && has_unverified_in_place()) needs_take_up_ = true;
  proceed();
}

bool Transfer::has_unverified_in_place() const {
  const auto missing = files_.wanted_unverified();
  return std::any_of(missing.begin(), missing.end(), [&](std::size_t index) {
    return static_cast<bool>(
        content::identify(stored_.directory, believed_.torrent.files[index].path));
  });
}

void Transfer::deactivate() {
  is_active_ = false;
  is_detached_ = false;
  job_.cancel();
  proceed();
}

void Transfer::on_removed_from_store() {
  is_in_store_ = false;
  deactivate();
}

Result<> Transfer::set_intent(store::Intent intent) {
  if (intent == stored_.intent) return Done{};
  auto changed = stored_;
  changed.intent = intent;
  if (const auto saved = around_.world.store.update_release(changed); !saved) return saved.error();
  stored_ = std::move(changed);
  proceed();
  return Done{};
}

Result<> Transfer::set_seed_after(bool seed_after, store::SeedLimit limit) {
  auto changed = stored_;
  changed.seed_after = seed_after;
  changed.seed_limit = limit;
  // The store counts from completion, whoever asks counts from now.
  if (is_complete() && limit.seconds != 0)
    changed.seed_limit.seconds += static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, around_.world.clock.now() - stored_.completed));
  if (is_complete() && seed_after) changed.intent = store::Intent::Seed;
  if (const auto saved = around_.world.store.update_release(changed); !saved) return saved.error();
  stored_ = std::move(changed);
  return Done{};
}

bool Transfer::wants(const std::vector<bool>& wanted) const {
  for (std::size_t i = 0; i < files_.size(); ++i)
    if (wanted[i] && !files_[i].is_wanted) return false;
  return true;
}

/// A selection only ever grows: somebody may wait for what it holds. What seeds goes on to seed.
Result<> Transfer::want_also(const std::vector<bool>& wanted) {
  auto changed = stored_;
  if (is_complete()) {
    before_ = stored_;
    changed.seed_after = stored_.intent == store::Intent::Seed;
  }
  auto all = wanted;
  for (std::size_t i = 0; i < files_.size(); ++i) all[i] = all[i] || files_[i].is_wanted;
  if (!wants(wanted)) {
    changed.include = globs_for(believed_.torrent, all);
    changed.exclude.clear();
  }
  changed.completed = 0;
  changed.intent = store::Intent::Get;
  if (const auto saved = around_.world.store.update_release(changed); !saved) return saved.error();
  stored_ = std::move(changed);
  files_.set_wanted(all);
  needs_reuse_ = true;
  for (const auto index : files_.wanted_unverified()) files_[index].damage.clear();
  have_no_torrent();
  return Done{};
}

void Transfer::add_peers(const std::vector<std::string>& peers) {
  for (const auto& peer : peers)
    if (std::find(stored_.peers.begin(), stored_.peers.end(), peer) == stored_.peers.end())
      stored_.peers.push_back(peer);
  if (!torrent_ || peers.empty()) return;
  v1::SwarmCommand command;
  command.mutable_connect_peers()->set_id(torrent_->id);
  for (const auto& peer : peers) command.mutable_connect_peers()->add_peers(peer);
  around_.link.send(command);
}

std::vector<bool> Transfer::verified() const {
  std::vector<bool> verified;
  for (std::size_t i = 0; i < files_.size(); ++i) verified.push_back(files_[i].is_verified);
  return verified;
}

std::vector<Digest> Transfer::verified_roots() const {
  std::vector<Digest> roots;
  for (std::size_t i = 0; i < files_.size(); ++i)
    if (files_[i].is_verified && believed_.torrent.files[i].pieces_root)
      roots.push_back(*believed_.torrent.files[i].pieces_root);
  return roots;
}

void Transfer::look_in(const std::vector<std::string>& directories) {
  for (const auto& directory : directories) {
    if (std::find(stored_.reuse.begin(), stored_.reuse.end(), directory) != stored_.reuse.end())
      continue;
    stored_.reuse.push_back(directory);
    needs_reuse_ = true;
  }
}

void Transfer::listen(EarPtr<TransferDone> ear, std::chrono::milliseconds timeout, bool is_owner) {
  listeners_.push_back({std::move(ear), timeout, is_owner, now()});
}

void Transfer::proceed() {
  if (is_busy() || (torrent_ && torrent_->is_closing)) return;
  if (!is_running()) return have_no_torrent();
  if (is_complete())
    proceed_to_seed();
  else
    proceed_to_fetch();
}

void Transfer::proceed_to_fetch() {
  if (needs_take_up_) {
    if (torrent_) return have_no_torrent();
    return take_up(may_replace_ ? TakeUp::Replace : TakeUp::Complete);
  }
  const auto missing = files_.wanted_unverified();
  const bool all_arrived = std::all_of(
      missing.begin(), missing.end(), [&](std::size_t index) { return files_.has_arrived(index); });
  if (all_arrived) {
    if (torrent_) return have_no_torrent();
    if (missing.empty()) return complete();
    return settle();
  }
  if (!torrent_)
    if (const auto ready = prepare_staging(); !ready) return fail(ready.error());
  if (layers()) {
    if (needs_reuse_) return torrent_ ? have_no_torrent() : reuse();
    if (torrent_ && std::all_of(window_.begin(), window_.end(),
                                [&](std::size_t index) { return files_.has_arrived(index); }))
      return have_no_torrent();
    if (!torrent_)
      if (const auto space = check_space(); !space) return fail(space.error());
    return have_torrent(Kind::Files);
  }
  const auto index = *believed_.torrent.find(release::kLayersName);
  if (!files_.has_arrived(index)) return have_torrent(Kind::Layers);
  if (torrent_) return have_no_torrent();
  on_layers_arrived();
}

void Transfer::proceed_to_seed() {
  if (stored_.intent != store::Intent::Seed) return have_no_torrent();
  if (!torrent_) forget_what_changed();
  for (const auto index : files_.wanted_unverified()) {
    if (!files_[index].damage.empty()) continue;
    if (torrent_) return have_no_torrent();
    return take_up(TakeUp::Look);
  }
  have_torrent(Kind::Seed);
}

void Transfer::forget_what_changed() { forget(find_changed(stored_.directory, verified_files())); }

void Transfer::forget(const std::vector<ChangedFile>& changed) {
  for (const auto& file : changed) files_[file.index].is_verified = false;
}

/// Nodes that begin at different files have something to give each other from the start.
std::vector<std::size_t> Transfer::next_window() const {
  std::vector<std::size_t> window;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const auto index = (first_in_turn_ + i) % files_.size();
    if (!files_[index].is_wanted || files_.has_arrived(index)) continue;
    const auto length = believed_.torrent.files[index].length;
    if (!window.empty() && bytes + length > around_.settings.window_bytes) continue;
    window.push_back(index);
    bytes += length;
  }
  return window;
}

void Transfer::have_torrent(Kind kind) {
  if (torrent_ && torrent_->kind != kind) return have_no_torrent();
  if (torrent_ || !around_.link.ensure_ready()) return;
  if (kind == Kind::Files) {
    window_ = next_window();
    window_since_ = now();
  }
  torrent_ = OpenTorrent{around_.link.add(*this, make_add(kind)), kind};
  tell_peers();
  last_checkpoint_ = now();
}

void Transfer::have_no_torrent() {
  if (!torrent_ || torrent_->is_closing) return;
  torrent_->is_closing = true;
  around_.link.remove(torrent_->id);
}

/// The worker has let go of the files: everything that arrived is in them.
void Transfer::on_closed() {
  const auto kind = torrent_->kind;
  torrent_.reset();
  is_checkpointing_ = false;
  stored_.uploaded += stats_.uploaded();
  stored_.downloaded += stats_.downloaded();
  stats_.Clear();
  if (kind == Kind::Seed) {
    save_rows({});
    return proceed();
  }
  Bitmap arrived(believed_.torrent.piece_count);
  for (std::size_t i = 0; i < files_.size(); ++i)
    arrived.merge(believed_.torrent.files[i].first_piece, files_[i].arrived);
  save_durable(arrived, [this] { proceed(); });
}

Result<> Transfer::check_space() const {
  const auto staging = staging_directory(stored_.directory);
  std::uint64_t needed = 0;
  for (const auto index : files_.wanted_unverified()) {
    const auto& file = believed_.torrent.files[index];
    needed += file.length - std::min(file.length, content::allocated_bytes(staging, file.path));
  }
  const auto free = content::free_bytes(stored_.directory);
  if (!free) return free.error();
  const auto reserve = around_.settings.reserve_free_bytes;
  const auto usable = *free - std::min(*free, reserve);
  if (needed <= usable) return Done{};
  return Error{ErrorCode::NoSpace,
               "fetching to " + stored_.directory.string() + ": need " + format_size(needed) +
                   ", have " + format_size(usable) +
                   (reserve != 0 ? " (keeping " + format_size(reserve) + " free)" : ""),
               "make room, or choose another place with --to DIR, or fewer files with --include"};
}

/// owrd's own files are written by the daemon; the swarm serves them from here.
Result<> Transfer::prepare_staging() {
  const auto staging = staging_directory(stored_.directory);
  if (const auto made = content::make_directory(staging); !made) return made.error();
  const auto proof = believed_.torrent.proof_index();
  if (files_[proof].is_verified) return Done{};
  const std::string name(release::kProofName);
  const auto there = content::read_file(staging, name, believed_.proof.size());
  if (!there || *there != believed_.proof)
    if (const auto written = content::write_file(staging, name, believed_.proof); !written)
      return written.error();
  files_.set_bad(proof, {});
  return Done{};
}

void Transfer::complete() {
  auto changed = stored_;
  changed.completed = around_.world.clock.now();
  if (changed.intent == store::Intent::Get)
    changed.intent = changed.seed_after ? store::Intent::Seed : store::Intent::Keep;
  if (const auto saved = around_.world.store.update_release(changed); !saved)
    return fail(saved.error());
  stored_ = std::move(changed);
  before_.reset();
  layers_.reset();
  may_replace_ = false;
  if (const auto removed = content::remove_tree(staging_directory(stored_.directory)); !removed)
    around_.world.log(view().ref + ": " + removed.error().message);
  around_.completed(*this);
  proceed();
  tell_done();
  for (auto& repair : std::exchange(repairs_, {})) {
    repair.report.release = view();
    repair.report.repaired = true;
    repair.ear->done(std::move(repair.report));
  }
}

void Transfer::fail(const Error& error) {
  failure_ = error;
  around_.world.log(view().ref + ": " + error.message);
  proceed();
  end_listening(error);
}

void Transfer::end_listening(const Error& error) {
  for (auto& listener : std::exchange(listeners_, {})) listener.ear->done(error);
  for (auto& repair : std::exchange(repairs_, {})) repair.ear->done(error);
}

void Transfer::tell_done() {
  for (auto& listener : std::exchange(listeners_, {}))
    listener.ear->done(TransferDone{
        view(), std::chrono::duration_cast<std::chrono::milliseconds>(now() - listener.since),
        stored_.intent == store::Intent::Seed});
}

void Transfer::save_rows(const std::vector<std::size_t>& indices) {
  if (!is_in_store_) return;
  std::vector<store::StoredFile> rows;
  for (const auto index : indices) rows.push_back(files_.row(index));
  const auto saved = around_.world.store.save_progress(stored_.release_id, rows, stored_.uploaded,
                                                       stored_.downloaded);
  if (!saved) around_.world.log(view().ref + ": " + saved.error().message);
}

}  // namespace owrd::engine
