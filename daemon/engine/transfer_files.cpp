// The part of Transfer that works with files on disk: reuses, takes up, settles, verifies, repairs.

#include <algorithm>
#include <utility>

#include "daemon/engine/transfer.h"
#include "daemon/hash/merkle.h"
#include "daemon/release/path_rules.h"

namespace owrd::engine {

/// A progress of a job, for all who listen then.
std::function<void(const content::Progress&)> Transfer::tell_hashing() {
  return [self = weak_from_this()](const content::Progress& progress) {
    if (const auto alive = self.lock())
      for (const auto& listener : alive->listeners_) listener.ear->hashing(progress);
  };
}

void Transfer::reuse() {
  ReuseRequest request{stored_.directory,
                       believed_,
                       *layers_,
                       {},
                       around_.find_related(*this),
                       {stored_.reuse.begin(), stored_.reuse.end()}};
  for (const auto index : files_.wanted_unverified()) {
    const auto& arrived = files_[index].arrived;
    MissingFile missing{static_cast<std::uint32_t>(index), std::vector<bool>(arrived.size())};
    for (std::uint32_t i = 0; i < arrived.size(); ++i) missing.pieces[i] = !arrived.test(i);
    if (!arrived.all()) request.files.push_back(std::move(missing));
  }
  needs_reuse_ = false;
  if (request.others.empty() && request.directories.empty()) return proceed();
  is_verifying_ = true;
  run<std::vector<ReusedFile>>(
      [request = std::move(request)](const content::JobContext& job) {
        return reuse_files(request, job);
      },
      [this](Result<std::vector<ReusedFile>> files) {
        is_verifying_ = false;
        if (files) return on_reused(*files);
        needs_reuse_ = true;
        if (files.error().code == ErrorCode::Cancelled) return proceed();
        fail(files.error());
      },
      tell_hashing());
}

void Transfer::on_reused(const std::vector<ReusedFile>& files) {
  std::vector<std::size_t> indices;
  for (const auto& file : files) {
    const auto before = files_.bytes_here(file.index);
    for (const auto piece : file.pieces) files_.set_staged(file.index, piece);
    stored_.reused += files_.bytes_here(file.index) - before;
    indices.push_back(file.index);
  }
  save_rows(indices);
  if (const auto saved = around_.world.store.update_release(stored_); !saved)
    around_.world.log(view().ref + ": " + saved.error().message);
  proceed();
}

void Transfer::take_up(TakeUp how) {
  is_verifying_ = true;
  needs_take_up_ = false;
  const auto& manifest = believed_.manifest;
  if (!layers_) layers_ = read_layers(stored_.directory, manifest);
  run<std::vector<SettledFile>>(
      [directory = stored_.directory, files = staged_files(files_.wanted_unverified()),
       piece_length = manifest.piece_length(), how](const content::JobContext& job) {
        return take_up_files(directory, files, piece_length, how, job);
      },
      [this, how](Result<std::vector<SettledFile>> files) {
        is_verifying_ = false;
        if (!files) {
          needs_take_up_ = how != TakeUp::Look;
          return files.error().code == ErrorCode::Cancelled ? proceed() : fail(files.error());
        }
        if (how == TakeUp::Look) return on_looked(*files);
        if (how == TakeUp::Replace) return on_settled(*files);
        on_taken_up(*files);
      },
      tell_hashing());
}

void Transfer::on_looked(const std::vector<SettledFile>& files) {
  std::vector<std::size_t> indices;
  for (const auto& file : files) {
    indices.push_back(file.index);
    if (file.check.state == content::CheckedFile::State::Good)
      files_.set_verified(file.index, file.check.identity);
    else
      files_.set_damaged(file.index, file.check.problem, file.check.identity);
  }
  save_rows(indices);
  layers_.reset();
  proceed();
}

/// A file that somebody has changed is theirs: fetching does not replace it.
void Transfer::on_taken_up(const std::vector<SettledFile>& files) {
  std::vector<std::size_t> indices;
  const SettledFile* changed = nullptr;
  for (const auto& file : files) {
    indices.push_back(file.index);
    if (file.check.state == content::CheckedFile::State::Good)
      files_.set_verified(file.index, file.check.identity);
    else
      files_.set_missing(file.index);
    const bool is_there = file.check.state == content::CheckedFile::State::BadPieces ||
                          file.check.state == content::CheckedFile::State::WrongLength;
    if (is_there && !changed) changed = &file;
  }
  save_rows(indices);
  if (!changed) return proceed();
  const auto path = stored_.directory / believed_.torrent.files[changed->index].path;
  const Error refusal{ErrorCode::Corrupt,
                      path.string() + " is not what was signed (" + changed->check.problem +
                          "), and a get replaces nothing",
                      "to replace what differs: owrd verify --repair " + view().ref +
                          "; to keep it, choose another place with --to DIR"};
  if (!before_) {
    needs_take_up_ = true;
    return fail(refusal);
  }
  go_back(files, refusal);
}

/// Nothing was done to a release that was complete, so it is again what it was.
void Transfer::go_back(const std::vector<SettledFile>& files, const Error& error) {
  for (const auto& file : files)
    if (file.check.state != content::CheckedFile::State::Good)
      files_.set_damaged(file.index, file.check.problem, file.check.identity);
  stored_ = *std::exchange(before_, std::nullopt);
  if (const auto saved = around_.world.store.update_release(stored_); !saved)
    return fail(saved.error());
  end_listening(error);
  proceed();
}

void Transfer::allow(const std::vector<std::string>& rules) {
  auto changed = stored_;
  for (const auto& rule : rules)
    if (std::find(changed.allow.begin(), changed.allow.end(), rule) == changed.allow.end())
      changed.allow.push_back(rule);
  if (changed.allow.size() == stored_.allow.size()) return;
  if (const auto saved = around_.world.store.update_release(changed); !saved)
    return around_.world.log(view().ref + ": " + saved.error().message);
  stored_ = std::move(changed);
}

void Transfer::settle() {
  is_verifying_ = true;
  const auto remedy =
      "they stay where they were fetched; to take them all the same: owrd get " + view().ref;
  run<std::vector<SettledFile>>(
      [directory = stored_.directory, files = staged_files(files_.wanted_unverified()),
       piece_length = believed_.manifest.piece_length(), allow = stored_.allow,
       remedy](const content::JobContext& job) {
        return settle_files(directory, files, piece_length, AuditPolicy{allow, remedy}, job);
      },
      [this](Result<std::vector<SettledFile>> files) {
        is_verifying_ = false;
        if (files) return on_settled(*files);
        if (files.error().code == ErrorCode::Cancelled) return proceed();
        fail(files.error());
      },
      tell_hashing());
}

void Transfer::on_settled(const std::vector<SettledFile>& files) {
  std::vector<std::size_t> indices;
  for (const auto& file : files) {
    indices.push_back(file.index);
    switch (file.check.state) {
      case content::CheckedFile::State::Good:
        files_.set_verified(file.index, file.check.identity);
        break;
      case content::CheckedFile::State::BadPieces:
      case content::CheckedFile::State::WrongLength:
        files_.set_bad(file.index, file.check.bad_pieces);
        break;
      case content::CheckedFile::State::Missing:
      case content::CheckedFile::State::Unreadable:
        files_.set_missing(file.index);
        break;
    }
    if (file.check.state != content::CheckedFile::State::Good)
      around_.world.log(view().ref + ": " + believed_.torrent.files[file.index].path + ": " +
                        file.check.problem + "; fetching it again");
  }
  save_rows(indices);
  proceed();
}

/// Of a staged file that is small: whether its bytes are the manifest's.
bool Transfer::is_as_signed(std::size_t index) const {
  const auto& file = believed_.torrent.files[index];
  const auto bytes =
      content::read_file(staging_directory(stored_.directory), file.path, file.length);
  if (!bytes || bytes->size() != file.length) return false;
  hash::FileHasher hasher(file.length, believed_.torrent.piece_length);
  hasher.update(*bytes);
  return hasher.finish().pieces_root == file.pieces_root;
}

void Transfer::on_layers_arrived() {
  const auto index = *believed_.torrent.find(release::kLayersName);
  layers_ = read_layers(staging_directory(stored_.directory), believed_.manifest);
  if (!layers_ && is_as_signed(index))
    return fail(Error{ErrorCode::Corrupt,
                      view().ref + ": layers.owrd is as " + believed_.petname +
                          " signed it, but does not fold to the roots in the manifest",
                      "tell the publisher: this release cannot be fetched by anyone"});
  if (!layers_) files_.set_missing(index);
  save_rows({index});
  proceed();
}

Result<> Transfer::verify(const EarPtr<VerifyReport>& ear, bool repair) {
  if (is_busy())
    return Error{ErrorCode::Busy, view().ref + " is being hashed already",
                 "owrd watch " + view().ref + "   (until that is done)"};
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < files_.size(); ++i)
    if (files_[i].is_wanted) indices.push_back(i);
  const auto layers = read_layers(stored_.directory, believed_.manifest);
  std::vector<StagedFile> files;
  for (const auto index : indices)
    files.push_back({static_cast<std::uint32_t>(index),
                     expected_file(believed_.torrent, index, layers ? &*layers : nullptr),
                     std::nullopt});
  is_verifying_ = true;
  const auto job = run<std::vector<SettledFile>>(
      [directory = stored_.directory, files = std::move(files),
       piece_length = believed_.manifest.piece_length()](const content::JobContext& context) {
        return take_up_files(directory, files, piece_length, TakeUp::Look, context);
      },
      [this, ear, repair, indices](Result<std::vector<SettledFile>> checked) {
        is_verifying_ = false;
        if (!checked) {
          ear->done(checked.error());
          return proceed();
        }
        bool all_good = true;
        const auto served = files_.verified_pieces();
        for (const auto& file : *checked) {
          if (file.check.state == content::CheckedFile::State::Good) {
            files_.set_verified(file.index, file.check.identity);
            continue;
          }
          all_good = false;
          files_.set_damaged(file.index, file.check.problem, file.check.identity);
        }
        save_rows(indices);
        auto findings = report(*checked);
        if (all_good || !repair) {
          if (files_.verified_pieces().bytes() != served.bytes()) have_no_torrent();
          ear->done(std::move(findings));
          return proceed();
        }
        repairs_.push_back({ear, std::move(findings)});
        if (const auto wanted = want_also(std::vector<bool>(files_.size(), false)); !wanted)
          return fail(wanted.error());
        take_up_what_is_there(/*may_replace=*/true);
        activate();
      },
      [ear](const content::Progress& progress) { ear->hashing(progress); });
  ear->set_on_let_go([job] { job.cancel(); });
  return Done{};
}

