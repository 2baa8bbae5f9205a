#include "daemon/content/jobs.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace owrd::content {
namespace {

constexpr std::int64_t kReportIntervalNs = 100'000'000;

std::int64_t steady_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Jobs::Jobs(boost::asio::io_context& loop, unsigned threads)
    : loop_(loop), pool_(std::max(1U, threads)) {}

Jobs::~Jobs() {
  for (const auto& weak : jobs_)
    if (const auto job = weak.lock()) job->cancelled = true;
  // Not stop(): the jobs that still wait must see that they are cancelled and say so.
  pool_.join();
}

std::shared_ptr<Jobs::Job> Jobs::add_job(std::function<void(const Progress&)> progress) {
  jobs_.erase(std::remove_if(jobs_.begin(), jobs_.end(),
                             [](const std::weak_ptr<Job>& job) { return job.expired(); }),
              jobs_.end());
  auto job = std::make_shared<Job>(std::move(progress));
  jobs_.push_back(job);
  return job;
}

JobContext Jobs::make_context(const std::shared_ptr<Job>& job) {
  std::shared_ptr<const std::atomic<bool>> cancelled(job, &job->cancelled);
  if (!job->has_listener) return JobContext(std::move(cancelled), {});
  return JobContext(std::move(cancelled), [this, job](const Progress& progress) {
    const auto now = steady_ns();
    auto next = job->next_report_ns.load(std::memory_order_relaxed);
    // Of threads that come at once, one reports.
    if (now < next || !job->next_report_ns.compare_exchange_strong(next, now + kReportIntervalNs))
      return;
    boost::asio::post(loop_, [job, progress] {
      if (job->progress) job->progress(progress);
    });
  });
}

}  // namespace owrd::content
