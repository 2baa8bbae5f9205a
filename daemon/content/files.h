#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/bytes.h"
#include "daemon/core/result.h"

/// Small acts on files. Every function that takes a directory and a path within it opens the path
/// element by element without following symbolic links.
namespace owrd::content {

/// How the names begin that write_file() gives its files until they are whole; what a crash leaves
/// of them may be removed.
constexpr std::string_view kTemporaryPrefix = ".owrd-tmp-";

/// What tells that a file is still the one that was hashed, without reading it. Survives a rename,
/// not a write.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

/// NotFound when there is no such regular file.
Result<FileIdentity> identify(const std::filesystem::path& directory, const std::string& path);

/// NotFound, Io, or Corrupt when it is longer than `limit_bytes`.
Result<Bytes> read_file(const std::filesystem::path& directory, const std::string& path,
                        std::uint64_t limit_bytes);

/// The whole content or the old one, never a part: written beside, synced, renamed, the directory
/// synced. Parents within `directory` are made, `directory` itself is not (it may be a disk that is
/// not mounted): then NotFound. NoSpace when the disk is full, Denied when it may not be written.
Result<> write_file(const std::filesystem::path& directory, const std::string& path,
                    ByteView bytes);

/// Moves `from_directory/path` to `to_directory/path` (same file system), making parents; replaces
/// nothing: AlreadyExists when the target is there.
Result<> move_file(const std::filesystem::path& from_directory,
                   const std::filesystem::path& to_directory, const std::string& path);

/// Whether the file has further names (hard links); false when it is not there.
bool has_other_names(const std::filesystem::path& directory, const std::string& path);

/// Cuts a file that is longer than `length` bytes; leaves any other as it is. NotFound.
Result<> cut_file(const std::filesystem::path& directory, const std::string& path,
                  std::uint64_t length);

/// Makes an empty file, and its parents; AlreadyExists when one that is not empty is there.
Result<> make_empty_file(const std::filesystem::path& directory, const std::string& path);

/// Waits until what was written to these files is on the disk.
Result<> sync_files(const std::filesystem::path& directory, const std::vector<std::string>& paths);

/// Bytes that this process may still write to the file system of the nearest existing parent.
Result<std::uint64_t> free_bytes(const std::filesystem::path& directory);

/// Bytes that the file occupies (less than its size while it is sparse); 0 when it is not there.
std::uint64_t allocated_bytes(const std::filesystem::path& directory, const std::string& path);

/// Creates the directory and its parents; Denied, Io or NoSpace, naming the part at fault.
Result<> make_directory(const std::filesystem::path& directory);

/// Renames a directory to one that is missing or empty, on the same file system, durably.
/// AlreadyExists when something is there; the parents of `to` are made.
Result<> move_directory(const std::filesystem::path& from, const std::filesystem::path& to);

/// Whether it is missing or holds nothing.
Result<bool> is_empty_or_missing(const std::filesystem::path& directory);

/// Removes these files of a release and then its directories, `directory` among them, as far as
/// they are empty. Missing ones are no error.
Result<> remove_files(const std::filesystem::path& directory,
                      const std::vector<std::string>& paths);

/// Removes a directory that belongs to owrd with all that is in it. Symbolic links are removed, not
/// followed.
Result<> remove_tree(const std::filesystem::path& directory);

}  // namespace owrd::content
