#include "daemon/engine/destination.h"

#include <algorithm>
#include <string>
#include <system_error>

#include "daemon/content/files.h"
#include "daemon/engine/settling.h"
#include "daemon/release/path_rules.h"

namespace owrd::engine {
namespace {

bool holds_only_temporaries(const std::filesystem::path& staging) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(staging, error))
    if (!entry.path().filename().string().starts_with(content::kTemporaryPrefix)) return false;
  return !error;
}

/// What a get leaves that was killed at its very beginning, perhaps while it wrote the proof.
bool holds_only_empty_staging(const std::filesystem::path& directory) {
  const auto staging = staging_directory(directory);
  const std::filesystem::directory_iterator end;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  if (error || entry == end || entry->path() != staging || !entry->is_directory(error) ||
      entry->is_symlink(error) || ++entry != end)
    return false;
  return holds_only_temporaries(staging);
}

Error is_a_file(const std::filesystem::path& directory) {
  return {ErrorCode::AlreadyExists, directory.string() + " is a file",
          "choose a directory with --to DIR"};
}

Error holds_others(const std::filesystem::path& directory) {
  return {ErrorCode::AlreadyExists,
          directory.string() + " holds other files, and none of this release",
          "choose an empty or a new directory: --to " + directory.string() + "/NAME"};
}

}  // namespace

bool is_same_place(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code error;
  return a == b || (std::filesystem::equivalent(a, b, error) && !error);
}

Result<> check_place(const std::filesystem::path& directory, const std::filesystem::path& store) {
  std::error_code error;
  const auto root = std::filesystem::weakly_canonical(store, error);
  const auto place = std::filesystem::weakly_canonical(directory, error);
  if (std::mismatch(root.begin(), root.end(), place.begin(), place.end()).first == root.end())
    return Error{ErrorCode::InvalidInput, directory.string() + " lies within owrd's own store",
                 "choose another place with --to DIR, or none for a place in the store"};
  if (std::filesystem::exists(directory, error) && !std::filesystem::is_directory(directory, error))
    return is_a_file(directory);
  const auto is_empty = content::is_empty_or_missing(directory);
  if (!is_empty) return is_empty.error();
  const std::string name(release::kProofName);
  const bool has_release = *is_empty || content::identify(directory, name) ||
                           std::filesystem::is_directory(staging_directory(directory), error);
  return has_release ? Result<>(Done{}) : Result<>(holds_others(directory));
}

Result<Destination> examine(const std::filesystem::path& directory, const Bytes& proof) {
  std::error_code error;
  if (std::filesystem::exists(directory, error) && !std::filesystem::is_directory(directory, error))
    return is_a_file(directory);
  const auto is_empty = content::is_empty_or_missing(directory);
  if (!is_empty) return is_empty.error();
  if (*is_empty || holds_only_empty_staging(directory)) return Destination::Fresh;
  const std::string name(release::kProofName);
  for (const auto& place : {directory, staging_directory(directory)}) {
    const auto there = content::read_file(place, name, proof.size());
    if (there && *there == proof) return Destination::SameRelease;
  }
  return holds_others(directory);
}

std::uint64_t wanted_bytes(const release::Torrent& torrent, const std::vector<bool>& wanted) {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (wanted[i]) bytes += torrent.files[i].length;
  return bytes;
}

}  // namespace owrd::engine
