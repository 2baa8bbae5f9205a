#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "daemon/engine/views.h"

namespace owrd::engine {

/// One asker's callbacks, shared by the asker's Subscription and by whoever reports. Silent once
/// done or let go.
template <class T>
class Ear {
 public:
  explicit Ear(Observer<T> observer) : observer_(std::move(observer)) {}

  bool is_listening() const { return is_listening_; }
  void hashing(const content::Progress& progress) {
    if (is_listening_ && observer_.on_hashing) observer_.on_hashing(progress);
  }
  void progress(const TransferProgress& progress) {
    if (is_listening_ && observer_.on_progress) observer_.on_progress(progress);
  }
  void plan(const TransferPlan& plan) {
    if (is_listening_ && observer_.on_plan) observer_.on_plan(plan);
  }
  void done(Result<T> result) {
    if (!is_listening_) return;
    is_listening_ = false;
    const auto on_done = std::move(observer_.on_done);
    if (on_done) on_done(std::move(result));
  }
  /// What is called when the asker leaves before it is done.
  void set_on_let_go(std::function<void()> act) { on_let_go_ = std::move(act); }
  void let_go() {
    if (std::exchange(is_listening_, false) && on_let_go_) on_let_go_();
  }

 private:
  Observer<T> observer_;
  std::function<void()> on_let_go_;
  bool is_listening_ = true;
};

template <class T>
using EarPtr = std::shared_ptr<Ear<T>>;

/// The asker's end of an Ear. What was begun for this asker alone is cancelled with it.
template <class T>
class EarSubscription final : public Subscription {
 public:
  explicit EarSubscription(EarPtr<T> ear) : ear_(std::move(ear)) {}
  ~EarSubscription() override { ear_->let_go(); }

 private:
  EarPtr<T> ear_;
};

}  // namespace owrd::engine
