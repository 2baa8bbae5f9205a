#pragma once

#include <libtorrent/sha1_hash.hpp>
#include <span>
#include <vector>

#include "daemon/core/bytes.h"

namespace owrd::worker::disk {

/// The SHA-256 of each block, as the leaves of BEP 52's trees.
std::vector<lt::sha256_hash> hash_leaves(std::span<const ByteView> blocks);

}  // namespace owrd::worker::disk
