#include "daemon/content/parallel.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace owrd::content {
namespace {

TEST(ForEachIndex, VisitsEachOnce) {
  for (const unsigned threads : {1U, 2U, 7U}) {
    std::vector<std::atomic<int>> visits(1000);

    const auto done = for_each_index(visits.size(), threads, {}, [&](std::size_t i) -> Result<> {
      ++visits[i];
      return Done{};
    });

    EXPECT_TRUE(done);
    for (const auto& count : visits) EXPECT_EQ(count, 1);
  }
}

TEST(ForEachIndex, GivesTheErrorOfTheLowestIndexAndStops) {
  std::atomic<std::size_t> visited{0};

  const auto done = for_each_index(100'000, 4, {}, [&](std::size_t i) -> Result<> {
    ++visited;
    return Error{ErrorCode::Io, "at " + std::to_string(i)};
  });

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "at 0");
  EXPECT_LE(visited, 8U);
}

TEST(ForEachIndex, TurnsAnExceptionIntoAnError) {
  const auto done =
      for_each_index(10, 2, {}, [](std::size_t) -> Result<> { throw std::runtime_error("odd"); });

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::Internal);
  EXPECT_EQ(done.error().message, "working on files: odd");
}

TEST(ForEachIndex, StopsWhenCancelled) {
  const auto cancelled = std::make_shared<std::atomic<bool>>(false);
  const JobContext job(cancelled, {});
  std::atomic<std::size_t> visited{0};

  const auto done = for_each_index(1'000'000, 2, job, [&](std::size_t) -> Result<> {
    if (++visited == 10) cancelled->store(true);
    return Done{};
  });

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::Cancelled);
  EXPECT_LT(visited, 1'000'000U);
}

}  // namespace
}  // namespace owrd::content
