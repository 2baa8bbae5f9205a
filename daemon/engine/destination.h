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

/// What lies at the place where a release is to go, which `proof` is of. AlreadyExists when it is
/// something else.
Result<Destination> examine(const std::filesystem::path& directory, const Bytes& proof);

std::uint64_t wanted_bytes(const release::Torrent& torrent, const std::vector<bool>& wanted);

}  // namespace owrd::engine
