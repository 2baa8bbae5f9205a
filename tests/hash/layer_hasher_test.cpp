#include "daemon/hash/layer_hasher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "daemon/hash/merkle.h"
#include "tests/hash/noise.h"

namespace owrd::hash {
namespace {

constexpr std::uint64_t kKiB = 1024, kMiB = 1024 * kKiB;
constexpr auto kChunk = LayerHasher::kChunkBytes;

void add_chunk(LayerHasher& hasher, ByteView file, std::uint64_t offset) {
  hasher.add(offset, file.subspan(offset, std::min<std::uint64_t>(kChunk, file.size() - offset)));
}

std::vector<Digest> layer_of(const LayerHasher& hasher) {
  std::vector<Digest> layer;
  for (std::size_t i = 0; i < hasher.pieces(); ++i) layer.push_back(hasher.piece(i).value());
  return layer;
}

std::vector<Digest> expected_layer(ByteView file, std::uint64_t piece_length) {
  FileHasher hasher(file.size(), piece_length);
  hasher.update(file);
  return hasher.finish().layer;
}

TEST(LayerHasher, AgreesWithTheFileHasherAroundEveryEdge) {
  const auto all = noise(9 * kMiB + 1);
  for (const auto piece_length : {16 * kKiB, 512 * kKiB, kMiB, 2 * kMiB, 4 * kMiB}) {
    for (const auto edge : {16 * kKiB, 512 * kKiB, kMiB, 2 * kMiB, 3 * kMiB, 4 * kMiB, 9 * kMiB}) {
      for (const auto size : {edge - 1, edge, edge + 1}) {
        SCOPED_TRACE(std::to_string(size) + " in pieces of " + std::to_string(piece_length));
        const auto file = ByteView(all).first(size);
        LayerHasher hasher(size, piece_length);
        // Backwards: the order must not matter.
        for (auto at = (size - 1) / kChunk + 1; at-- > 0;) add_chunk(hasher, file, at * kChunk);
        EXPECT_EQ(layer_of(hasher), expected_layer(file, piece_length));
      }
    }
  }
}

TEST(LayerHasher, KnowsOnlyThePiecesWhoseChunksItHas) {
  const auto file = noise(5 * kChunk);
  const auto expected = expected_layer(file, 2 * kChunk);
  LayerHasher hasher(file.size(), 2 * kChunk);
  ASSERT_EQ(hasher.pieces(), 3U);

  add_chunk(hasher, file, 4 * kChunk);
  add_chunk(hasher, file, kChunk);
  EXPECT_EQ(hasher.piece(0), std::nullopt);
  EXPECT_EQ(hasher.piece(1), std::nullopt);
  EXPECT_EQ(hasher.piece(2), expected[2]);

  add_chunk(hasher, file, 0);
  EXPECT_EQ(hasher.piece(0), expected[0]);
}

TEST(LayerHasher, TakesTheShortPiecesOfAnUnfinishedChunk) {
  const auto file = noise(kChunk);
  const auto expected = expected_layer(file, kChunk / 4);
  LayerHasher hasher(file.size(), kChunk / 4);

  hasher.add(0, ByteView(file).first(kChunk / 2));

  EXPECT_EQ(hasher.piece(1), expected[1]);
  EXPECT_EQ(hasher.piece(2), std::nullopt);
}

TEST(LayerHasher, TakesChunksFromManyThreads) {
  const auto file = noise(8 * kMiB + 5);
  LayerHasher hasher(file.size(), 4 * kMiB);
  std::vector<std::thread> threads;
  for (std::uint64_t first = 0; first < 3; ++first)
    threads.emplace_back([&, first] {
      for (auto at = first * kChunk; at < file.size(); at += 3 * kChunk)
        add_chunk(hasher, file, at);
    });
  for (auto& thread : threads) thread.join();

  EXPECT_EQ(layer_of(hasher), expected_layer(file, 4 * kMiB));
}

TEST(LayerHasher, HasNoPiecesOfAnEmptyFile) { EXPECT_EQ(LayerHasher(0, kMiB).pieces(), 0U); }

TEST(LayerHasherDeathTest, TakesOnlyWholeChunks) {
  const auto file = noise(2 * kMiB);
  LayerHasher hasher(file.size(), kMiB);

  EXPECT_DEATH(hasher.add(0, ByteView(file).first(kChunk - 1)), "Assertion");
  EXPECT_DEATH(hasher.add(kChunk / 2, ByteView(file).first(kChunk)), "Assertion");
}

}  // namespace
}  // namespace owrd::hash
