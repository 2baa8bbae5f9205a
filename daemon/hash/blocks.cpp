#include "daemon/hash/blocks.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "daemon/hash/multi_buffer.h"
#include "daemon/hash/sha256.h"

namespace owrd::hash {
namespace {

/// Measured per core, in this order, on a Xeon that has them all, in GB/s of 16 KiB blocks: 2.3,
/// 1.4, 1.0, and OpenSSL 1.1 (where it finds SHA-NI, which processors without it do not have).
constexpr std::array kByPreference = {Lanes::Avx512, Lanes::ShaNi, Lanes::Avx2};

class OneByOne : public BlockHasher {
 public:
  std::string_view name() const override { return "openssl"; }
  void hash(std::span<const ByteView> blocks, std::span<Digest> digests) override {
    assert(blocks.size() == digests.size());
    std::transform(blocks.begin(), blocks.end(), digests.begin(), sha256);
  }
};

std::unique_ptr<BlockHasher> make_best() {
  for (const auto lanes : kByPreference)
    if (auto hasher = make_multi_buffer_hasher(lanes)) return hasher;
  return std::make_unique<OneByOne>();
}

}  // namespace

void hash_blocks(std::span<const ByteView> blocks, std::span<Digest> digests) {
  thread_local const auto kHasher = make_best();
  kHasher->hash(blocks, digests);
}

std::vector<std::unique_ptr<BlockHasher>> make_block_hashers() {
  std::vector<std::unique_ptr<BlockHasher>> hashers;
  for (const auto lanes : kByPreference)
    if (auto hasher = make_multi_buffer_hasher(lanes)) hashers.push_back(std::move(hasher));
  hashers.push_back(std::make_unique<OneByOne>());
  return hashers;
}

}  // namespace owrd::hash
