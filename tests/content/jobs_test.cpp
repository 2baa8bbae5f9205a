#include "daemon/content/jobs.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <stdexcept>
#include <thread>
#include <utility>

namespace owrd::content {
namespace {

/// Runs the loop until `is_done` or, a failure, ten seconds have passed.
void run_until(boost::asio::io_context& loop, const std::function<bool()>& is_done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!is_done()) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    loop.restart();
    loop.run_one_for(std::chrono::milliseconds(100));
  }
}

TEST(Jobs, BringTheResultToTheLoop) {
  boost::asio::io_context loop(1);
  Jobs jobs(loop, 2);
  std::thread::id worked_on, done_on;
  int result = 0;

  jobs.run<int>(
      [&](const JobContext&) -> Result<int> {
        worked_on = std::this_thread::get_id();
        return 42;
      },
      [&](Result<int> value) {
        done_on = std::this_thread::get_id();
        result = *value;
      });
  run_until(loop, [&] { return result != 0; });

  EXPECT_EQ(result, 42);
  EXPECT_EQ(done_on, std::this_thread::get_id());
  EXPECT_NE(worked_on, done_on);
}

TEST(Jobs, TurnAnExceptionIntoAnError) {
  boost::asio::io_context loop(1);
  Jobs jobs(loop, 1);
  std::string message;

  jobs.run<Done>([](const JobContext&) -> Result<> { throw std::runtime_error("odd"); },
                 [&](Result<> result) { message = result.error().message; });
  run_until(loop, [&] { return !message.empty(); });

  EXPECT_EQ(message, "working on files: odd");
}

TEST(Jobs, StopWhenTheirHandleSaysSo) {
  boost::asio::io_context loop(1);
  Jobs jobs(loop, 1);
  int calls = 0;
  const auto work = [](const JobContext& job) -> Result<> {
    while (!job.is_cancelled()) std::this_thread::yield();
    return Error{ErrorCode::Cancelled, "cancelled"};
  };
  const auto done = [&](Result<> result) {
    EXPECT_EQ(result.error().code, ErrorCode::Cancelled);
    ++calls;
  };

  const auto running = jobs.run<Done>(work, done);
  const auto waiting = jobs.run<Done>([](const JobContext&) -> Result<> { return Done{}; }, done);
  waiting.cancel();
  running.cancel();
  run_until(loop, [&] { return calls == 2; });

  loop.restart();
  loop.poll();
  EXPECT_EQ(calls, 2);
}

TEST(Jobs, AreCancelledAndAwaitedWhenTheyEnd) {
  boost::asio::io_context loop(1);
  std::atomic<int> ended{0};
  int cancelled = 0;
  {
    Jobs jobs(loop, 1);
    for (int i = 0; i < 3; ++i)
      jobs.run<Done>(
          [&](const JobContext& job) -> Result<> {
            while (!job.is_cancelled()) std::this_thread::yield();
            ++ended;
            return Error{ErrorCode::Cancelled, "cancelled"};
          },
          [&](Result<> result) { cancelled += result.error().code == ErrorCode::Cancelled; });
  }
  EXPECT_LE(ended, 1);

  loop.run();
  EXPECT_EQ(cancelled, 3);
}

TEST(Jobs, ReportTenTimesASecondAtMostAndNeverAfterTheEnd) {
  boost::asio::io_context loop(1);
  Jobs jobs(loop, 1);
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  bool is_done = false;
  int reports = 0, late = 0;
  std::promise<JobContext> kept;

  jobs.run<Done>(
      [&](const JobContext& job) -> Result<> {
        kept.set_value(job);
        for (std::uint64_t i = 0; Clock::now() < begin + std::chrono::milliseconds(350); ++i)
          job.report({i, 1000, "a"});
        return Done{};
      },
      [&](Result<>) { is_done = true; },
      [&](const Progress& progress) {
        EXPECT_EQ(progress.file, "a");
        ++(is_done ? late : reports);
      });
  run_until(loop, [&] { return is_done; });
  // A thread that outlives its job is a bug, but what it reports must not reach a listener that is
  // gone.
  kept.get_future().get().report({1, 1, "late"});
  loop.restart();
  loop.poll();

  EXPECT_GE(reports, 1);
  EXPECT_LE(reports, 2 + (Clock::now() - begin) / std::chrono::milliseconds(100));
  EXPECT_EQ(late, 0);
}

}  // namespace
}  // namespace owrd::content
