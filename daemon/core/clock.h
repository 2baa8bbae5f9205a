#pragma once

#include <chrono>
#include <cstdint>

namespace owrd {

/// What time it is. The engine takes it from outside so that a test can set it.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Unix seconds.
  virtual std::int64_t now() const = 0;
  /// Never runs backwards.
  virtual std::chrono::steady_clock::time_point steady_now() const = 0;
};

class SystemClock final : public Clock {
 public:
  std::int64_t now() const override {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
  std::chrono::steady_clock::time_point steady_now() const override {
    return std::chrono::steady_clock::now();
  }
};

}  // namespace owrd
