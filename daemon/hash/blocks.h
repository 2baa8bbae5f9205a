#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "daemon/core/bytes.h"
#include "daemon/core/digest.h"

/// Hashing the blocks of a merkle tree, several at a time where the processor can.
namespace owrd::hash {

constexpr std::uint32_t kBlockBytes = 16 * 1024;

/// SHA-256 of each of `blocks`, into the digest of the same index. Blocks have any length up to
/// kBlockBytes and lie anywhere. From any thread; each thread that calls keeps about 200 KB.
///
/// Sixteen at a time is where the fastest processors start to be at their best; one at a time costs
/// what sha256() does.
void hash_blocks(std::span<const ByteView> blocks, std::span<Digest> digests);

/// One way to do it. An object belongs to one thread at a time.
class BlockHasher {
 public:
  virtual ~BlockHasher() = default;
  virtual std::string_view name() const = 0;
  virtual void hash(std::span<const ByteView> blocks, std::span<Digest> digests) = 0;
};

/// All ways that this processor knows, best first: hash_blocks() takes the first. The last is
/// OpenSSL's, which is always there.
std::vector<std::unique_ptr<BlockHasher>> make_block_hashers();

}  // namespace owrd::hash
