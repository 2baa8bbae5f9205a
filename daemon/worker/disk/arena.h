#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace owrd::worker::disk {

/// Memory in one piece, aligned to pages. What was never touched, or was trimmed since, costs
/// nothing.
class Arena {
 public:
  explicit Arena(std::size_t size);

  std::size_t size() const { return size_; }
  char* at(std::size_t offset) const { return memory_.get() + offset; }
  bool holds(const char* address) const {
    return std::greater_equal<>()(address, at(0)) && std::less<>()(address, at(size_));
  }
  std::size_t offset_of(const char* address) const {
    return static_cast<std::size_t>(address - at(0));
  }
  /// Hands a range of whole pages back to the system; its bytes are lost.
  void trim(std::size_t offset, std::size_t length);

 private:
  struct Free {
    void operator()(char* memory) const;
  };

  std::size_t size_;
  std::unique_ptr<char[], Free> memory_;
};

}  // namespace owrd::worker::disk
