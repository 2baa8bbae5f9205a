#include "daemon/content/writers.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

#include "daemon/content/descriptor.h"
#include "tests/content/temporary_directory.h"

namespace owrd::content {
namespace {

using namespace std::chrono_literals;

class Writers : public testing::Test {
 protected:
  void SetUp() override {
    ::signal(SIGIO, SIG_IGN);
    put(directory_ / "a", noise(10));
    put(directory_ / "b/c", noise(10));
    const Descriptor file(::open((directory_ / "a").c_str(), O_RDONLY | O_CLOEXEC));
    if (::fcntl(file.get(), F_SETLEASE, F_RDLCK) != 0)
      GTEST_SKIP() << "this file system does not tell who writes";
  }

  Descriptor open_to_write(const std::string& path) {
    return Descriptor(::open((directory_ / path).c_str(), O_RDWR | O_CLOEXEC));
  }

  const TemporaryDirectory directory_;
};

TEST_F(Writers, AreNotWaitedForWhenThereAreNone) {
  const Descriptor reader(::open((directory_ / "a").c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_TRUE(wait_for_writers(directory_.path(), {"a", "b/c", "missing"}, {}, 0ms));
}

TEST_F(Writers, AreNamedWhenTheyStay) {
  const auto writer = open_to_write("b/c");
  const auto waited = wait_for_writers(directory_.path(), {"a", "b/c"}, {}, 0ms);
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().code, ErrorCode::Busy);
  EXPECT_NE(waited.error().message.find("b/c"), std::string::npos) << waited.error().message;
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_.path()), {}), 2);
}

TEST_F(Writers, MayLetGoMeanwhile) {
  auto writer = open_to_write("a");
  std::thread other([&] { writer = Descriptor(); });
  EXPECT_TRUE(wait_for_writers(directory_.path(), {"a"}, {}, 30s));
  other.join();
}

TEST_F(Writers, AreNotWaitedForByACancelledJob) {
  const auto writer = open_to_write("a");
  const auto cancelled = std::make_shared<std::atomic<bool>>(true);
  const auto waited =
      wait_for_writers(directory_.path(), {"a"}, JobContext(cancelled, nullptr), 30s);
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().code, ErrorCode::Cancelled);
}

}  // namespace
}  // namespace owrd::content
