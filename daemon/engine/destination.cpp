#include "daemon/engine/destination.h"

#include <string>
#include <system_error>

#include "daemon/content/files.h"
#include "daemon/engine/settling.h"
#include "daemon/release/path_rules.h"

namespace owrd::engine {
namespace {

/// What a get leaves that was killed at its very beginning.
bool holds_only_empty_staging(const std::filesystem::path& directory) {
  const auto staging = staging_directory(directory);
  const std::filesystem::directory_iterator end;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  if (error || entry == end || entry->path() != staging || !entry->is_directory(error) ||
      entry->is_symlink(error) || ++entry != end)
    return false;
  const auto is_empty = content::is_empty_or_missing(staging);
  return is_empty && *is_empty;
}

}  // namespace

Result<Destination> examine(const std::filesystem::path& directory, const Bytes& proof) {
  std::error_code error;
  if (std::filesystem::exists(directory, error) && !std::filesystem::is_directory(directory, error))
    return Error{ErrorCode::AlreadyExists, directory.string() + " is a file",
                 "choose a directory with --to DIR"};
  const auto is_empty = content::is_empty_or_missing(directory);
  if (!is_empty) return is_empty.error();
  if (*is_empty || holds_only_empty_staging(directory)) return Destination::Fresh;
  const std::string name(release::kProofName);
  for (const auto& place : {directory, staging_directory(directory)}) {
    const auto there = content::read_file(place, name, proof.size());
    if (there && *there == proof) return Destination::SameRelease;
  }
  return Error{ErrorCode::AlreadyExists,
               directory.string() + " holds other files, and none of this release",
               "choose an empty or a new directory: --to " + directory.string() + "/NAME"};
}

std::uint64_t wanted_bytes(const release::Torrent& torrent, const std::vector<bool>& wanted) {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (wanted[i]) bytes += torrent.files[i].length;
  return bytes;
}

}  // namespace owrd::engine
