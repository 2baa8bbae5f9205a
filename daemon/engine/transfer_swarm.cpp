// The part of Transfer that speaks with the swarm: torrents, pieces, checkpoints, disk errors,
// limits.

#include <algorithm>
#include <cerrno>
#include <utility>

#include "daemon/core/units.h"
#include "daemon/engine/transfer.h"
#include "daemon/release/path_rules.h"

namespace owrd::engine {
namespace {

using namespace std::chrono_literals;

constexpr auto kCheckpointInterval = 10s;
constexpr std::uint64_t kCheckpointBytes = 512ull * 1024 * 1024;
constexpr auto kDiskRetry = 5s;
constexpr auto kWindowPatience = 30s;
/// A full disk is tried again only when this much has become free.
constexpr std::uint64_t kDiskHeadroomBytes = 64ull * 1024 * 1024;

/// Whether any write from here on shows in the file's time of change, which goes in steps of
/// milliseconds.
bool shows_later_writes(const content::FileIdentity& identity) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return now - std::chrono::nanoseconds(identity.modified_ns) > 1s;
}

}  // namespace

v1::SwarmAdd Transfer::make_add(Kind kind) const {
  const auto& torrent = believed_.torrent;
  v1::SwarmAdd add;
  add.set_infohash(torrent.infohash.to_field());
  add.set_info(torrent.info);
  for (const auto& peer : stored_.peers) add.add_peers(peer);
  for (const auto& peer : known_endpoints_) add.add_peers(peer);
  for (const auto& tracker : stored_.trackers) add.add_trackers(tracker);
  for (const auto& tracker : believed_.manifest.message().trackers()) add.add_trackers(tracker);
  for (const auto& file : torrent.files) add.add_paths(file.path);
  add_layers(add);
  if (kind == Kind::Seed) {
    add.set_directory(stored_.directory.string());
    add.set_have(std::string(as_text(files_.verified_pieces().bytes())));
    add.set_upload_only(true);
    add.set_super_seeding(stored_.super_seeding && around_.settings.super_seed && !is_partial());
    return add;
  }
  add.set_directory(staging_directory(stored_.directory).string());
  auto have = files_.staged_pieces();
  have.merge(0, files_.verified_pieces());
  add.set_have(std::string(as_text(have.bytes())));
  // Others go on getting what is good here already.
  add.set_final_directory(stored_.directory.string());
  for (std::size_t i = 0; i < files_.size(); ++i)
    if (files_[i].is_verified) add.add_final_files(static_cast<std::uint32_t>(i));
  if (kind == Kind::Layers) {
    add.add_wanted_files(static_cast<std::uint32_t>(*torrent.find(release::kLayersName)));
    return add;
  }
  for (const auto index : window_) add.add_wanted_files(static_cast<std::uint32_t>(index));
  return add;
}

void Transfer::add_layers(v1::SwarmAdd& add) const {
  const std::string name(release::kLayersName);
  const auto limit =
      release::layers_length(believed_.manifest.files(), believed_.manifest.piece_length());
  const auto* known = layers();
  auto bytes =
      limit == 0 ? Result<Bytes>(Bytes()) : content::read_file(stored_.directory, name, limit);
  if (!bytes) bytes = content::read_file(staging_directory(stored_.directory), name, limit);
  if (!known || !bytes || bytes->size() != limit) return;
  for (const auto& layer : layers_by_root(believed_.torrent, *known, believed_.proof, *bytes)) {
    auto& entry = *add.add_layers();
    entry.set_root(layer.root.to_field());
    for (const auto& hash : layer.hashes) entry.mutable_hashes()->append(as_text(hash.bytes()));
  }
  if (is_complete()) layers_.reset();
}

