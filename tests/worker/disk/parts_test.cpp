#include <gtest/gtest.h>

#include "daemon/worker/disk/fence.h"
#include "daemon/worker/disk/open_pieces.h"
#include "daemon/worker/disk/read_cache.h"

namespace owrd::worker::disk {
namespace {

TEST(Fence, KeepsTheOrderAroundWhoRunsAlone) {
  Fence fence;
  std::string order;
  const auto note = [&](char c) { return [&order, c] { order += c; }; };
  fence.enter(note('a'));
  fence.enter(note('b'));
  fence.enter_alone(note('C'));
  fence.enter(note('d'));
  fence.enter_alone(note('E'));
  fence.enter(note('f'));
  EXPECT_EQ(order, "ab");
  fence.leave();
  EXPECT_EQ(order, "ab");
  fence.leave();
  EXPECT_EQ(order, "abC");
  fence.leave();
  EXPECT_EQ(order, "abCd");
  fence.leave();
  EXPECT_EQ(order, "abCdE");
  fence.leave();
  EXPECT_EQ(order, "abCdEf");
}

TEST(Fence, LetsThemLeaveFromWithinTheirStart) {
  Fence fence;
  std::string order;
  const auto pass = [&](char c) {
    return [&fence, &order, c] {
      order += c;
      fence.leave();
    };
  };
  fence.enter([&] { order += 'a'; });
  fence.enter_alone(pass('B'));
  fence.enter_alone(pass('C'));
  fence.enter(pass('d'));
  fence.leave();
  EXPECT_EQ(order, "aBCd");
  fence.enter(pass('e'));
  EXPECT_EQ(order, "aBCde");
}

TEST(OpenPieces, KeepLeavesInAnyOrderAndWaitForTheLastWrite) {
  const lt::piece_index_t piece(7);
  const lt::sha256_hash leaf("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
  OpenPieces pieces;
  int told = 0;
  pieces.begin_write(piece);
  pieces.begin_write(piece);
  pieces.when_written(piece, [&] { ++told; });
  pieces.end_write(piece, 3, leaf);
  EXPECT_EQ(told, 0);
  pieces.end_write(piece, 1, std::nullopt);
  EXPECT_EQ(told, 1);
  EXPECT_TRUE(pieces.has_failed(piece));
  EXPECT_EQ(pieces.leaves(piece, 1, 4),
            (OpenPieces::Leaves{std::nullopt, std::nullopt, leaf, std::nullopt}));
  pieces.close(piece);
  EXPECT_FALSE(pieces.has_failed(piece));
  EXPECT_EQ(pieces.leaves(piece, 3, 1), OpenPieces::Leaves{std::nullopt});
  pieces.when_written(piece, [&] { ++told; });
  EXPECT_EQ(told, 2);
}

TEST(OpenPieces, ClosesNothingThatIsOnItsWay) {
  OpenPieces pieces;
  pieces.begin_write(lt::piece_index_t(0));
  pieces.close(lt::piece_index_t(0));
  EXPECT_TRUE(pieces.is_writing(lt::piece_index_t(0)));
}

constexpr int kChunk = ReadCache::kChunkBytes;

ReadCache::Key key(int piece) { return {nullptr, lt::piece_index_t(piece), 0}; }

ReadCache::Chunk* fill(ReadCache& cache, int piece) {
  auto* const chunk = cache.make(key(piece), kChunk);
  if (chunk) cache.fill(*chunk, kChunk, {});
  return chunk;
}

TEST(ReadCache, KeepsWhatWasNotHandedOutForALongWhile) {
  ReadCache cache(2 * kChunk);
  auto* const first = fill(cache, 1);
  auto* const second = fill(cache, 2);
  cache.give_back(cache.share(*first, 0, kBlockBytes));
  EXPECT_EQ(fill(cache, 3), nullptr) << "both have more to give";

  for (int i = 1; i < kChunk / kBlockBytes; ++i)
    cache.give_back(cache.share(*first, i * kBlockBytes, kBlockBytes));
  EXPECT_EQ(fill(cache, 3), first) << "all of it was handed out";
  EXPECT_EQ(cache.find(key(1)), nullptr);
  EXPECT_EQ(cache.find(key(2)), second);

  for (int i = 0; i < 4 * 2 * (kChunk / kBlockBytes); ++i)
    cache.give_back(cache.share(*first, 0, kBlockBytes));
  EXPECT_EQ(fill(cache, 4), second) << "nobody asked for it";
}

TEST(ReadCache, NeverTakesBackWhatIsOut) {
  ReadCache cache(kChunk);
  auto* const chunk = fill(cache, 1);
  char* const slice = cache.share(*chunk, 0, kChunk);
  EXPECT_EQ(fill(cache, 2), nullptr);
  slice[0] = 'x';
  cache.trim();
  EXPECT_EQ(slice[0], 'x');
  cache.give_back(slice);
  EXPECT_EQ(fill(cache, 2), chunk);
}

}  // namespace
}  // namespace owrd::worker::disk
