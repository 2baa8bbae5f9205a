#include "daemon/worker/disk/leaf_hashes.h"

#include "daemon/hash/blocks.h"

namespace owrd::worker::disk {

std::vector<lt::sha256_hash> hash_leaves(std::span<const ByteView> blocks) {
  std::vector<Digest> digests(blocks.size(), Digest({}));
  hash::hash_blocks(blocks, digests);
  std::vector<lt::sha256_hash> leaves;
  leaves.reserve(blocks.size());
  for (const auto& digest : digests) leaves.emplace_back(as_text(digest.bytes()).data());
  return leaves;
}

}  // namespace owrd::worker::disk
