#include "daemon/worker/disk/disk_thread.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace owrd::worker::disk {

DiskThread::DiskThread(lt::io_context& loop, OpenFiles files)
    : loop_(loop), files_(std::move(files)), thread_([this] { work(); }) {}

DiskThread::~DiskThread() {
  stop();
  join();
}

void DiskThread::run(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (!is_stopped_) {
      jobs_.push_back(std::move(job));
      if (jobs_.size() == 1) changed_.notify_one();
      return;
    }
  }
  join();
  boost::asio::post(loop_, job(files_));
}

void DiskThread::stop() {
  const std::lock_guard lock(mutex_);
  is_stopped_ = true;
  changed_.notify_one();
}

void DiskThread::join() {
  if (thread_.joinable()) thread_.join();
}

bool DiskThread::take(Job& job) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return is_stopped_ || !jobs_.empty(); });
  if (jobs_.empty()) return false;
  job = std::move(jobs_.front());
  jobs_.pop_front();
  return true;
}

void DiskThread::work() {
  for (Job job; take(job); job = {}) boost::asio::post(loop_, job(files_));
}

}  // namespace owrd::worker::disk
