#pragma once

#include <chrono>
#include <cstdint>

#include "daemon/core/clock.h"

namespace owrd::test {

/// Stands still until a test moves it.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(std::int64_t now = 1'790'000'000) : now_(now) {}

  std::int64_t now() const override { return now_; }
  std::chrono::steady_clock::time_point steady_now() const override { return steady_; }

  void advance(std::chrono::seconds by) {
    now_ += by.count();
    steady_ += by;
  }

 private:
  std::int64_t now_;
  std::chrono::steady_clock::time_point steady_{std::chrono::hours(24)};
};

}  // namespace owrd::test
