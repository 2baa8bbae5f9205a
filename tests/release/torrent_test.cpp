#include "daemon/release/torrent.h"

#include <gtest/gtest.h>

#include "daemon/hash/sha256.h"
#include "daemon/release/path_rules.h"
#include "tests/release/fixtures.h"

namespace owrd::release {
namespace {

// The expected values below are libtorrent 2.0.8's (Debian 12, python3-libtorrent). With every file
// filled by tests/release/fixtures.h's pattern():
//
//   fs = lt.file_storage(); [fs.add_file(name + '/' + path, size) for path, size in files]
//   ct = lt.create_torrent(fs, piece_length, lt.create_torrent_flags_t.v2_only)
//   ct.set_priv(private); lt.set_piece_hashes(ct, parent)
//   info = lt.bencode(ct.generate()[b'info']); print(len(info), hashlib.sha256(info).hexdigest())
//
// and the first pieces from torrent_info(...).files().piece_index_at_file(i).
struct Expected {
  std::string path;
  std::size_t size;
  std::uint32_t first_piece;
};

/// Derives the torrent of these files; release.owrd and layers.owrd are filled like the others.
Torrent derive(const std::string& name, std::uint64_t piece_length, bool is_private,
               const std::vector<Expected>& files) {
  std::vector<testing::Content> contents;
  Bytes proof;
  for (const auto& file : files) {
    if (file.path == kProofName)
      proof = testing::pattern(file.path, file.size);
    else
      contents.push_back(testing::pattern_file(file.path, file.size));
  }
  auto message = testing::describe(name, piece_length, contents);
  message.set_private_swarm(is_private);
  const auto manifest = make_manifest(message);
  if (!manifest) ADD_FAILURE() << manifest.error().message;
  return derive_torrent(*manifest, proof);
}

void expect_files(const Torrent& torrent, const std::vector<Expected>& files) {
  ASSERT_EQ(torrent.files.size(), files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    EXPECT_EQ(torrent.files[i].path, files[i].path);
    EXPECT_EQ(torrent.files[i].length, files[i].size);
    EXPECT_EQ(torrent.files[i].first_piece, files[i].first_piece) << files[i].path;
    EXPECT_EQ(torrent.files[i].pieces_root.has_value(), files[i].size > 0);
    EXPECT_EQ(torrent.find(files[i].path), i);
  }
}

const std::vector<Expected> kNested = {{"a", 1, 0},
                                       {"a-b", 16384, 1},
                                       {"a.b", 16385, 2},
                                       {"b/a/c/d", 100000, 3},
                                       {"b/a-x", 32768, 5},
                                       {"b/empty", 0, 6},
                                       {"big", 65536 * 3 + 5, 6},
                                       {"exact", 65536, 10},
                                       {"exact2", 131072, 11},
                                       {"layers.owrd", 256, 13},
                                       {"release.owrd", 70000, 14},
                                       {"z", 16383, 16}};

TEST(Torrent, IsLibtorrentsForNestedDirectoriesAndSizesAroundBlockAndPiece) {
  const auto torrent = derive("nest", 65536, /*is_private=*/false, kNested);

  EXPECT_EQ(torrent.info.size(), 946U);
  EXPECT_EQ(torrent.infohash.to_hex(),
            "5f89f5c339c3be8e29b653bedb31659b72485766e7e611e5be5886476f585f56");
  EXPECT_EQ(torrent.piece_count, 17U);
  EXPECT_EQ(torrent.piece_length, 65536U);
  expect_files(torrent, kNested);
}

TEST(Torrent, IsLibtorrentsForAPrivateSwarm) {
  const auto torrent = derive("nest", 65536, /*is_private=*/true, kNested);

  EXPECT_EQ(torrent.info.size(), 958U);
  EXPECT_EQ(torrent.infohash.to_hex(),
            "62ef69e6481d9e3bfd0e334c7ec652aaf0a7864670f1c43eff036cadff509326");
}

TEST(Torrent, IsLibtorrentsForCapitalsOtherScriptsAndTheSmallestPiece) {
  const std::vector<Expected> files = {{"A", 16384, 0},
                                       {"B", 16385, 1},
                                       {"c", 5, 3},
                                       {"layers.owrd", 160, 4},
                                       {"release.owrd", 400, 5},
                                       {"w/\xe6\xa8\xa1\xe5\x9e\x8b.bin", 40000, 6},
                                       {"zero", 0, 9}};

  const auto torrent = derive("sm", 16384, /*is_private=*/false, files);

  EXPECT_EQ(torrent.info.size(), 556U);
  EXPECT_EQ(torrent.infohash.to_hex(),
            "60a589059c405d9df387a52e54d095f5d63675bc09564663caae9bab788a7476");
  EXPECT_EQ(torrent.piece_count, 9U);
  expect_files(torrent, files);
  // From the same source: torrent_info(...).files().root(i).
  EXPECT_EQ(torrent.files[torrent.proof_index()].pieces_root->to_hex(),
            "da6a74290236cd189b7dcf2799b19d625aff6c4b8ee7a8a0d3c4af8cc9468f58");
}

TEST(Torrent, HasTheInfohashOfItsInfo) {
  const auto torrent = derive("nest", 65536, /*is_private=*/false, kNested);

  EXPECT_EQ(torrent.infohash, hash::sha256(as_bytes(torrent.info)));
  EXPECT_TRUE(torrent.info.starts_with("d9:file treed1:ad0:d6:lengthi1e11:pieces root32:"));
  EXPECT_TRUE(torrent.info.ends_with("12:meta versioni2e4:name4:nest12:piece lengthi65536ee"));
}

TEST(Torrent, IsAnotherOneForAnotherProof) {
  const auto manifest = make_manifest(testing::example_message());
  ASSERT_TRUE(manifest);

  const auto one = derive_torrent(*manifest, as_bytes("signed by one"));
  const auto two = derive_torrent(*manifest, as_bytes("signed by two"));

  EXPECT_NE(one.infohash, two.infohash);
  EXPECT_EQ(one.files.size(), manifest->files().size() + 1);
  EXPECT_EQ(one.files[one.proof_index()].path, "release.owrd");
}

TEST(Torrent, FindsOnlyTheFilesItHas) {
  const auto torrent = derive("nest", 65536, /*is_private=*/false, kNested);

  EXPECT_EQ(torrent.find("b"), std::nullopt);
  EXPECT_EQ(torrent.find("b/a"), std::nullopt);
  EXPECT_EQ(torrent.find(""), std::nullopt);
  EXPECT_EQ(torrent.find("zz"), std::nullopt);
  EXPECT_EQ(torrent.proof_index(), 10U);
}

}  // namespace
}  // namespace owrd::release
