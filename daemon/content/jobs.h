#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/core/result.h"

namespace owrd::content {

struct Progress {
  std::uint64_t bytes_done;
  std::uint64_t bytes_total;
  std::string file;
};

/// What a running job may ask and tell. Safe from any thread of the job.
class JobContext {
 public:
  using Report = std::function<void(const Progress&)>;
  JobContext() = default;  ///< Never cancelled, reports to nobody.
  JobContext(std::shared_ptr<const std::atomic<bool>> cancelled, Report report)
      : cancelled_(std::move(cancelled)), report_(std::move(report)) {}

  bool is_cancelled() const { return cancelled_ && cancelled_->load(std::memory_order_relaxed); }
  void report(const Progress& progress) const {
    if (report_) report_(progress);
  }

 private:
  std::shared_ptr<const std::atomic<bool>> cancelled_;
  Report report_;
};

/// Cancels its job when asked to; copies share the job. Letting it go changes nothing.
class JobHandle {
 public:
  JobHandle() = default;
  explicit JobHandle(std::shared_ptr<std::atomic<bool>> cancelled)
      : cancelled_(std::move(cancelled)) {}
  void cancel() const {
    if (cancelled_) cancelled_->store(true, std::memory_order_relaxed);
  }

 private:
  std::shared_ptr<std::atomic<bool>> cancelled_;
};

/// The daemon's only other threads: runs blocking work on files and posts what came of it to the
/// loop. Jobs take values and return values. `done` is called on the loop exactly once, also for a
/// cancelled job (with Cancelled, or with the result when it was ready), unless the loop ends
/// first. `progress` is called on the loop, at most ten times a second, never after `done`.
class Jobs {
 public:
  /// With at least one thread.
  Jobs(boost::asio::io_context& loop, unsigned threads);
  /// Cancels and waits for what is running.
  ~Jobs();

  template <class T>
  JobHandle run(std::function<Result<T>(const JobContext&)> work,
                std::function<void(Result<T>)> done,
                std::function<void(const Progress&)> progress = {}) {
    auto job = add_job(std::move(progress));
    boost::asio::post(pool_, [this, job, work = std::move(work), done = std::move(done)]() mutable {
      auto result = attempt<T>(work, make_context(job));
      // Before `done` hears of it: what the work holds belongs to this thread.
      work = nullptr;
      boost::asio::post(loop_, [job, done = std::move(done), result = std::move(result)]() mutable {
        job->progress = nullptr;
        done(std::move(result));
      });
    });
    return JobHandle(std::shared_ptr<std::atomic<bool>>(job, &job->cancelled));
  }

 private:
  struct Job {
    explicit Job(std::function<void(const Progress&)> listener)
        : progress(std::move(listener)), has_listener(static_cast<bool>(progress)) {}
    std::atomic<bool> cancelled{false};
    std::atomic<std::int64_t> next_report_ns{0};
    std::function<void(const Progress&)> progress;  ///< The loop's alone; empty after `done`.
    const bool has_listener;
  };

  /// An exception that left a job would end the process.
  template <class T>
  static Result<T> attempt(const std::function<Result<T>(const JobContext&)>& work,
                           const JobContext& context) {
    if (context.is_cancelled()) return Error{ErrorCode::Cancelled, "cancelled"};
    try {
      return work(context);
    } catch (const std::exception& exception) {
      return Error{ErrorCode::Internal, std::string("working on files: ") + exception.what()};
    }
  }

  std::shared_ptr<Job> add_job(std::function<void(const Progress&)> progress);
  JobContext make_context(const std::shared_ptr<Job>& job);

  boost::asio::io_context& loop_;
  boost::asio::thread_pool pool_;
  std::vector<std::weak_ptr<Job>> jobs_;
};

}  // namespace owrd::content
