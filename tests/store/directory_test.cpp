#include <fcntl.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "tests/store/fixture.h"

namespace owrd::store {
namespace {

namespace fs = std::filesystem;

TEST(StoreDirectory, IsMadeWithTheOnesAboveIt) {
  const Scratch scratch;
  const auto directory = scratch.path() / "a" / "b" / "store";

  const auto store = Store::open(directory);

  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ((*store)->directory(), directory);
  EXPECT_TRUE(fs::exists(directory / ".owrd-store"));
  EXPECT_TRUE(fs::exists(directory / "owrd.db"));
}

TEST(StoreDirectory, MayBeTheRootOfAnEmptyDisk) {
  const Scratch scratch;
  fs::create_directory(scratch.path() / "lost+found");

  EXPECT_TRUE(Store::open(scratch.path()));
}

TEST(StoreDirectory, IsRefusedWhenItHoldsOtherThings) {
  const Scratch scratch;
  std::ofstream(scratch.path() / "thesis.tex") << "x";

  const auto store = Store::open(scratch.path());

  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::Config);
  EXPECT_EQ(store.error().message,
            "store " + scratch.path().string() + ": the directory holds other things than a store");
  EXPECT_FALSE(store.error().hint.empty());
  EXPECT_FALSE(fs::exists(scratch.path() / "lock"));
}

TEST(StoreDirectory, IsAStoreByItsDatabaseAlone) {
  const Scratch scratch;
  ASSERT_TRUE(Store::open(scratch.path()));
  fs::remove(scratch.path() / ".owrd-store");
  std::ofstream(scratch.path() / "note.txt") << "x";

  EXPECT_TRUE(Store::open(scratch.path()));
  EXPECT_TRUE(fs::exists(scratch.path() / ".owrd-store"));
}

TEST(StoreDirectory, IsRefusedWhenItIsAFile) {
  const Scratch scratch;
  const auto file = scratch.path() / "store";
  std::ofstream(file) << "x";

  const auto store = Store::open(file);

  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::Io);
  EXPECT_EQ(store.error().message,
            "store " + file.string() + ": could not list it: Not a directory");
}

TEST(StoreDirectory, IsRefusedWhenItMayNotBeWritten) {
  if (::geteuid() == 0 && ::access("/proc/sys", F_OK) != 0) GTEST_SKIP() << "no /proc is mounted";
  const Scratch scratch;
  fs::permissions(scratch.path(), fs::perms::owner_read | fs::perms::owner_exec);
  // Root may write anywhere but in such places as /proc.
  const fs::path directory = ::geteuid() == 0 ? fs::path("/proc/owrd") : scratch.path() / "store";

  const auto store = Store::open(directory);

  ASSERT_FALSE(store);
  EXPECT_TRUE(store.error().code == ErrorCode::Denied || ::geteuid() == 0);
  EXPECT_NE(store.error().message.find("could not make it"), std::string::npos);
}

TEST(StoreLock, NamesTheProcessThatHasIt) {
  const Scratch scratch;
  const auto first = Store::open(scratch.path());
  ASSERT_TRUE(first);

  const auto second = Store::open(scratch.path());

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::Busy);
  EXPECT_EQ(second.error().message, "the store " + scratch.path().string() +
                                        " is in use by owrdd (pid " + std::to_string(::getpid()) +
                                        ")");
  EXPECT_NE(second.error().hint.find("owrd status"), std::string::npos);
}

TEST(StoreLock, NamesNobodyWhenTheFileNamesNobody) {
  const Scratch scratch;
  ASSERT_TRUE(Store::open(scratch.path()));
  const int other = ::open((scratch.path() / "lock").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(::flock(other, LOCK_EX | LOCK_NB), 0);

  const auto store = Store::open(scratch.path());
  ::close(other);

  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().message, "the store " + scratch.path().string() + " is in use by owrdd");
}

TEST(StoreLock, EndsWithTheStore) {
  const Scratch scratch;
  { ASSERT_TRUE(Store::open(scratch.path())); }
  EXPECT_TRUE(Store::open(scratch.path()));
}

TEST(StoreLock, IsNotHeldByAProgramThatTheDaemonStarts) {
  const Scratch scratch;
  auto store = Store::open(scratch.path());
  ASSERT_TRUE(store);
  int gate[2];
  ASSERT_EQ(::pipe2(gate, O_CLOEXEC), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(gate[0], 0);
    ::execlp("cat", "cat", nullptr);
    ::_exit(127);
  }
  // Until exec has closed it, the child's copy of the descriptor is the lock's, too.
  const fs::path program = "/proc/" + std::to_string(child) + "/exe";
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  std::error_code error;
  while (fs::read_symlink(program, error) == fs::read_symlink("/proc/self/exe") &&
         std::chrono::steady_clock::now() < deadline)
    ::usleep(1000);

  store->reset();
  const auto again = Store::open(scratch.path());
  ::close(gate[1]);
  int status = 0;
  ::waitpid(child, &status, 0);

  EXPECT_TRUE(again) << again.error().message;
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/// A file system of so many bytes, unmounted at the end.
class SmallDisk {
 public:
  SmallDisk(const fs::path& where, const std::string& size) : where_(where) {
    fs::create_directory(where_);
    error_ =
        ::mount("owrd-test", where_.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0 ? 0 : errno;
  }
  ~SmallDisk() {
    if (error_ == 0) ::umount2(where_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  int error() const { return error_; }

 private:
  fs::path where_;
  int error_;
};

TEST(StoreOnAFullDisk, SaysSoAndKeepsWhatItHas) {
  const Scratch scratch;
  const auto mount = scratch.path() / "disk";
  const SmallDisk disk(mount, "1m");
  if (disk.error() != 0)
    GTEST_SKIP() << "NOT TESTED: a small disk cannot be mounted here: "
                 << std::strerror(disk.error());
  auto store = Store::open(mount / "store");
  ASSERT_TRUE(store) << store.error().message;
  ASSERT_TRUE(succeeded((*store)->add_publisher(acme())));

  std::uint32_t added = 0;
  Result<> last = Done{};
  while (last && added < 1000) {
    auto big = release(added);
    big.proof.assign(64 << 10, std::byte{7});
    last = (*store)->add_release(big, {});
    if (last) ++added;
  }

  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().code, ErrorCode::NoSpace);
  EXPECT_EQ(last.error().message, "store " + (mount / "store").string() +
                                      ": could not add the release atlas:1." +
                                      std::to_string(added) + ": database or disk is full");
  EXPECT_EQ(last.error().hint, "make room there: df -h " + (mount / "store").string());
  EXPECT_GT(added, 0U);

  store->reset();
  store = Store::open(mount / "store");
  ASSERT_TRUE(store) << store.error().message;
  const auto releases = (*store)->releases();
  ASSERT_TRUE(releases);
  EXPECT_EQ(releases->size(), added);
}

TEST(StoreOnAFullDisk, CannotBeMade) {
  const Scratch scratch;
  const auto mount = scratch.path() / "disk";
  const SmallDisk disk(mount, "32k");
  if (disk.error() != 0)
    GTEST_SKIP() << "NOT TESTED: a small disk cannot be mounted here: "
                 << std::strerror(disk.error());

  const auto store = Store::open(mount);

  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::NoSpace) << store.error().message;
}

}  // namespace
}  // namespace owrd::store
