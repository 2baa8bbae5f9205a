#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>

namespace owrd::control {

/// What waits to be written to one stream's client. A client that reads slowly sees every event
/// that matters and, of those that only tell how far something is, the newest.
class EventQueue {
 public:
  struct Limits {
    std::size_t events = 64;
    std::size_t bytes = 32 * 1024 * 1024;  ///< The last one accepted may go beyond it.
  };
  explicit EventQueue(Limits limits) : limits_(limits) {}

  /// False when the client is so far behind that it has to be cut off.
  [[nodiscard]] bool push(std::string event);
  /// Takes the place of the progress that waits, if one does.
  void push_progress(std::string event);

  bool is_empty() const { return waiting_.empty(); }
  /// The oldest; there must be one.
  std::string pop();

 private:
  struct Waiting {
    std::string event;
    bool is_progress;
  };
  Limits limits_;
  std::deque<Waiting> waiting_;  ///< At most one of them is progress.
  std::size_t bytes_ = 0;
};

}  // namespace owrd::control
