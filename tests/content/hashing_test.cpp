#include "daemon/content/hashing.h"

#include <gtest/gtest.h>

#include <fstream>
#include <mutex>
#include <stdexcept>

#include "tests/content/temporary_directory.h"

namespace owrd::content {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kPiece = 64 * 1024;

std::vector<ScannedFile> scanned(const fs::path& directory, const std::vector<std::string>& paths) {
  std::vector<ScannedFile> files;
  for (const auto& path : paths)
    files.push_back({path, *identify(directory, path), v1::FILE_ROLE_OTHER});
  return files;
}

TEST(HashFiles, EqualsTheHasherAtEveryEdge) {
  const TemporaryDirectory directory;
  std::vector<std::string> paths, contents;
  for (const std::uint64_t edge :
       {std::uint64_t{0}, std::uint64_t{hash::kBlockBytes}, kPiece, 2 * kPiece,
        std::uint64_t{1} << 20, 3 * (std::uint64_t{1} << 20)})
    for (const std::uint64_t length : {edge == 0 ? 0 : edge - 1, edge, edge + 1}) {
      paths.push_back("f" + std::to_string(paths.size()));
      contents.push_back(noise(static_cast<std::size_t>(length), paths.size()));
      put(directory / paths.back(), contents.back());
    }

  const auto digests = hash_files(directory, scanned(directory, paths), kPiece, {});

  ASSERT_TRUE(digests) << digests.error().message;
  ASSERT_EQ(digests->size(), paths.size());
  for (std::size_t i = 0; i < paths.size(); ++i) {
    SCOPED_TRACE(contents[i].size());
    hash::FileHasher hasher(contents[i].size(), kPiece);
    hasher.update(as_bytes(contents[i]));
    const auto expected = hasher.finish();
    EXPECT_EQ((*digests)[i].sha256, expected.sha256);
    EXPECT_EQ((*digests)[i].sha256, hash::sha256(as_bytes(contents[i])));
    EXPECT_EQ((*digests)[i].pieces_root, expected.pieces_root);
    EXPECT_EQ((*digests)[i].layer, expected.layer);
  }
}

// Threads that have no file help the others: the long file is in several hands at once.
TEST(HashFiles, EqualsTheHasherWhoeverHashesAChunk) {
  constexpr std::uint64_t kLongPiece = 4 << 20;
  const TemporaryDirectory directory;
  std::vector<std::string> paths, contents;
  for (const std::size_t length : {30U << 20, (9U << 20) + 5, 4U << 20, 100U, 0U}) {
    paths.push_back("f" + std::to_string(length));
    contents.push_back(noise(length, length + 1));
    put(directory / paths.back(), contents.back());
  }
  const auto files = scanned(directory, paths);

  for (int round = 0; round < 3; ++round) {
    const auto digests = hash_files(directory, files, kLongPiece, {});
    ASSERT_TRUE(digests) << digests.error().message;
    for (std::size_t i = 0; i < paths.size(); ++i) {
      SCOPED_TRACE(paths[i]);
      hash::FileHasher hasher(contents[i].size(), kLongPiece);
      hasher.update(as_bytes(contents[i]));
      const auto expected = hasher.finish();
      EXPECT_EQ((*digests)[i].sha256, expected.sha256);
      EXPECT_EQ((*digests)[i].pieces_root, expected.pieces_root);
      EXPECT_EQ((*digests)[i].layer, expected.layer);
    }
  }
}

TEST(HashFiles, EndsAllThreadsWhenOneFails) {
  const TemporaryDirectory directory;
  put(directory / "a", noise(8 << 20));
  const JobContext job({}, [](const Progress&) { throw std::runtime_error("odd"); });

  const auto digests = hash_files(directory, scanned(directory, {"a"}), kPiece, job);

  ASSERT_FALSE(digests);
  EXPECT_EQ(digests.error().message, "working on files: odd");
}

TEST(HashFiles, NamesAFileThatChangedOrVanishedSinceTheScan) {
  const TemporaryDirectory directory;
  put(directory / "a", "one");
  put(directory / "b", "two");
  const auto files = scanned(directory, {"a", "b"});

  put(directory / "b", "TWO");
  const auto changed = hash_files(directory, files, kPiece, {});
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, ErrorCode::Corrupt);
  EXPECT_EQ(changed.error().message,
            "hashing " + (directory / "b").string() + ": it changed meanwhile");

