#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <libtorrent/fwd.hpp>
#include <libtorrent/io_context.hpp>
#include <mutex>
#include <thread>

#include "daemon/worker/disk/open_files.h"

namespace owrd::worker::disk {

/// One thread that does jobs in the order given, with the files that it has open. A job takes
/// values and returns what is to be run with its results, which is posted to the io_context.
///
/// All but the jobs themselves is called on one thread, the io_context's.
class DiskThread {
 public:
  using Done = std::function<void()>;
  using Job = std::function<Done(OpenFiles&)>;

  DiskThread(lt::io_context& loop, OpenFiles files);
  /// Waits for all jobs.
  ~DiskThread();

  void run(Job job);
  /// Ends the thread after the jobs that it has. Jobs that come later are done at once by the
  /// caller.
  void stop();
  void join();

 private:
  void work();
  bool take(Job& job);

  lt::io_context& loop_;
  OpenFiles files_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;     ///< Under the mutex.
  bool is_stopped_ = false;  ///< Under the mutex.
  std::thread thread_;
};

}  // namespace owrd::worker::disk
