#include "daemon/core/system.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace owrd {
namespace {

bool is_open(int number) { return ::fcntl(number, F_GETFD) >= 0; }

TEST(SystemError, HasTheCodeOfItsCauseAndAHintForWhatAPersonCanMend) {
  const auto full = system_error("writing", "/data/my model/a", ENOSPC);
  EXPECT_EQ(full.code, ErrorCode::NoSpace);
  EXPECT_EQ(full.message, "writing /data/my model/a: No space left on device");
  EXPECT_EQ(full.hint, "make room there: df -h '/data/my model'");

  EXPECT_EQ(system_error("writing", "/a", EDQUOT).code, ErrorCode::NoSpace);
  EXPECT_EQ(system_error("writing", "/a", EROFS).code, ErrorCode::Denied);
  EXPECT_EQ(system_error("writing", "/a", EPERM).code, ErrorCode::Denied);
  EXPECT_EQ(system_error("reading", "a", EACCES).hint, "see who may: ls -ld . a");
  EXPECT_EQ(system_error("reading", "a", ENOENT).code, ErrorCode::NotFound);
  EXPECT_EQ(system_error("reading", "a", EIO).code, ErrorCode::Io);
  EXPECT_EQ(system_error("reading", "a", EIO).hint, "");
}

TEST(ErrnoError, HasAnyMessage) {
  EXPECT_EQ(errno_error("store /s: could not lock it", "/s/lock", EIO).message,
            "store /s: could not lock it: Input/output error");
}

TEST(Descriptor, ClosesWhatItOwnsOnce) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  {
    Descriptor reading(ends[0]);
    Descriptor moved = std::move(reading);
    EXPECT_EQ(moved.get(), ends[0]);
    EXPECT_TRUE(moved.is_open());
    Descriptor writing(ends[1]);
    EXPECT_EQ(writing.release(), ends[1]);
    EXPECT_FALSE(writing.is_open());
  }
  EXPECT_FALSE(is_open(ends[0]));
  EXPECT_TRUE(is_open(ends[1]));
  ::close(ends[1]);
}

TEST(StandardDescriptors, AreHeldSoThatNothingElseGetsTheirNumbers) {
  EXPECT_EXIT(
      {
        for (const int number : {0, 1, 2}) ::close(number);
        hold_standard_descriptors();
        const bool is_free = ::open("/dev/null", O_RDWR) >= 3;
        const bool refuses = ::write(1, "x", 1) < 0 && ::write(2, "x", 1) < 0;
        ::_exit(is_free && refuses ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

TEST(WriteAll, SaysWhatCannotBeWritten) {
  const Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(full.is_open());
  const auto written = write_all(full, as_bytes("x"), "/dev/full");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::NoSpace);
}

}  // namespace
}  // namespace owrd