Result<> Transfer::go_on_repairing(const EarPtr<VerifyReport>& ear) {
  take_up_what_is_there(/*may_replace=*/true);
  if (const auto set = set_intent(store::Intent::Get); !set) return set.error();
  std::vector<SettledFile> unproven;
  for (const auto index : files_.wanted_unverified()) {
    unproven.push_back({static_cast<std::uint32_t>(index), {}});
    unproven.back().check.state = content::CheckedFile::State::BadPieces;
  }
  repairs_.push_back({ear, report(unproven)});
  activate();
  return Done{};
}

const release::Layers* Transfer::layers() const {
  if (!layers_) layers_ = read_layers(stored_.directory, believed_.manifest);
  if (!layers_) {
    const auto index = *believed_.torrent.find(release::kLayersName);
    if (files_.has_arrived(index))
      layers_ = read_layers(staging_directory(stored_.directory), believed_.manifest);
  }
  return layers_ ? &*layers_ : nullptr;
}

std::vector<StagedFile> Transfer::staged_files(const std::vector<std::size_t>& indices) const {
  std::vector<StagedFile> files;
  for (const auto index : indices)
    files.push_back({static_cast<std::uint32_t>(index),
                     expected_file(believed_.torrent, index, layers_ ? &*layers_ : nullptr),
                     files_[index].checked});
  return files;
}

}  // namespace owrd::engine