void Transfer::on_torrent_event(const v1::SwarmEvent& event) {
  switch (event.event_case()) {
    case v1::SwarmEvent::kPieces:
      return on_pieces(event.pieces());
    case v1::SwarmEvent::kStats:
      if (event.stats().downloaded() != stats_.downloaded()) last_byte_ = now();
      stats_ = event.stats();
      if (!stats_.endpoints().empty())
        known_endpoints_.assign(stats_.endpoints().begin(), stats_.endpoints().end());
      return;
    case v1::SwarmEvent::kCheckpointed:
      return on_checkpointed(event.checkpointed());
    case v1::SwarmEvent::kDiskError:
      return on_disk_error(event.disk_error());
    case v1::SwarmEvent::kHeard:
      return around_.hear(event.heard().peer(), as_bytes(event.heard().object()));
    case v1::SwarmEvent::kRemoved:
      return on_closed();
    case v1::SwarmEvent::kFailed:
      torrent_.reset();
      stats_.Clear();
      return fail(Error{ErrorCode::Internal,
                        "the swarm refused " + view().ref + ": " + event.failed().reason()});
    default:
      return;
  }
}

void Transfer::tell_peers() {
  if (!torrent_ || torrent_->is_closing) return;
  const auto objects = around_.objects_for(*this);
  if (objects.empty()) return;
  v1::SwarmCommand command;
  command.mutable_tell()->set_id(torrent_->id);
  for (const auto& object : objects)
    command.mutable_tell()->add_objects(std::string(as_text(object)));
  around_.link.send(command);
}

void Transfer::on_swarm_lost(const std::string& reason) {
  if (!torrent_) return;
  around_.world.log(view().ref + ": the swarm process was lost (" + reason +
                    "); it is started again");
  torrent_.reset();
  is_checkpointing_ = false;
  stored_.uploaded += stats_.uploaded();
  stored_.downloaded += stats_.downloaded();
  stats_.Clear();
  files_.forget_what_is_not_durable();
  proceed();
}

void Transfer::on_pieces(const v1::SwarmPieces& pieces) {
  bool completed_any = false;
  for (const auto piece : pieces.pieces()) {
    completed_any = files_.arrive(piece).has_value() || completed_any;
    bytes_since_checkpoint_ += believed_.torrent.piece_length;
  }
  last_byte_ = now();
  if (completed_any) proceed();
}

void Transfer::on_disk_error(const v1::SwarmDiskError& error) {
  const auto file = (stored_.directory / error.file()).string();
  around_.world.log(view().ref + ": " + file + ": " + error.reason());
  if (!torrent_ || torrent_->is_closing) return;
  if (torrent_->kind == Kind::Seed) return;  // The sweep finds what is wrong with the file.
  disk_problem_ = error.error() == ENOSPC || error.error() == EDQUOT
                      ? "the disk is full (" + file + ")"
                      : "the disk failed: " + error.reason() + " (" + file + ")";
  disk_retry_ = now() + kDiskRetry;
}

/// Nobody may have what the window wants, while others are there to be had.
void Transfer::turn_to_other_files() {
  if (!torrent_ || torrent_->kind != Kind::Files || torrent_->is_closing) return;
  if (now() - std::max(last_byte_, window_since_) < kWindowPatience) return;
  std::size_t missing = 0;
  for (const auto index : files_.wanted_unverified())
    if (!files_.has_arrived(index)) ++missing;
  const auto open = std::count_if(window_.begin(), window_.end(),
                                  [&](std::size_t index) { return !files_.has_arrived(index); });
  if (missing <= static_cast<std::size_t>(open)) return;
  first_in_turn_ = (window_.back() + 1) % files_.size();
  have_no_torrent();
}

void Transfer::retry_disk() {
  if (disk_problem_.empty() || now() < disk_retry_) return;
  disk_retry_ = now() + kDiskRetry;
  const auto free = content::free_bytes(stored_.directory);
  const auto missing = files_.bytes_wanted() - files_.bytes_wanted_here();
  if (!free || *free < around_.settings.reserve_free_bytes + std::min(missing, kDiskHeadroomBytes))
    return;
  disk_problem_.clear();
  if (!torrent_ || torrent_->is_closing) return;
  v1::SwarmCommand command;
  command.mutable_set_upload_only()->set_id(torrent_->id);
  command.mutable_set_upload_only()->set_upload_only(false);
  around_.link.send(command);
}

