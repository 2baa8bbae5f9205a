#include "daemon/engine/file_table.h"

#include <gtest/gtest.h>

namespace owrd::engine {
namespace {

constexpr std::uint64_t kPiece = 16 * 1024;

/// a (2.5 pieces), b (empty), c (empty), d (1 piece exactly), e (1 byte), z (empty).
release::Torrent make_torrent() {
  const std::optional<Digest> root = Digest({});
  return release::Torrent{"",
                          Digest({}),
                          kPiece,
                          5,
                          {{"a", 2 * kPiece + 100, root, 0, 3},
                           {"b", 0, std::nullopt, 3, 0},
                           {"c", 0, std::nullopt, 3, 0},
                           {"d", kPiece, root, 3, 1},
                           {"e", 1, root, 4, 1},
                           {"z", 0, std::nullopt, 5, 0}}};
}

class FileTableTest : public ::testing::Test {
 protected:
  const release::Torrent torrent_ = make_torrent();
  const std::vector<bool> all_ = std::vector<bool>(6, true);
  FileTable table_{torrent_, all_, {}};
};

TEST_F(FileTableTest, CountsTheShortLastPieceAtItsLength) {
  EXPECT_EQ(table_.bytes_here(0), 0U);
  table_.arrive(2);
  EXPECT_EQ(table_.bytes_here(0), 100U);
  table_.arrive(0);
  EXPECT_EQ(table_.bytes_here(0), kPiece + 100);
  table_.arrive(1);
  EXPECT_EQ(table_.bytes_here(0), 2 * kPiece + 100);
  table_.arrive(4);
  EXPECT_EQ(table_.bytes_here(4), 1U);
  EXPECT_EQ(table_.bytes_here(1), 0U);
}

TEST_F(FileTableTest, TellsWhichFileAPieceCompletes) {
  struct Case {
    std::uint32_t piece;
    std::optional<std::size_t> completes;
  };
  const Case cases[] = {{0, {}}, {2, {}}, {2, {}}, {1, 0}, {1, {}}, {3, 3}, {4, 4}, {5, {}}};
  for (const auto& [piece, completes] : cases) {
    SCOPED_TRACE(piece);
    EXPECT_EQ(table_.arrive(piece), completes);
  }
}

TEST_F(FileTableTest, GivesAPieceToTheFileThatHasItNotToTheEmptyOnesBesideIt) {
  table_.arrive(3);
  EXPECT_TRUE(table_[3].arrived.all());
  EXPECT_EQ(table_.bytes_here(3), kPiece);
  EXPECT_TRUE(table_.has_arrived(1)) << "an empty file has all its pieces";
}

TEST_F(FileTableTest, ForgetsWhatIsNotDurable) {
  table_.arrive(0);
  table_.arrive(1);
  table_[0].durable.set(1);
  table_.forget_what_is_not_durable();
  EXPECT_EQ(to_hex(table_[0].arrived.bytes()), "40");
  EXPECT_EQ(to_hex(table_.staged_pieces().bytes()), "40");
}

TEST_F(FileTableTest, KeepsTheGoodPiecesOfABadFile) {
  table_.set_bad(0, {1});
  EXPECT_EQ(to_hex(table_[0].arrived.bytes()), "a0");
  EXPECT_EQ(to_hex(table_[0].durable.bytes()), "a0");
  EXPECT_FALSE(table_[0].is_verified);
  EXPECT_EQ(table_.bytes_here(0), kPiece + 100);
}

TEST_F(FileTableTest, HasNothingOfAMissingFile) {
  table_.set_verified(0, {1, 2, 3, 4});
  table_.set_missing(0);
  EXPECT_FALSE(table_[0].is_verified);
  EXPECT_EQ(table_[0].arrived.count(), 0U);
  EXPECT_EQ(table_[0].durable.count(), 0U);
}

TEST_F(FileTableTest, ServesNeitherStagedNorDamagedPieces) {
  table_.set_verified(0, {});
  table_.set_bad(3, {});
  table_.set_verified(4, {});
  table_.set_damaged(4, "missing", {});
  EXPECT_EQ(to_hex(table_.verified_pieces().bytes()), "e0");
  EXPECT_EQ(to_hex(table_.staged_pieces().bytes()), "10");
  EXPECT_EQ(table_.bytes_here(4), 0U);
}

TEST_F(FileTableTest, SumsOverTheWantedFilesOnly) {
  table_.set_wanted({true, true, false, false, true, false});
  EXPECT_EQ(table_.bytes_wanted(), 2 * kPiece + 101);
  table_.set_verified(3, {});
  EXPECT_EQ(table_.bytes_wanted_here(), 0U);
  table_.set_verified(4, {});
  EXPECT_EQ(table_.bytes_wanted_here(), 1U);
  EXPECT_EQ(table_.wanted_unverified(), (std::vector<std::size_t>{0, 1}));
  EXPECT_FALSE(table_.is_all_verified());
  table_.set_verified(0, {});
  table_.set_verified(1, {});
  EXPECT_TRUE(table_.is_all_verified());
}

TEST_F(FileTableTest, ComesBackFromItsRows) {
  table_.set_bad(0, {0});
  table_.set_verified(3, {7, 8, 9, -10});
  table_.arrive(4);
  const FileTable back(torrent_, all_, table_.rows());
  EXPECT_EQ(to_hex(back[0].durable.bytes()), "60");
  EXPECT_EQ(back[0].arrived.count(), 2U);
  EXPECT_TRUE(back[3].is_verified);
  EXPECT_EQ(back[3].identity, (content::FileIdentity{7, 8, 9, -10}));
  EXPECT_EQ(back[4].arrived.count(), 0U) << "it was not durable";
}

TEST_F(FileTableTest, IgnoresRowsOfFilesThatAreNotThere) {
  const FileTable table(torrent_, all_, {store::StoredFile{6, {}, true}});
  EXPECT_EQ(table.wanted_unverified().size(), 6U);
}

}  // namespace
}  // namespace owrd::engine
