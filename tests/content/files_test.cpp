#include "daemon/content/files.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>

#include "tests/content/temporary_directory.h"

namespace owrd::content {
namespace {

namespace fs = std::filesystem;

std::size_t entries_in(const fs::path& directory) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), {}));
}

TEST(Identify, SurvivesARenameButNotAWrite) {
  const TemporaryDirectory directory;
  put(directory / "a", "one");
  const auto before = identify(directory, "a");
  ASSERT_TRUE(before);
  EXPECT_EQ(before->size, 3U);

  fs::rename(directory / "a", directory / "b");
  EXPECT_EQ(*identify(directory, "b"), *before);

  put(directory / "b", "four");
  EXPECT_NE(*identify(directory, "b"), *before);
}

TEST(Identify, FindsOnlyRegularFilesBehindRealDirectories) {
  const TemporaryDirectory directory;
  put(directory / "real/a", "one");
  fs::create_symlink("real", directory / "link");
  fs::create_symlink("real/a", directory / "a");

  EXPECT_TRUE(identify(directory, "real/a"));
  for (const auto* path : {"missing", "real", "link/a", "a", "real/a/b"}) {
    const auto found = identify(directory, path);
    ASSERT_FALSE(found) << path;
    EXPECT_EQ(found.error().code, ErrorCode::NotFound) << path;
  }
}

TEST(Files, RefuseWaysOutOfTheDirectory) {
  const TemporaryDirectory directory;
  put(directory / "inside/a", "one");
  put(directory / "b", "two");
  for (const auto* path :
       {"../b", "inside/../b", "/etc/passwd", "", "inside/", "./a", "inside//a"}) {
    SCOPED_TRACE(path);
    const auto read = read_file(directory / "inside", path, 100);
    ASSERT_FALSE(read);
    const auto written = write_file(directory / "inside", path, as_bytes("x"));
    ASSERT_FALSE(written);
    EXPECT_NE(written.error().message.find("not a path within a directory"), std::string::npos)
        << written.error().message;
  }
  EXPECT_EQ(content_of(directory / "b"), "two");
}

TEST(Files, FollowTheOperatorsLinkToTheDirectoryItself) {
  const TemporaryDirectory directory;
  fs::create_directory(directory / "disk");
  fs::create_symlink("disk", directory / "models");

  EXPECT_TRUE(write_file(directory / "models", "a", as_bytes("one")));
  EXPECT_EQ(content_of(directory / "disk/a"), "one");
}

TEST(ReadFile, StopsAtItsLimit) {
  const TemporaryDirectory directory;
  put(directory / "a", "12345");

  EXPECT_EQ(as_text(*read_file(directory, "a", 5)), "12345");
  const auto longer = read_file(directory, "a", 4);
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().code, ErrorCode::Corrupt);
  EXPECT_EQ(longer.error().message,
            "reading " + (directory / "a").string() + ": it is longer than 4 B");
}

TEST(ReadFile, DoesNotWaitForANamedPipe) {
  const TemporaryDirectory directory;
  ASSERT_EQ(::mkfifo((directory / "pipe").c_str(), 0666), 0);

  EXPECT_EQ(read_file(directory, "pipe", 10).error().code, ErrorCode::NotFound);
}

TEST(WriteFile, ReplacesTheWholeAndLeavesNothingBeside) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(write_file(directory, "sub/dir/a", as_bytes("the first content")));
  ASSERT_TRUE(write_file(directory, "sub/dir/a", as_bytes("second")));

  EXPECT_EQ(content_of(directory / "sub/dir/a"), "second");
  EXPECT_EQ(entries_in(directory / "sub/dir"), 1U);
}

TEST(WriteFile, DoesNotMakeTheDirectoryItself) {
  const TemporaryDirectory directory;

  const auto written = write_file(directory / "unmounted", "a", as_bytes("x"));

  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::NotFound);
  EXPECT_EQ(written.error().message,
            "writing " + (directory / "unmounted").string() + ": No such file or directory");
  EXPECT_FALSE(fs::exists(directory / "unmounted"));
}

TEST(WriteFile, GoesThroughNoSymbolicLink) {
  const TemporaryDirectory directory;
  put(directory / "victim/a", "old");
  fs::create_directory(directory / "release");
  fs::create_symlink(directory / "victim", directory / "release/sub");
  fs::create_symlink(directory / "victim/a", directory / "release/a");

  const auto through = write_file(directory / "release", "sub/a", as_bytes("new"));
  ASSERT_FALSE(through);
  EXPECT_NE(through.error().message.find("a symbolic link is not followed"), std::string::npos);
  // At the end of the path the link is replaced, not followed.
  ASSERT_TRUE(write_file(directory / "release", "a", as_bytes("new")));
  EXPECT_FALSE(fs::is_symlink(directory / "release/a"));
  EXPECT_EQ(content_of(directory / "victim/a"), "old");
}

