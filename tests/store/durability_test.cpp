#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/store/fixture.h"

namespace owrd::store {
namespace {

// Adds releases from `next` on, and acknowledges each with its number once the store has said yes.
[[noreturn]] void add_until_killed(const std::filesystem::path& directory, std::uint32_t next,
                                   int acknowledgements) {
  auto store = Store::open(directory);
  if (!store) ::_exit(1);
  for (;; ++next) {
    const StoredFile file{next, to_bytes("have")};
    if (!(*store)->add_release(release(next), {file})) ::_exit(2);
    if (!(*store)->save_progress(release(next).release_id, {}, next, next)) ::_exit(3);
    if (::write(acknowledgements, &next, sizeof next) != sizeof next) ::_exit(4);
  }
}

// Kills a process in the midst of it; returns the last number that it acknowledged.
std::uint32_t add_and_kill(const std::filesystem::path& directory, std::uint32_t next,
                           std::uint32_t wanted) {
  int ends[2];
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const pid_t child = ::fork();
  if (child == 0) add_until_killed(directory, next, ends[1]);
  ::close(ends[1]);
  std::uint32_t last = 0;
  for (std::uint32_t i = 0; i < wanted; ++i)
    if (::read(ends[0], &last, sizeof last) != sizeof last) break;
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "it ended by itself with " << WEXITSTATUS(status);
  while (::read(ends[0], &last, sizeof last) == sizeof last) {
  }
  ::close(ends[0]);
  return last;
}

TEST(StoreAfterAKill, HasAllThatWasAcknowledged) {
  const Scratch scratch;
  const auto directory = scratch.path() / "store";
  {
    const auto store = Store::open(directory);
    ASSERT_TRUE(store);
    ASSERT_TRUE(succeeded((*store)->add_publisher(acme())));
  }

  std::uint32_t next = 1;
  for (std::uint32_t round = 0; round < 20; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    const auto acknowledged = add_and_kill(directory, next, 1 + round * 3 % 17);

    const auto store = Store::open(directory);
    ASSERT_TRUE(store) << store.error().message;
    const auto releases = (*store)->releases();
    ASSERT_TRUE(releases) << releases.error().message;
    ASSERT_GE(releases->size(), acknowledged);
    // What was under way when it died is there as a whole or not at all.
    ASSERT_LE(releases->size(), acknowledged + 1);
    for (std::uint32_t i = 0; i < acknowledged; ++i) {
      EXPECT_EQ((*releases)[i].release_id, release(i + 1).release_id);
      EXPECT_EQ((*releases)[i].uploaded, i + 1);
      EXPECT_EQ((*releases)[i].include, release(i + 1).include);
    }
    const auto files = (*store)->files(releases->back().release_id);
    ASSERT_TRUE(files);
    EXPECT_EQ(files->size(), 1U);
    const auto last = static_cast<std::uint32_t>(releases->size());
    ASSERT_TRUE(succeeded((*store)->save_progress(release(last).release_id, {}, last, last)));
    next = last + 1;
  }
}

}  // namespace
}  // namespace owrd::store
