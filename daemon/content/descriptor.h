#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "daemon/content/files.h"
#include "daemon/core/system.h"

/// The system calls under this room: descriptors, and paths opened element by element.
namespace owrd::content {

/// What to do about a file that is in the way.
std::string move_away_hint(const std::filesystem::path& what);

/// Something other than a regular file has the name of one.
Error not_regular(const std::filesystem::path& what);

/// A directory that a person or the configuration named: symbolic links on the way to it are
/// theirs, and followed.
Result<Descriptor> open_directory(std::string_view act, const std::filesystem::path& directory);

/// The last element of a path and the open directory that holds it.
struct Place {
  Descriptor parent;
  std::string name;
};

/// Whether directories that are missing on the way to a file are made.
enum class Parents { MustExist, AreMade };

/// Walks from `directory` to the parent of `path`, following no symbolic link below `directory`.
/// The error says what was being done (`act`, "writing") to which path.
Result<Place> find_place(std::string_view act, const std::filesystem::path& directory,
                         const std::string& path, Parents parents);

/// Opens a regular file below `directory` for reading, following no link; NotFound for anything
/// else of that name.
Result<Descriptor> open_file(const std::filesystem::path& directory, const std::string& path);

FileIdentity identity_of(const struct stat& status);

/// What stands behind an open regular file; NotFound, naming `what`, when it is none.
Result<FileIdentity> identify(const Descriptor& file, const std::filesystem::path& what);

/// Fills as much of `buffer` as the file has from `offset` on; less only at its end.
Result<std::size_t> read_at(const Descriptor& file, std::span<std::byte> buffer,
                            std::uint64_t offset, const std::filesystem::path& what);

}  // namespace owrd::content
