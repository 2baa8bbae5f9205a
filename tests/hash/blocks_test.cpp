#include "daemon/hash/blocks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <thread>

#include "daemon/hash/sha256.h"
#include "tests/hash/noise.h"

namespace owrd::hash {
namespace {

Digest zeros() { return Digest(std::array<std::byte, Digest::kBytes>{}); }

/// By sha256(), whose own test holds it against the published vectors.
std::vector<Digest> one_by_one(const std::vector<ByteView>& blocks) {
  std::vector<Digest> digests;
  for (const auto& block : blocks) digests.push_back(sha256(block));
  return digests;
}

std::vector<Digest> together(BlockHasher& hasher, const std::vector<ByteView>& blocks) {
  std::vector<Digest> digests(blocks.size(), zeros());
  hasher.hash(blocks, digests);
  return digests;
}

/// `count` blocks of `size`, each from a place of its own and none at an even address.
std::vector<ByteView> blocks_of(ByteView bytes, std::size_t count, std::size_t size) {
  std::vector<ByteView> blocks;
  for (std::size_t i = 0; i < count; ++i) blocks.push_back(bytes.subspan(2 * i + 1, size));
  return blocks;
}

/// Every way of hashing that this processor has.
class BlockHashers : public testing::TestWithParam<std::string> {
 protected:
  BlockHasher& hasher() {
    const auto found = std::find_if(hashers_.begin(), hashers_.end(), [](const auto& hasher) {
      return hasher->name() == GetParam();
    });
    return **found;
  }

 private:
  std::vector<std::unique_ptr<BlockHasher>> hashers_ = make_block_hashers();
};

std::vector<std::string> names() {
  std::vector<std::string> names;
  for (const auto& hasher : make_block_hashers()) names.emplace_back(hasher->name());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Here, BlockHashers, testing::ValuesIn(names()), [](const auto& each) {
  std::string name;
  for (const char c : each.param)
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) name += c;
  return name;
});

// FIPS 180-2, appendix B; the empty message from NIST's SHA256ShortMsg.rsp; one block of zeros from
// the merkle trees of BEP 52 files that are all holes (sha256sum of 16 KiB of /dev/zero).
TEST_P(BlockHashers, AgreeWithThePublishedVectors) {
  const std::string hole(kBlockBytes, '\0');
  const std::vector<std::pair<std::string, std::string>> vectors = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {hole, "4fe7b59af6de3b665b67788cc2f99892ab827efae3a467342b3bb4e3bc8e5bfe"}};
  for (const auto& [message, digest] : vectors)
    for (const std::size_t count : {1U, 2U, 8U, 16U, 20U})
      for (const auto& found : together(hasher(), std::vector(count, as_bytes(message))))
        EXPECT_EQ(found.to_hex(), digest) << count;
}

TEST_P(BlockHashers, AgreeOnEverySizeAroundTheEdgesOfPadding) {
  const auto bytes = noise(kBlockBytes + 100);
  std::vector<std::size_t> sizes;
  for (std::size_t size = 0; size <= 200; ++size) sizes.push_back(size);
  for (const std::size_t edge : {1024U, 4096U, kBlockBytes - 64})
    for (std::size_t size = edge - 2; size <= edge + 2; ++size) sizes.push_back(size);
  for (std::size_t size = kBlockBytes - 70; size <= kBlockBytes; ++size) sizes.push_back(size);
  for (const auto size : sizes) {
    const auto blocks = blocks_of(bytes, 16, size);
    EXPECT_EQ(together(hasher(), blocks), one_by_one(blocks)) << size;
  }
}

TEST_P(BlockHashers, AgreeOnEveryNumberOfBlocks) {
  const auto bytes = noise(kBlockBytes + 600);
  for (std::size_t count = 0; count <= 68; ++count) {
    const auto blocks = blocks_of(bytes, count, kBlockBytes);
    EXPECT_EQ(together(hasher(), blocks), one_by_one(blocks)) << count;
  }
  // The queue of the library is cut at 128.
  for (const std::size_t count : {127U, 128U, 129U, 135U, 137U, 255U, 256U, 257U, 264U}) {
    const auto blocks = blocks_of(bytes, count, kBlockBytes);
    EXPECT_EQ(together(hasher(), blocks), one_by_one(blocks)) << count;
  }
}

TEST_P(BlockHashers, KeepTheOrderOfBlocksOfDifferentSizes) {
  const auto bytes = noise(2 * std::size_t{kBlockBytes});
  std::vector<ByteView> blocks;
  for (std::size_t i = 0; i < 200; ++i)
    blocks.push_back(ByteView(bytes).subspan(i, (i * 7919) % (kBlockBytes + 1)));
  EXPECT_EQ(together(hasher(), blocks), one_by_one(blocks));

  // The last block of a file is short, whichever lane it falls on.
  for (std::size_t last = 1; last <= 33; ++last) {
    auto file = blocks_of(bytes, last, kBlockBytes);
    file.push_back(ByteView(bytes).first(1));
    EXPECT_EQ(together(hasher(), file), one_by_one(file)) << last;
  }
}

TEST(HashBlocks, TakesTheBestWayAndWorksInManyThreadsAtOnce) {
  const auto bytes = noise(kBlockBytes + 200);
  const auto blocks = blocks_of(bytes, 37, kBlockBytes);
  const auto expected = one_by_one(blocks);
  std::vector<int> right(4, 0);
  std::vector<std::thread> threads;
  for (auto& count : right)
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        std::vector<Digest> digests(blocks.size(), zeros());
        hash_blocks(blocks, digests);
        count += digests == expected ? 1 : 0;
      }
    });
  for (auto& thread : threads) thread.join();

  EXPECT_EQ(std::count(right.begin(), right.end(), 20), 4);
}

TEST(HashBlocks, HasOpenSslEverywhere) { EXPECT_EQ(names().back(), "openssl"); }

TEST(HashBlocksDeathTest, TakesNoMoreDigestsThanBlocks) {
  std::vector<Digest> digests(2, zeros());
  EXPECT_DEATH(hash_blocks(std::vector<ByteView>(1), digests), "Assertion");
}

}  // namespace
}  // namespace owrd::hash
