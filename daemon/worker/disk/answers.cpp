#include "daemon/worker/disk/answers.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace owrd::worker::disk {

void Answers::add(std::function<void()> answer) {
  waiting_.push_back(std::move(answer));
  if (waiting_.size() == 1) boost::asio::post(loop_, [this] { give(); });
}

void Answers::give() {
  for (const auto& answer : std::exchange(waiting_, {})) answer();
}

}  // namespace owrd::worker::disk
