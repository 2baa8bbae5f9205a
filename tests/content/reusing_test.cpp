#include "daemon/content/reusing.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "daemon/hash/merkle.h"
#include "tests/content/temporary_directory.h"

namespace owrd::content {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kPiece = 64 * 1024;

std::vector<Digest> layer_of(const std::string& bytes) {
  hash::FileHasher hasher(bytes.size(), kPiece);
  hasher.update(as_bytes(bytes));
  return hasher.finish().layer;
}

/// All of it missing.
ReusableFile file_of(const std::string& path, const std::string& bytes,
                     std::vector<ReuseSource> sources) {
  const auto layer = layer_of(bytes);
  return {
      {path, bytes.size(), layer, {}}, std::vector<bool>(layer.size(), true), std::move(sources)};
}

std::vector<std::uint32_t> all_of(const ReusableFile& file) {
  std::vector<std::uint32_t> pieces;
  for (std::uint32_t i = 0; i < file.missing.size(); ++i) pieces.push_back(i);
  return pieces;
}

nlink_t links_of(const fs::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_nlink : 0;
}

TEST(ReusePieces, BringsTheWholeOfAFileThatIsElsewhere) {
  const TemporaryDirectory directory;
  const auto bytes = noise(3 * kPiece + 77);
  put(directory / "old/other-name", bytes);
  const auto file = file_of("sub/new", bytes, {{directory / "old/other-name", {}}});

  const auto brought = reuse_pieces(directory / "", {file}, kPiece, {});

  ASSERT_TRUE(brought) << brought.error().message;
  EXPECT_EQ(brought->at(0), all_of(file));
  EXPECT_EQ(content_of(directory / "sub/new"), bytes);
  EXPECT_EQ(links_of(directory / "old/other-name"), 1U);
}

TEST(ReusePieces, BringsOnlyThePiecesThatAreTheSame) {
  const TemporaryDirectory directory;
  const auto bytes = noise(8 * kPiece);
  auto old = bytes;
  old[5 * kPiece + 1] ^= 1;
  old[0] ^= 1;
  put(directory / "old", old);
  const std::vector<std::uint32_t> same{1, 2, 3, 4, 6, 7};

  for (const auto& layer : {std::vector<Digest>(), layer_of(old)}) {
    const auto file = file_of("new", bytes, {{directory / "old", layer}});
    const auto brought = reuse_pieces(directory.path(), {file}, kPiece, {});
    ASSERT_TRUE(brought) << brought.error().message;
    EXPECT_EQ(brought->at(0), same) << "with " << layer.size() << " hashes known";
    EXPECT_EQ(content_of(directory / "new").substr(kPiece, 4 * kPiece),
              bytes.substr(kPiece, 4 * kPiece));
    EXPECT_EQ(content_of(directory / "new").substr(6 * kPiece), bytes.substr(6 * kPiece));
    fs::remove(directory / "new");
  }
}

TEST(ReusePieces, BelievesNoLayerThatTheBytesContradict) {
  const TemporaryDirectory directory;
  const auto bytes = noise(4 * kPiece);
  put(directory / "old", noise(4 * kPiece, 2));
  const auto file = file_of("new", bytes, {{directory / "old", layer_of(bytes), true}});

  const auto brought = reuse_pieces(directory.path(), {file}, kPiece, {});

  ASSERT_TRUE(brought);
  EXPECT_TRUE(brought->at(0).empty());
  EXPECT_FALSE(fs::exists(directory / "new"));
  EXPECT_EQ(links_of(directory / "old"), 1U);
}

TEST(ReusePieces, TakesEachPieceFromTheFirstThatHasIt) {
  const TemporaryDirectory directory;
  const auto bytes = noise(4 * kPiece);
  put(directory / "front", bytes.substr(0, 2 * kPiece + 5));
  put(directory / "back", std::string(2 * kPiece, 'x') + bytes.substr(2 * kPiece));
  const auto file = file_of("new", bytes,
                            {{directory / "gone", {}},
                             {directory.path(), {}},
                             {directory / "front", {}},
                             {directory / "back", {}}});

  const auto brought = reuse_pieces(directory.path(), {file}, kPiece, {});

  ASSERT_TRUE(brought);
  EXPECT_EQ(brought->at(0), all_of(file));
  EXPECT_EQ(content_of(directory / "new"), bytes);
}

TEST(ReusePieces, LeavesAloneWhatIsNotMissing) {
  const TemporaryDirectory directory;
  const auto bytes = noise(3 * kPiece);
  put(directory / "old", bytes);
  put(directory / "new", std::string(3 * kPiece, 'x'));
  auto file = file_of("new", bytes, {{directory / "old", layer_of(bytes), true}});
  file.missing = {false, true, false};

  const auto brought = reuse_pieces(directory.path(), {file}, kPiece, {});

  ASSERT_TRUE(brought);
  EXPECT_EQ(brought->at(0), std::vector<std::uint32_t>{1});
  EXPECT_EQ(content_of(directory / "new"),
            std::string(kPiece, 'x') + bytes.substr(kPiece, kPiece) + std::string(kPiece, 'x'));
}

TEST(ReusePieces, GivesASecondNameToWhatNobodyWritesTo) {
  const TemporaryDirectory directory;
  const auto bytes = noise(2 * kPiece + 1);
  put(directory / "old", bytes);
  put(directory / "new", "left by an attempt that was killed");
  const auto file = file_of("new", bytes, {{directory / "old", layer_of(bytes), true}});

  const auto brought = reuse_pieces(directory.path(), {file}, kPiece, {});

  ASSERT_TRUE(brought) << brought.error().message;
  EXPECT_EQ(brought->at(0), all_of(file));
  EXPECT_TRUE(fs::equivalent(directory / "old", directory / "new"));
  EXPECT_EQ(links_of(directory / "old"), 2U) << "and no more than that";
}

TEST(ReusePieces, FindsFilesOfOnePieceByTheirRoot) {
  const TemporaryDirectory directory;
  put(directory / "old.json", "{}");
  const auto file = file_of("new.json", "{}", {{directory / "old.json", {}}});

  const auto brought = reuse_pieces(directory.path(), {file}, kPiece, {});

  ASSERT_TRUE(brought);
  EXPECT_EQ(brought->at(0), std::vector<std::uint32_t>{0});
  EXPECT_EQ(content_of(directory / "new.json"), "{}");
}

TEST(ReusePieces, CountsNothingWhenCancelled) {
  const TemporaryDirectory directory;
  const auto bytes = noise(200 * kPiece);
  put(directory / "old", bytes);
  const auto cancelled = std::make_shared<std::atomic<bool>>(false);
  const JobContext job(cancelled, [&](const Progress&) { cancelled->store(true); });

  const auto brought = reuse_pieces(
      directory.path(), {file_of("new", bytes, {{directory / "old", layer_of(bytes), true}})},
      kPiece, job);

  ASSERT_FALSE(brought);
  EXPECT_EQ(brought.error().code, ErrorCode::Cancelled);
  EXPECT_EQ(links_of(directory / "old"), 1U);
}

TEST(ReusePieces, SaysThatTheDiskIsFull) {
  const TemporaryDirectory directory;
  const auto small = directory / "small";
  fs::create_directory(small);
  if (::unshare(CLONE_NEWNS) != 0 ||
      ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("tmpfs", small.c_str(), "tmpfs", 0, "size=256k") != 0)
    GTEST_SKIP() << "a small file system cannot be made here: " << std::strerror(errno);
  const auto bytes = noise(16 * kPiece);
  put(directory / "old", bytes);

  const auto brought =
      reuse_pieces(small, {file_of("new", bytes, {{directory / "old", {}}})}, kPiece, {});

  ::umount2(small.c_str(), MNT_DETACH);
  ASSERT_FALSE(brought);
  EXPECT_EQ(brought.error().code, ErrorCode::NoSpace);
}

}  // namespace
}  // namespace owrd::content
