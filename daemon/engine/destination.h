#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "daemon/core/bytes.h"
#include "daemon/core/result.h"
#include "daemon/release/torrent.h"

namespace owrd::engine {

/// What an explicit destination may hold: nothing, or (part of) this very release.
enum class Destination { Fresh, SameRelease };

/// Whether two paths name one directory, be it by way of a symbolic link.
bool is_same_place(const std::filesystem::path& a, const std::filesystem::path& b);

/// What can be said before it is known what is to go there. AlreadyExists for a file, and for a
/// directory that holds something and no part of any release; InvalidInput within the store.
Result<> check_place(const std::filesystem::path& directory, const std::filesystem::path& store);

/// What lies at the place where a release is to go, which `proof` is of. AlreadyExists when it is
/// something else.
Result<Destination> examine(const std::filesystem::path& directory, const Bytes& proof);

std::uint64_t wanted_bytes(const release::Torrent& torrent, const std::vector<bool>& wanted);

}  // namespace owrd::engine
