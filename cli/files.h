#pragma once

#include <cstdint>
#include <filesystem>

#include "daemon/core/bytes.h"
#include "daemon/core/result.h"

namespace owrd::cli {

/// All of a file, at most `limit_bytes` of it; "-" is standard input. NotFound, Denied or Io name
/// the path, InvalidInput says that it is too long.
Result<Bytes> read_file(const std::filesystem::path& path, std::uint64_t limit_bytes);

/// Writes a whole file under a temporary name and moves it into place: never half of it. A link is
/// followed. InvalidInput when what is there is no regular file, AlreadyExists when it belongs to a
/// release.
Result<> write_file(const std::filesystem::path& path, ByteView bytes);
/// The same, but AlreadyExists when something has that name.
Result<> write_new_file(const std::filesystem::path& path, ByteView bytes);

/// Makes names that were given in this directory durable.
void sync_directory(const std::filesystem::path& directory);

/// Absolute, without "." and ".." elements; relative to where the command was called.
std::string absolute_path(const std::string& path);

}  // namespace owrd::cli
