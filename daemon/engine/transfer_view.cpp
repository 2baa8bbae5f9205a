// The part of Transfer that tells how it stands.

#include <algorithm>

#include "daemon/engine/transfer.h"
#include "daemon/release/path_rules.h"

namespace owrd::engine {

bool Transfer::is_partial() const {
  for (std::size_t i = 0; i < files_.size(); ++i)
    if (!files_[i].is_wanted) return true;
  return false;
}

State Transfer::state() const {
  if (failure_) return State::Failed;
  if (is_verifying_) return State::Verifying;
  for (std::size_t i = 0; i < files_.size(); ++i)
    if (!files_[i].damage.empty()) return State::Damaged;
  if (stored_.intent == store::Intent::Paused) return State::Paused;
  if (is_complete()) return is_running() ? State::Seeding : State::Complete;
  if (!is_active_) return State::Paused;
  return torrent_ && torrent_->kind == Kind::Layers ? State::Resolving : State::Getting;
}

std::string Transfer::waiting_reason() const {
  if (!disk_problem_.empty()) return disk_problem_;
  if (is_complete() || !is_running() || is_busy()) return "";
  if (!torrent_) return around_.link.swarm().is_running() ? "" : "the swarm process is starting";
  // The rate is an average that takes its time to fall.
  if (now() - last_byte_ < std::chrono::seconds(2)) return "";
  if (stats_.peers() == 0) return "no peers yet";
  if (!stats_.has_missing_piece()) return "";
  const auto piece = stats_.missing_piece();
  for (const auto& file : believed_.torrent.files)
    if (piece >= file.first_piece && piece < file.first_piece + file.piece_count)
      return std::to_string(stats_.peers()) +
             (stats_.peers() == 1 ? " peer, which lacks piece "
                                  : " peers, all of which lack piece ") +
             std::to_string(piece) + " (" + file.path + ")";
  return "";
}

std::string Transfer::damage_detail() const {
  constexpr std::size_t kMostNamed = 3;
  std::string detail;
  std::size_t damaged = 0;
  for (std::size_t i = 0; i < files_.size(); ++i)
    if (!files_[i].damage.empty() && ++damaged <= kMostNamed)
      detail += (detail.empty() ? "not served: " : "; ") + believed_.torrent.files[i].path + " (" +
                files_[i].damage + ")";
  if (damaged > kMostNamed) detail += "; and " + std::to_string(damaged - kMostNamed) + " more";
  return detail;
}

ReleaseView Transfer::view() const {
  ReleaseView view;
  view.ref = ref_text(believed_.petname, believed_.manifest);
  view.release_id = stored_.release_id;
  view.infohash = stored_.infohash;
  view.publisher_id = stored_.publisher_id;
  view.state = state();
  for (const auto& file : believed_.torrent.files) view.bytes_total += file.length;
  view.bytes_wanted = files_.bytes_wanted();
  view.bytes_verified = files_.bytes_wanted_here();
  view.bytes_uploaded = stored_.uploaded + stats_.uploaded();
  view.bytes_downloaded = stored_.downloaded + stats_.downloaded();
  view.bytes_reused = stored_.reused;
  view.download_rate = stats_.download_rate();
  view.upload_rate = stats_.upload_rate();
  view.peers = stats_.peers();
  view.seeds = stats_.seeds();
  view.files = static_cast<std::uint32_t>(files_.size());
  view.added = stored_.added;
  view.directory = stored_.directory;
  view.license = believed_.manifest.license();
  view.is_partial = is_partial();
  for (std::size_t i = 0; i < files_.size(); ++i)
    if (!files_[i].damage.empty()) view.damaged_files.push_back(believed_.torrent.files[i].path);
  view.detail = failure_ ? failure_->message : waiting_reason();
  if (!view.damaged_files.empty()) view.detail = damage_detail();
  return view;
}

std::vector<FileView> Transfer::file_views() const {
  std::vector<FileView> views;
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const auto& file = believed_.torrent.files[i];
    views.push_back({file.path, file.length, file.pieces_root, std::nullopt, files_.bytes_here(i),
                     files_[i].is_wanted, v1::FILE_ROLE_OTHER});
  }
  for (const auto& file : believed_.manifest.files()) {
    auto& view = views[*believed_.torrent.find(file.path)];
    view.sha256 = file.sha256;
    view.role = file.role;
  }
  return views;
}

TransferProgress Transfer::progress() const {
  constexpr std::size_t kMostActive = 6;
  TransferProgress progress;
  progress.release = view();
  const auto views = file_views();
  for (std::size_t i = 0; i < files_.size(); ++i) {
    if (!files_[i].is_wanted) continue;
    ++progress.files_wanted;
    if (files_[i].is_verified) ++progress.files_done;
    const bool is_under_way =
        views[i].bytes_verified != 0 && views[i].bytes_verified < views[i].length;
    if (is_under_way && progress.active.size() < kMostActive) progress.active.push_back(views[i]);
  }
  const auto left = progress.release.bytes_wanted - progress.release.bytes_verified;
  if (progress.release.download_rate != 0)
    progress.eta = std::chrono::seconds(left / progress.release.download_rate);
  return progress;
}

TransferPlan Transfer::plan(bool was_running) const {
  TransferPlan plan{view(), file_views(),        files_.bytes_wanted_here(),
                    0,      believed_.signed_by, was_running};
  plan.envelope = believed_.proof;
  if (const auto free = content::free_bytes(stored_.directory)) plan.bytes_free = *free;
  return plan;
}

TransferPlan Transfer::plan_with(const std::vector<bool>& wanted) const {
  auto all = wanted;
  for (std::size_t i = 0; i < files_.size(); ++i) all[i] = all[i] || files_[i].is_wanted;
  const Transfer imagined(surroundings_, stored_, believed_, all, files_.rows());
  auto plan = imagined.plan(is_running());
  plan.release.state = state();
  return plan;
}

std::vector<std::string> Transfer::endpoints() const {
  return {stats_.endpoints().begin(), stats_.endpoints().end()};
}

void Transfer::report_progress() {
  if (listeners_.empty() && repairs_.empty()) return;
  const auto current = progress();
  const auto listeners = listeners_;
  for (const auto& listener : listeners) listener.ear->progress(current);
  const auto repairs = repairs_;
  for (const auto& repair : repairs) repair.ear->progress(current);
}

VerifyReport Transfer::report(const std::vector<SettledFile>& files) const {
  VerifyReport report{view(), {}, false, believed_.signed_by};
  for (std::size_t i = 0; i < files_.size(); ++i)
    report.files.push_back({believed_.torrent.files[i].path, true, true, "", {}});
  for (const auto& file : files) {
    auto& entry = report.files[file.index];
    entry.is_skipped = false;
    entry.is_ok = file.check.state == content::CheckedFile::State::Good;
    entry.problem = file.check.problem;
    entry.bad_pieces = file.check.bad_pieces;
  }
  return report;
}

}  // namespace owrd::engine
