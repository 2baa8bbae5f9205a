#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "daemon/content/jobs.h"
#include "daemon/core/result.h"

/// How one job uses all cores. Everything here returns only when its threads have ended.
namespace owrd::content {

/// Calls `work` once for each index below `count`, in this order, on at most `most_threads`
/// threads, the caller's among them. After the first error, and when the job is cancelled, it hands
/// out no more. Gives the error of the lowest index, or Cancelled.
Result<> for_each_index(std::size_t count, unsigned most_threads, const JobContext& job,
                        const std::function<Result<>(std::size_t)>& work);

/// At least 1.
unsigned core_count();

/// Adds up what the threads of a job have done, and reports it.
class ByteMeter {
 public:
  ByteMeter(const JobContext& job, std::uint64_t total_bytes) : job_(job), total_(total_bytes) {}

  void add(std::uint64_t bytes, const std::string& file) {
    job_.report({done_.fetch_add(bytes, std::memory_order_relaxed) + bytes, total_, file});
  }

 private:
  const JobContext& job_;
  const std::uint64_t total_;
  std::atomic<std::uint64_t> done_{0};
};

/// What a cancelled job returns.
inline Error cancelled_error() { return {ErrorCode::Cancelled, "cancelled"}; }

}  // namespace owrd::content
