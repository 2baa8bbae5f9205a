#include "daemon/control/event_queue.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace owrd::control {

bool EventQueue::push(std::string event) {
  if (waiting_.size() >= limits_.events || bytes_ >= limits_.bytes) return false;
  bytes_ += event.size();
  waiting_.push_back({std::move(event), /*is_progress=*/false});
  return true;
}

void EventQueue::push_progress(std::string event) {
  const auto old = std::find_if(waiting_.begin(), waiting_.end(),
                                [](const Waiting& waiting) { return waiting.is_progress; });
  if (old != waiting_.end()) {
    bytes_ -= old->event.size();
    waiting_.erase(old);
  }
  bytes_ += event.size();
  waiting_.push_back({std::move(event), /*is_progress=*/true});
}

std::string EventQueue::pop() {
  assert(!waiting_.empty());
  std::string event = std::move(waiting_.front().event);
  waiting_.pop_front();
  bytes_ -= event.size();
  return event;
}

}  // namespace owrd::control