  fs::remove(directory / "b");
  EXPECT_EQ(hash_files(directory, files, kPiece, {}).error().message,
            "hashing " + (directory / "b").string() + ": it vanished meanwhile");
}

/// Hashes one file of 8 MiB and does something to it when the first bytes are read.
Result<std::vector<hash::FileDigests>> hash_while(const fs::path& directory,
                                                  const std::function<void()>& act) {
  put(directory / "big", noise(8 << 20));
  bool has_acted = false;  // Only one thread reads the one file.
  const JobContext job({}, [&](const Progress&) {
    if (!std::exchange(has_acted, true)) act();
  });
  return hash_files(directory, scanned(directory, {"big"}), kPiece, job);
}

TEST(HashFiles, NoticesWhatHappensToAFileWhileItIsRead) {
  const TemporaryDirectory directory;
  const auto big = directory / "big";
  const auto name = "hashing " + big.string() + ": it ";
  EXPECT_TRUE(hash_while(directory, [] {}));
  EXPECT_EQ(
      hash_while(directory, [&] { std::ofstream(big, std::ios::app) << "x"; }).error().message,
      name + "changed meanwhile");
  EXPECT_EQ(hash_while(directory, [&] { fs::resize_file(big, 3 << 20); }).error().message,
            name + "became shorter meanwhile");
  EXPECT_EQ(hash_while(directory, [&] { fs::remove(big); }).error().message,
            name + "vanished meanwhile");
  const auto replaced = hash_while(directory, [&] {
    put(directory / "new", noise(8 << 20));
    fs::rename(directory / "new", big);
  });
  EXPECT_EQ(replaced.error().message, name + "changed meanwhile");
  const auto linked = hash_while(directory, [&] {
    fs::rename(big, directory / "moved");
    fs::create_symlink("moved", big);
  });
  EXPECT_EQ(linked.error().message, name + "vanished meanwhile");
}

TEST(HashFiles, ReportsEveryByteAndStopsWhenCancelled) {
  const TemporaryDirectory directory;
  for (const auto* name : {"a", "b", "c"}) put(directory / name, noise(5 << 20));
  const auto files = scanned(directory, {"a", "b", "c"});

  std::mutex mutex;
  std::uint64_t most = 0;
  const JobContext watched({}, [&](const Progress& progress) {
    const std::lock_guard lock(mutex);
    EXPECT_EQ(progress.bytes_total, 15U << 20);
    most = std::max(most, progress.bytes_done);
  });
  ASSERT_TRUE(hash_files(directory, files, kPiece, watched));
  EXPECT_EQ(most, 15U << 20);

  const auto cancelled = std::make_shared<std::atomic<bool>>(false);
  std::atomic<int> reports{0};
  const JobContext job(cancelled, [&](const Progress&) {
    ++reports;
    cancelled->store(true);
  });
  EXPECT_EQ(hash_files(directory, files, kPiece, job).error().code, ErrorCode::Cancelled);
  EXPECT_LE(reports, 3);
}

TEST(HashFiles, HashesHolesAsZeros) {
  const TemporaryDirectory directory;
  put(directory / "sparse", "");
  fs::resize_file(directory / "sparse", 3 << 20);

  const auto digests = hash_files(directory, scanned(directory, {"sparse"}), kPiece, {});

  ASSERT_TRUE(digests);
  EXPECT_EQ(digests->front().sha256, hash::sha256(as_bytes(std::string(3 << 20, '\0'))));
}

}  // namespace
}  // namespace owrd::content