void Transfer::checkpoint() {
  if (!torrent_ || torrent_->is_closing || torrent_->kind != Kind::Files || is_checkpointing_)
    return;
  if (bytes_since_checkpoint_ == 0) return;
  if (bytes_since_checkpoint_ < kCheckpointBytes && now() - last_checkpoint_ < kCheckpointInterval)
    return;
  is_checkpointing_ = true;
  bytes_since_checkpoint_ = 0;
  last_checkpoint_ = now();
  v1::SwarmCommand command;
  command.mutable_checkpoint()->set_id(torrent_->id);
  command.mutable_checkpoint()->set_token(torrent_->id);
  around_.link.send(command);
}

void Transfer::on_checkpointed(const v1::SwarmCheckpointed& checkpointed) {
  if (!torrent_ || torrent_->is_closing || is_busy()) {
    is_checkpointing_ = false;
    return;
  }
  save_durable(Bitmap(believed_.torrent.piece_count, as_bytes(checkpointed.have())), [this] {
    is_checkpointing_ = false;
    check_early();
    proceed();
  });
}

/// First the bytes reach the disk, then the bitmap that vouches for them.
void Transfer::save_durable(const Bitmap& have, std::function<void()> then) {
  std::vector<std::pair<std::size_t, Bitmap>> changed;
  std::vector<std::string> paths;
  for (const auto index : files_.wanted_unverified()) {
    const auto& file = believed_.torrent.files[index];
    auto bits = have.slice(file.first_piece, file.piece_count);
    if (bits.count() <= files_[index].durable.count()) continue;
    changed.emplace_back(index, std::move(bits));
    paths.push_back(file.path);
  }
  run<Done>([staging = staging_directory(stored_.directory),
             paths](const content::JobContext&) { return content::sync_files(staging, paths); },
            [this, changed = std::move(changed), then = std::move(then)](Result<> synced) {
              std::vector<std::size_t> indices;
              for (const auto& [index, bits] : changed) {
                if (!synced || files_[index].is_verified) continue;
                files_[index].durable.merge(0, bits);
                // The worker may have been lost, and what was not durable forgotten, meanwhile.
                files_[index].arrived.merge(0, bits);
                indices.push_back(index);
              }
              if (!synced) around_.world.log(view().ref + ": " + synced.error().message);
              save_rows(indices);
              then();
            });
}

/// Hashes one file that is complete while others are still being fetched, so that little is left
/// for the end. The worker could still write to it: the verdict holds only while its time of change
/// stays what it was.
void Transfer::check_early() {
  if (checking_early_ || !is_running()) return;
  for (const auto index : files_.wanted_unverified()) {
    const auto& state = files_[index];
    if (state.checked || state.durable.size() == 0 || !state.durable.all()) continue;
    const auto identity = content::identify(staging_directory(stored_.directory),
                                            believed_.torrent.files[index].path);
    if (!identity || !shows_later_writes(*identity)) continue;
    checking_early_ = index;
    around_.world.jobs.run<std::vector<content::CheckedFile>>(
        [staging = staging_directory(stored_.directory),
         file = expected_file(believed_.torrent, index, layers()),
         piece_length = believed_.torrent.piece_length](const content::JobContext& job) {
          return content::check_files(staging, {file}, piece_length, job);
        },
        [self = weak_from_this(), index](Result<std::vector<content::CheckedFile>> checks) {
          const auto alive = self.lock();
          if (!alive) return;
          alive->checking_early_.reset();
          if (checks) alive->on_checked_early(index, checks->front());
        });
    return;
  }
}

void Transfer::on_checked_early(std::size_t index, const content::CheckedFile& check) {
  auto& state = files_[index];
  if (state.is_verified || check.state != content::CheckedFile::State::Good) return;
  state.checked = check.identity;
  check_early();
}

