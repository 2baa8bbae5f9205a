#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "daemon/content/hashing.h"
#include "tests/content/temporary_directory.h"

namespace owrd::content {
namespace {

namespace fs = std::filesystem;

TEST(CopyFiles, MakesTheDirectoryAndLeavesTheSource) {
  const TemporaryDirectory directory;
  const auto big = noise(9 << 20);
  put(directory / "from/big", big);
  put(directory / "from/sub/dir/small", "one");
  put(directory / "from/empty", "");

  const auto copied =
      copy_files(directory / "from", directory / "store/to", {"big", "empty", "sub/dir/small"}, {});

  ASSERT_TRUE(copied) << copied.error().message;
  EXPECT_EQ(content_of(directory / "store/to/big"), big);
  EXPECT_EQ(content_of(directory / "store/to/sub/dir/small"), "one");
  EXPECT_EQ(fs::file_size(directory / "store/to/empty"), 0U);
  EXPECT_EQ(content_of(directory / "from/big"), big);
  put(directory / "from/big", "changed");
  EXPECT_EQ(content_of(directory / "store/to/big"), big);
}

TEST(CopyFiles, TakesBackWhatItMadeWhenAFileIsInTheWay) {
  const TemporaryDirectory directory;
  put(directory / "from/sub/a", "one");
  put(directory / "from/b", "two");
  put(directory / "to/b", "theirs");

  const auto copied = copy_files(directory / "from", directory / "to", {"sub/a", "b"}, {});

  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().code, ErrorCode::AlreadyExists);
  EXPECT_EQ(content_of(directory / "to/b"), "theirs");
  EXPECT_FALSE(fs::exists(directory / "to/sub"));
}

TEST(CopyFiles, LeavesNothingWhenCancelled) {
  const TemporaryDirectory directory;
  put(directory / "from/a", noise(1 << 20));
  put(directory / "from/sub/b", noise(9 << 20));
  const auto cancelled = std::make_shared<std::atomic<bool>>(false);
  const JobContext job(cancelled, [&](const Progress&) { cancelled->store(true); });

  const auto copied = copy_files(directory / "from", directory / "new/deep", {"a", "sub/b"}, job);

  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().code, ErrorCode::Cancelled);
  EXPECT_FALSE(fs::exists(directory / "new"));

  fs::create_directory(directory / "old");
  const JobContext again(std::make_shared<std::atomic<bool>>(true), {});
  EXPECT_FALSE(copy_files(directory / "from", directory / "old", {"a"}, again));
  EXPECT_TRUE(fs::is_empty(directory / "old"));
}

TEST(CopyFiles, NoticesASourceThatChanges) {
  const TemporaryDirectory directory;
  put(directory / "from/a", noise(9 << 20));
  bool has_acted = false;
  const JobContext job({}, [&](const Progress&) {
    if (!std::exchange(has_acted, true)) std::ofstream(directory / "from/a", std::ios::app) << "x";
  });

  const auto copied = copy_files(directory / "from", directory / "to", {"a"}, job);

  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().code, ErrorCode::Corrupt);
  EXPECT_EQ(copied.error().message,
            "copying " + (directory / "from/a").string() + ": it changed meanwhile");
  EXPECT_FALSE(fs::exists(directory / "to"));
}

TEST(CopyFiles, CopiesNoLinks) {
  const TemporaryDirectory directory;
  put(directory / "secret", "s");
  fs::create_directory(directory / "from");
  fs::create_symlink("../secret", directory / "from/a");

  EXPECT_EQ(copy_files(directory / "from", directory / "to", {"a"}, {}).error().code,
            ErrorCode::NotFound);
  EXPECT_FALSE(fs::exists(directory / "to"));
}

TEST(CopyFiles, SaysWhatItNeedsOnAFullDisk) {
  const TemporaryDirectory directory, disk;
  if (::unshare(CLONE_NEWNS) != 0 ||
      ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("tmpfs", disk.path().c_str(), "tmpfs", 0, "size=1m") != 0)
    GTEST_SKIP() << "a full disk needs the right to mount: " << std::strerror(errno);
  put(directory / "a", noise(500'000));
  put(directory / "b", noise(2'000'000));

  const auto copied = copy_files(directory, disk / "to", {"a", "b"}, {});

  EXPECT_FALSE(copied);
  EXPECT_EQ(copied.error().code, ErrorCode::NoSpace);
  EXPECT_EQ(copied.error().message.rfind(
                "copying to " + (disk / "to").string() + " needs 2.5 MB more, and 1.0 MB", 0),
            0U)
      << copied.error().message;
  EXPECT_TRUE(fs::is_empty(disk));

  // Across file systems, and by hand where the kernel does not copy between them.
  EXPECT_TRUE(copy_files(directory, disk / "to", {"a"}, {}));
  EXPECT_EQ(content_of(disk / "to/a"), noise(500'000));
  ::umount(disk.path().c_str());
}

}  // namespace
}  // namespace owrd::content
