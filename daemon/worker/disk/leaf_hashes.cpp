#include "daemon/worker/disk/leaf_hashes.h"

#include "daemon/hash/sha256.h"

namespace owrd::worker::disk {

std::vector<lt::sha256_hash> hash_leaves(std::span<const ByteView> blocks) {
  std::vector<lt::sha256_hash> leaves;
  leaves.reserve(blocks.size());
  for (const auto block : blocks) leaves.emplace_back(as_text(hash::sha256(block).bytes()).data());
  return leaves;
}

}  // namespace owrd::worker::disk
