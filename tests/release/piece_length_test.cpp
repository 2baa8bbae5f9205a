#include <gtest/gtest.h>

#include "daemon/release/manifest.h"

namespace owrd::release {
namespace {

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;

TEST(PieceLength, GrowsWithThePayload) {
  EXPECT_EQ(choose_piece_length(0, 1), 1 * kMiB);
  EXPECT_EQ(choose_piece_length(3'999'999'999, 1), 1 * kMiB);
  EXPECT_EQ(choose_piece_length(4'000'000'000, 1), 4 * kMiB);
  EXPECT_EQ(choose_piece_length(64'000'000'000, 1), 4 * kMiB);
  EXPECT_EQ(choose_piece_length(64'000'000'001, 1), 8 * kMiB);
  EXPECT_EQ(choose_piece_length(1'000'000'000'000, 1), 8 * kMiB);
  EXPECT_EQ(choose_piece_length(1'000'000'000'001, 1), 16 * kMiB);
}

TEST(PieceLength, ShrinksForManyFilesSoThatPaddingStaysBelowTwoGiB) {
  EXPECT_EQ(choose_piece_length(500'000'000'000, 253), 8 * kMiB);
  EXPECT_EQ(choose_piece_length(500'000'000'000, 256), 4 * kMiB);
  EXPECT_EQ(choose_piece_length(500'000'000'000, 1000), 2 * kMiB);
  EXPECT_EQ(choose_piece_length(1'000'000, 2000), 1 * kMiB);
  EXPECT_EQ(choose_piece_length(1'000'000, 2048), 512 * kKiB);
  EXPECT_EQ(choose_piece_length(1'000'000, 16384), 64 * kKiB);
}

TEST(PieceLength, NeverFallsBelowABlock) {
  EXPECT_EQ(choose_piece_length(1, 1'000'000'000), 16 * kKiB);
}

}  // namespace
}  // namespace owrd::release
