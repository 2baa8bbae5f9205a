#include "daemon/content/parallel.h"

#include <algorithm>
#include <exception>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace owrd::content {
namespace {

/// The one place where an exception of a worker ends: out of a thread it would end the process.
Result<> attempt(const std::function<Result<>(std::size_t)>& work, std::size_t index) {
  try {
    return work(index);
  } catch (const std::exception& exception) {
    return Error{ErrorCode::Internal, std::string("working on files: ") + exception.what()};
  }
}

/// Fewer threads than wished for are no error: the caller's own does the rest.
void start_thread(std::vector<std::thread>& threads, const std::function<void()>& body) {
  try {
    threads.emplace_back(body);
  } catch (const std::system_error&) {
  }
}

}  // namespace

unsigned core_count() { return std::max(1U, std::thread::hardware_concurrency()); }

Result<> for_each_index(std::size_t count, unsigned most_threads, const JobContext& job,
                        const std::function<Result<>(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  std::atomic<bool> has_failed{false};
  std::mutex mutex;
  std::map<std::size_t, Error> errors;  // By index; under the mutex. At most one a thread.
  const std::function<void()> body = [&] {
    while (!has_failed && !job.is_cancelled()) {
      const auto index = next.fetch_add(1);
      if (index >= count) return;
      const auto result = attempt(work, index);
      if (result) continue;
      has_failed = true;
      const std::lock_guard lock(mutex);
      errors.emplace(index, result.error());
    }
  };

  std::vector<std::thread> threads;
  const auto wanted = std::min<std::size_t>(most_threads, count);
  threads.reserve(wanted);
  while (threads.size() + 1 < wanted) {
    const auto before = threads.size();
    start_thread(threads, body);
    if (threads.size() == before) break;
  }
  body();
  for (auto& thread : threads) thread.join();

  if (job.is_cancelled()) return cancelled_error();
  if (!errors.empty()) return errors.begin()->second;
  return Done{};
}

}  // namespace owrd::content