TEST(WriteFile, IsDeniedByNameWhereItMayNot) {
  const TemporaryDirectory directory;
  put(directory / "closed/a", "old");
  ::chmod((directory / "closed").c_str(), 0555);
  const WithoutPrivileges nobody;

  const auto written = write_file(directory / "closed", "a", as_bytes("new"));

  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::Denied);
  EXPECT_EQ(written.error().message,
            "writing " + (directory / "closed/a").string() + ": Permission denied");
  EXPECT_EQ(content_of(directory / "closed/a"), "old");
  EXPECT_EQ(make_directory(directory / "closed/more/deep").error().message,
            "making the directory " + (directory / "closed/more").string() + ": Permission denied");
}

TEST(WriteFile, KeepsTheOldContentOnAFullDisk) {
  const TemporaryDirectory directory;
  if (::unshare(CLONE_NEWNS) != 0 ||
      ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("tmpfs", directory.path().c_str(), "tmpfs", 0, "size=64k") != 0)
    GTEST_SKIP() << "a full disk needs the right to mount: " << std::strerror(errno);
  ASSERT_TRUE(write_file(directory, "a", as_bytes("old")));

  const auto written = write_file(directory, "a", as_bytes(noise(100'000)));

  EXPECT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::NoSpace);
  EXPECT_EQ(written.error().message,
            "writing " + (directory / "a").string() + ": No space left on device");
  EXPECT_EQ(content_of(directory / "a"), "old");
  EXPECT_EQ(entries_in(directory), 1U);
  EXPECT_LT(*free_bytes(directory), 64U * 1024);
  ::umount(directory.path().c_str());
}

TEST(MoveFile, ReplacesNothing) {
  const TemporaryDirectory directory;
  put(directory / "from/sub/a", "new");
  put(directory / "to/sub/b", "other");

  ASSERT_TRUE(move_file(directory / "from", directory / "to", "sub/a"));
  EXPECT_EQ(content_of(directory / "to/sub/a"), "new");
  EXPECT_FALSE(fs::exists(directory / "from/sub/a"));

  put(directory / "from/sub/b", "mine");
  const auto refused = move_file(directory / "from", directory / "to", "sub/b");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::AlreadyExists);
  EXPECT_EQ(content_of(directory / "to/sub/b"), "other");
  EXPECT_EQ(content_of(directory / "from/sub/b"), "mine");

  EXPECT_EQ(move_file(directory / "from", directory / "to", "c").error().code, ErrorCode::NotFound);
}

TEST(MoveFile, MovesNoLinkUnderAFinalName) {
  const TemporaryDirectory directory;
  put(directory / "secret", "s");
  fs::create_directories(directory / "from");
  fs::create_directories(directory / "to");
  fs::create_symlink(directory / "secret", directory / "from/a");

  EXPECT_EQ(move_file(directory / "from", directory / "to", "a").error().code, ErrorCode::NotFound);
  EXPECT_TRUE(fs::is_empty(directory / "to"));
}

TEST(CutFile, ShortensOnlyWhatIsLonger) {
  const TemporaryDirectory directory;
  put(directory / "a", "0123456789");
  ASSERT_TRUE(cut_file(directory, "a", 20));
  EXPECT_EQ(content_of(directory / "a"), "0123456789");
  ASSERT_TRUE(cut_file(directory, "a", 4));
  EXPECT_EQ(content_of(directory / "a"), "0123");

  fs::create_symlink("a", directory / "link");
  EXPECT_FALSE(cut_file(directory, "link", 1));
  EXPECT_EQ(content_of(directory / "a"), "0123");
  EXPECT_EQ(cut_file(directory, "missing", 1).error().code, ErrorCode::NotFound);
}

TEST(MoveDirectory, TakesThePlaceOfNothingElse) {
  const TemporaryDirectory directory;
  put(directory / "from/in/a", "one");
  ASSERT_TRUE(move_directory(directory / "from", directory / "new/to"));
  EXPECT_EQ(content_of(directory / "new/to/in/a"), "one");
  EXPECT_FALSE(fs::exists(directory / "from"));

  fs::create_directory(directory / "empty");
  ASSERT_TRUE(move_directory(directory / "new/to", directory / "empty"));
  EXPECT_EQ(content_of(directory / "empty/in/a"), "one");

  put(directory / "other/b", "two");
  put(directory / "file", "three");
  for (const auto* taken : {"other", "file"}) {
    const auto moved = move_directory(directory / "empty", directory / taken);
    ASSERT_FALSE(moved) << taken;
    EXPECT_EQ(moved.error().code, ErrorCode::AlreadyExists) << taken;
    EXPECT_FALSE(moved.error().hint.empty());
  }
  EXPECT_EQ(content_of(directory / "other/b"), "two");
  EXPECT_EQ(content_of(directory / "file"), "three");
  EXPECT_EQ(content_of(directory / "empty/in/a"), "one");
  EXPECT_EQ(move_directory(directory / "gone", directory / "there").error().code,
            ErrorCode::NotFound);
}

TEST(MakeEmptyFile, KeepsWhatIsThere) {
  const TemporaryDirectory directory;
  put(directory / "full", "one");

  EXPECT_TRUE(make_empty_file(directory, "sub/empty"));
  EXPECT_TRUE(make_empty_file(directory, "sub/empty"));
  EXPECT_EQ(fs::file_size(directory / "sub/empty"), 0U);
  EXPECT_EQ(make_empty_file(directory, "full").error().code, ErrorCode::AlreadyExists);
  EXPECT_EQ(content_of(directory / "full"), "one");
}

TEST(SyncFiles, NamesAFileThatIsGone) {
  const TemporaryDirectory directory;
  put(directory / "sub/a", "one");

  EXPECT_TRUE(sync_files(directory, {"sub/a"}));
  EXPECT_EQ(sync_files(directory, {"sub/a", "sub/b"}).error().code, ErrorCode::NotFound);
}

TEST(Space, IsAskedOfTheNearestDirectoryThatExists) {
  const TemporaryDirectory directory;

  EXPECT_GT(*free_bytes(directory / "not/yet/there"), 0U);
}

TEST(AllocatedBytes, CountNoHoles) {
  const TemporaryDirectory directory;
  put(directory / "sparse", "");
  fs::resize_file(directory / "sparse", 1 << 24);
  put(directory / "dense", noise(1 << 16));
  ASSERT_TRUE(sync_files(directory, {"sparse", "dense"}));

  EXPECT_LT(allocated_bytes(directory, "sparse"), 1U << 20);
  EXPECT_GE(allocated_bytes(directory, "dense"), 1U << 16);
  EXPECT_EQ(allocated_bytes(directory, "missing"), 0U);
}

TEST(Directories, AreMadeAndSeenToBeEmpty) {
  const TemporaryDirectory directory;

  EXPECT_TRUE(*is_empty_or_missing(directory / "a/b"));
  ASSERT_TRUE(make_directory(directory / "a/b"));
  EXPECT_TRUE(make_directory(directory / "a/b"));
  EXPECT_TRUE(*is_empty_or_missing(directory / "a/b"));
  put(directory / "a/b/c", "one");
  EXPECT_FALSE(*is_empty_or_missing(directory / "a/b"));
  EXPECT_EQ(is_empty_or_missing(directory / "a/b/c").error().code, ErrorCode::InvalidInput);
  EXPECT_EQ(make_directory(directory / "a/b/c/d").error().message,
            "making the directory " + (directory / "a/b/c").string() + ": Not a directory");
}

TEST(RemoveFiles, LeavesWhatIsNotOfTheRelease) {
  const TemporaryDirectory directory;
  put(directory / "r/a/b/c", "1");
  put(directory / "r/a/mine", "2");
  put(directory / "r/d/e", "3");

  ASSERT_TRUE(remove_files(directory / "r", {"a/b/c", "d/e", "gone/f"}));

  EXPECT_FALSE(fs::exists(directory / "r/a/b"));
  EXPECT_FALSE(fs::exists(directory / "r/d"));
  EXPECT_TRUE(fs::exists(directory / "r/a/mine"));

  ASSERT_TRUE(remove_files(directory / "r", {"a/mine"}));
  EXPECT_FALSE(fs::exists(directory / "r"));
  EXPECT_TRUE(remove_files(directory / "r", {"a/mine"}));
}

TEST(RemoveTree, DoesNotFollowLinks) {
  const TemporaryDirectory directory;
  put(directory / "victim/a", "1");
  put(directory / "tree/b/c", "2");
  fs::create_directory_symlink(directory / "victim", directory / "tree/link");

  ASSERT_TRUE(remove_tree(directory / "tree"));

  EXPECT_FALSE(fs::exists(directory / "tree"));
  EXPECT_TRUE(fs::exists(directory / "victim/a"));
  EXPECT_TRUE(remove_tree(directory / "tree"));
}

}  // namespace
}  // namespace owrd::content