void Transfer::check_seed_limit() {
  if (!is_complete() || stored_.intent != store::Intent::Seed || !torrent_) return;
  const auto& limit = stored_.seed_limit;
  const auto size = files_.bytes_wanted();
  const auto uploaded = stored_.uploaded + stats_.uploaded();
  const bool ratio_reached =
      limit.ratio_permille != 0 && size != 0 &&
      uploaded / size * 1000 + uploaded % size * 1000 / size >= limit.ratio_permille;
  const bool time_reached = limit.seconds != 0 && around_.world.clock.now() - stored_.completed >=
                                                      static_cast<std::int64_t>(limit.seconds);
  if (!ratio_reached && !time_reached) return;
  is_detached_ = false;
  if (const auto kept = set_intent(store::Intent::Keep); !kept)
    return around_.world.log(view().ref + ": " + kept.error().message);
  tell_done();
}

void Transfer::check_timeouts() {
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    const auto listener = listeners_[i];
    if (listener.timeout.count() == 0 || is_verifying_) continue;
    if (now() - std::max(listener.since, last_byte_) < listener.timeout) continue;
    listeners_.erase(listeners_.begin() + static_cast<std::ptrdiff_t>(i));
    --i;
    const auto reason = waiting_reason();
    // Whoever goes on waiting goes on owning it.
    if (listener.is_owner && !listeners_.empty()) {
      listeners_.front().is_owner = true;
    } else if (listener.is_owner && !is_detached_) {
      is_active_ = false;
      proceed();
    }
    listener.ear->done(Error{
        ErrorCode::NoSources,
        "fetching " + view().ref + ": nothing came for " +
            format_duration(std::chrono::duration_cast<std::chrono::seconds>(listener.timeout)) +
            (reason.empty() ? "" : ": " + reason),
        "what is verified is kept; name a peer with --peer HOST:PORT, or try again later"});
  }
}

void Transfer::step() {
  listeners_.erase(
      std::remove_if(listeners_.begin(), listeners_.end(),
                     [](const Listener& listener) { return !listener.ear->is_listening(); }),
      listeners_.end());
  retry_disk();
  turn_to_other_files();
  checkpoint();
  check_seed_limit();
  check_timeouts();
  report_progress();
}

std::vector<WatchedFile> Transfer::verified_files() const {
  std::vector<WatchedFile> verified;
  for (std::size_t i = 0; i < files_.size(); ++i)
    if (files_[i].is_verified)
      verified.push_back(
          {static_cast<std::uint32_t>(i), believed_.torrent.files[i].path, files_[i].identity});
  return verified;
}

std::vector<WatchedFile> Transfer::watched_files() const {
  if (!is_running() || !is_complete() || is_busy() || stored_.intent != store::Intent::Seed)
    return {};
  auto watched = verified_files();
  for (std::size_t i = 0; i < files_.size(); ++i)
    if (!files_[i].damage.empty())
      watched.push_back(
          {static_cast<std::uint32_t>(i), believed_.torrent.files[i].path, files_[i].identity});
  return watched;
}

/// A file that is not what it was is not served from this moment on, until owrd has hashed it
/// again.
void Transfer::on_changed(const std::vector<ChangedFile>& changed) {
  if (is_busy() || !is_complete()) return;
  std::vector<std::size_t> indices;
  for (const auto& file : changed) {
    auto& state = files_[file.index];
    if (!file.identity) {
      if (state.damage == "missing") continue;
      around_.world.log(view().ref + ": " + believed_.torrent.files[file.index].path +
                        " is missing; not served any more");
      files_.set_damaged(file.index, "missing", {});
    } else {
      if (state.is_verified)
        around_.world.log(view().ref + ": " + believed_.torrent.files[file.index].path +
                          " was changed; not served until it is hashed again");
      state.is_verified = false;
      state.damage.clear();
    }
    indices.push_back(file.index);
  }
  if (indices.empty()) return;
  save_rows(indices);
  have_no_torrent();
  proceed();
}

}  // namespace owrd::engine
