#include "daemon/hash/merkle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace owrd::hash {
namespace {

constexpr std::uint64_t kKiB = 1024;

/// SHA-256("0"), SHA-256("1"), ... in a row, cut to `size`.
Bytes some_bytes(std::size_t size) {
  Bytes bytes;
  for (std::size_t i = 0; bytes.size() < size; ++i) {
    const auto digest = sha256(as_bytes(std::to_string(i)));
    bytes.insert(bytes.end(), digest.bytes().begin(), digest.bytes().end());
  }
  bytes.resize(size);
  return bytes;
}

/// BEP 52 as it is written, by recursion from the root down, every padding leaf spelt out.
Digest naive_node(ByteView file, std::uint64_t first_block, std::uint64_t width) {
  if (width == 1) {
    const auto begin = first_block * kBlockBytes;
    if (begin >= file.size()) return Digest(std::array<std::byte, 32>{});
    return sha256(file.subspan(begin, std::min<std::size_t>(kBlockBytes, file.size() - begin)));
  }
  const auto left = naive_node(file, first_block, width / 2);
  const auto right = naive_node(file, first_block + width / 2, width / 2);
  return sha256(as_bytes(left.to_field() + right.to_field()));
}

Digest naive_root(ByteView file) {
  std::uint64_t width = 1;
  while (width * kBlockBytes < file.size()) width *= 2;
  return naive_node(file, 0, width);
}

std::vector<Digest> naive_layer(ByteView file, std::uint64_t piece_length) {
  if (file.size() <= piece_length) return {naive_root(file)};
  std::vector<Digest> layer;
  const auto blocks = piece_length / kBlockBytes;
  for (std::uint64_t at = 0; at * kBlockBytes < file.size(); at += blocks)
    layer.push_back(naive_node(file, at, blocks));
  return layer;
}

FileDigests hash_in_parts(ByteView file, std::uint64_t piece_length, std::size_t part) {
  FileHasher hasher(file.size(), piece_length);
  for (std::size_t at = 0; at < file.size(); at += part)
    hasher.update(file.subspan(at, std::min(part, file.size() - at)));
  return hasher.finish();
}

TEST(Merkle, AgreesWithTheSpecificationAroundEveryEdge) {
  const auto all = some_bytes(9 * 64 * kKiB);
  for (const std::uint64_t piece_length : {16 * kKiB, 32 * kKiB, 64 * kKiB}) {
    for (const std::uint64_t edge : {16 * kKiB, 32 * kKiB, 48 * kKiB, 64 * kKiB, 96 * kKiB,
                                     128 * kKiB, 192 * kKiB, 256 * kKiB, 320 * kKiB, 512 * kKiB}) {
      for (const std::uint64_t size : {edge - 1, edge, edge + 1}) {
        SCOPED_TRACE(std::to_string(size) + " in pieces of " + std::to_string(piece_length));
        const auto file = ByteView(all).first(size);
        const auto digests = hash_in_parts(file, piece_length, 40'000);
        EXPECT_EQ(digests.sha256, sha256(file));
        EXPECT_EQ(digests.pieces_root, naive_root(file));
        EXPECT_EQ(digests.layer, naive_layer(file, piece_length));
        EXPECT_EQ(digests.layer.size(), piece_count(size, piece_length));
        EXPECT_EQ(root_of_layer(digests.layer, piece_length), naive_root(file));
      }
    }
  }
}

TEST(Merkle, HashesPiecesOneByOneToTheSameLayer) {
  const std::uint64_t piece_length = 64 * kKiB;
  for (const std::uint64_t size : {65'537ULL, 131'072ULL, 200'000ULL, 5 * 65'536ULL + 1}) {
    const auto file = some_bytes(size);
    std::vector<Digest> layer;
    for (std::size_t at = 0; at < file.size(); at += piece_length)
      layer.push_back(piece_hash(
          ByteView(file).subspan(at, std::min<std::size_t>(piece_length, file.size() - at)),
          piece_length));

    EXPECT_EQ(layer, naive_layer(file, piece_length)) << size;
    EXPECT_EQ(piece_hashes(file, piece_length), layer) << size;
  }
}

TEST(Merkle, JoinsShortPiecesToLongOnes) {
  const auto file = some_bytes(5 * 64 * kKiB + 1);
  const auto parts = naive_layer(file, 32 * kKiB);
  const auto pieces = naive_layer(file, 128 * kKiB);
  ASSERT_EQ(parts.size(), 11U);

  EXPECT_EQ(join_pieces(std::span(parts).first(4), 32 * kKiB, 128 * kKiB), pieces[0]);
  EXPECT_EQ(join_pieces(std::span(parts).subspan(8), 32 * kKiB, 128 * kKiB), pieces[2]);
  EXPECT_EQ(join_pieces(std::span(parts).first(1), 32 * kKiB, 32 * kKiB), parts[0]);
}

TEST(Merkle, GivesAFileOfOnePieceATreeOfItsOwnBlocksOnly) {
  for (const std::size_t size : {1U, 16'384U, 16'385U, 40'000U, 65'536U}) {
    const auto file = some_bytes(size);
    EXPECT_EQ(small_file_root(file), naive_root(file)) << size;
  }
}

TEST(Merkle, DoesNotCareHowTheFileIsCut) {
  const auto file = some_bytes(100'000);
  const auto whole = hash_in_parts(file, 32 * kKiB, file.size());
  for (const std::size_t part : {1'000U, 16'383U, 16'384U, 16'385U, 50'000U}) {
    const auto digests = hash_in_parts(file, 32 * kKiB, part);
    EXPECT_EQ(digests.sha256, whole.sha256);
    EXPECT_EQ(digests.layer, whole.layer);
  }
}

// Made with libtorrent-rasterbar 2.0.8 of Debian 12 (python3-libtorrent): create_torrent() with
// v2_only and set_piece_hashes() over a file of some_bytes(size); root and layer are those of the
// torrent it generated, the digests of layer and file are hashlib's.
TEST(Merkle, AgreesWithLibtorrent) {
  struct Case {
    std::size_t size;
    std::uint64_t piece_length;
    std::size_t pieces;
    std::string root, layer_sha256, file_sha256;
  };
  const Case cases[] = {
      {16'385, 65'536, 1, "e07eeb1e355a23dc152cf1587cede92e207f03787c7537b4b0901b60fa3c2bea", "",
       "47d315a77b9be621261f6fc1002e26f84e03181af399b1df7046d575e79e4276"},
      {65'536, 65'536, 1, "d9de05ef72655b30ab49a5da4d0603e9beaa3bce83fbee347a4388d415a2fe85", "",
       "ae5e9e2129fa62ddee77be3e0315a1c4a14e468804831b71820b17fa628de16d"},
      {100'000, 32'768, 4, "1111150d68e297f307cff99d17b77023c2a9c717b2ce022700a65151fd559d64",
       "61a78561b34a91f65dabaeea7fecdf46845dd50cb09a17601e5c6ce2f78cd805",
       "d909bd22cdd9346263643b2752f9f24f1dde87d24a70223723bce0a9acc17d4e"},
      {1'000'000, 65'536, 16, "befa39f525d90f72caa9dff79a3508b47562efc7bc08a56e9feda89666d15c07",
       "4490e94bf0efe78f95984c00870c7181a60eb628127fd2aa2915cc6eb5af2548",
       "cbce0fc736c57f6dc65293c7278ff673ab5b845c4cb73a274d17a57009542241"},
      {5'242'883, 1'048'576, 6, "22bd72e6c6916d27d27c7ded477d9d8304e774ede2ed04e0d89e1c1cee7529eb",
       "5ecae34c6daa997b6fb4ecca8d87e6e77c68b306182f6f7421553d197a14622c",
       "35ea9d9064c5508b66171bddf3d8a879feb216f3d0e12ad9e5b5079ad75d1663"},
  };
  for (const auto& [size, piece_length, pieces, root, layer_sha256, file_sha256] : cases) {
    SCOPED_TRACE(size);
    const auto digests = hash_in_parts(some_bytes(size), piece_length, 300'000);
    ASSERT_TRUE(digests.pieces_root);
    EXPECT_EQ(digests.pieces_root->to_hex(), root);
    EXPECT_EQ(digests.sha256.to_hex(), file_sha256);
    ASSERT_EQ(digests.layer.size(), pieces);
    if (pieces == 1) continue;
    std::string layer;
    for (const auto& hash : digests.layer) layer += hash.to_field();
    EXPECT_EQ(sha256(as_bytes(layer)).to_hex(), layer_sha256);
  }
}

TEST(Merkle, GivesAnEmptyFileNoRoot) {
  const auto digests = FileHasher(0, 16 * kKiB).finish();

  EXPECT_EQ(digests.pieces_root, std::nullopt);
  EXPECT_TRUE(digests.layer.empty());
  EXPECT_EQ(digests.sha256, sha256({}));
}

TEST(Merkle, CountsPiecesWithoutOverflow) {
  EXPECT_EQ(piece_count(0, 16 * kKiB), 0U);
  EXPECT_EQ(piece_count(1, 16 * kKiB), 1U);
  EXPECT_EQ(piece_count(16 * kKiB, 16 * kKiB), 1U);
  EXPECT_EQ(piece_count(16 * kKiB + 1, 16 * kKiB), 2U);
  EXPECT_EQ(piece_count(~std::uint64_t{0}, 16 * kKiB), std::uint64_t{1} << 50);
}

TEST(Merkle, KnowsValidPieceLengths) {
  for (std::uint64_t length = 16 * kKiB; length <= 128 * kKiB * kKiB; length *= 2)
    EXPECT_TRUE(is_valid_piece_length(length));
  for (const std::uint64_t length :
       {std::uint64_t{0}, 8 * kKiB, 16 * kKiB + 1, 48 * kKiB, 256 * kKiB * kKiB, ~std::uint64_t{0}})
    EXPECT_FALSE(is_valid_piece_length(length)) << length;
}

TEST(MerkleDeathTest, StopsTheProgramWhenTheLengthWasWrong) {
  FileHasher hasher(10, 16 * kKiB);
  hasher.update(Bytes(9));

  EXPECT_DEATH(static_cast<void>(hasher.finish()), "Assertion");
  EXPECT_DEATH(hasher.update(Bytes(2)), "Assertion");
}

}  // namespace
}  // namespace owrd::hash
