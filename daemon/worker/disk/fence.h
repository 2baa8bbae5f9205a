#pragma once

#include <deque>
#include <functional>
#include <utility>

namespace owrd::worker::disk {

/// Lets the operations on one torrent run side by side, except that some run alone: after all that
/// came before and before all that come after. Every one ends with leave().
class Fence {
 public:
  template <class Start>
  void enter(Start&& start) {
    if (is_alone_ || !waiting_.empty()) {
      waiting_.push_back({std::forward<Start>(start), false});
      return;
    }
    ++inside_;
    start();
  }

  void enter_alone(std::function<void()> start) {
    waiting_.push_back({std::move(start), true});
    let_in();
  }

  void leave() {
    --inside_;
    is_alone_ = false;
    let_in();
  }

 private:
  struct Waiting {
    std::function<void()> start;
    bool is_alone;
  };

  void let_in() {
    // Whoever starts may leave at once, which comes back here.
    if (std::exchange(is_letting_in_, true)) return;
    while (!waiting_.empty() && !is_alone_ && !(waiting_.front().is_alone && inside_ > 0)) {
      const auto next = std::move(waiting_.front());
      waiting_.pop_front();
      ++inside_;
      is_alone_ = next.is_alone;
      next.start();
    }
    is_letting_in_ = false;
  }

  int inside_ = 0;
  bool is_alone_ = false;
  bool is_letting_in_ = false;
  std::deque<Waiting> waiting_;
};

}  // namespace owrd::worker::disk
