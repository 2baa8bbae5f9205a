#include "daemon/engine/copying.h"

#include "daemon/engine/settling.h"
#include "daemon/release/path_rules.h"

namespace owrd::engine {
namespace {

/// Owrd's own files are wanted always, so this is what tells a later get whose files these are.
Result<> mark(const std::filesystem::path& staging, const Believed& believed) {
  if (const auto made = content::make_directory(staging); !made) return made.error();
  return content::write_file(staging, std::string(release::kProofName), believed.proof);
}

}  // namespace

Result<> copy_release(const std::filesystem::path& from, const std::filesystem::path& to,
                      const Believed& believed, const std::vector<bool>& wanted,
                      const content::JobContext& job) {
  const auto& files = believed.torrent.files;
  const auto staging = staging_directory(to);
  const auto layers = read_layers(from, believed.manifest);
  std::vector<StagedFile> there;
  std::vector<StagedFile> missing;
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!wanted[i]) continue;
    const bool is_there = static_cast<bool>(content::identify(to, files[i].path));
    (is_there ? there : missing)
        .push_back({static_cast<std::uint32_t>(i),
                    expected_file(believed.torrent, i, layers ? &*layers : nullptr), std::nullopt});
    if (!is_there && files[i].path != release::kProofName) paths.push_back(files[i].path);
  }
  if (missing.empty())
    return Error{ErrorCode::AlreadyExists, to.string() + " holds this release already",
                 "to check it: owrd verify " + to.string()};
  const auto looked =
      take_up_files(to, std::move(there), believed.torrent.piece_length, TakeUp::Look, job);
  if (!looked) return looked.error();
  for (const auto& file : *looked)
    if (file.check.state != content::CheckedFile::State::Good)
      return Error{ErrorCode::Corrupt,
                   (to / files[file.index].path).string() + " is not what was signed (" +
                       file.check.problem + "), and a get replaces nothing",
                   "choose another place with --to DIR"};
  if (const auto marked = mark(staging, believed); !marked) return marked.error();
  for (const auto& path : paths)
    if (const auto removed = content::remove_files(staging, {path}); !removed)
      return removed.error();
  if (const auto copied = content::copy_files(from, staging, paths, job); !copied)
    return copied.error();
  const auto settled =
      settle_files(to, std::move(missing), believed.torrent.piece_length, std::nullopt, job);
  if (!settled) return settled.error();
  for (const auto& file : *settled)
    if (file.check.state != content::CheckedFile::State::Good)
      return Error{ErrorCode::Corrupt,
                   "copying " + (from / files[file.index].path).string() +
                       ": it is not what was signed: " + file.check.problem,
                   "owrd verify --repair " + ref_text(believed.petname, believed.manifest)};
  return content::remove_tree(staging);
}

}  // namespace owrd::engine
