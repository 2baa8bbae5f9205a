#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/core/bytes.h"
#include "daemon/core/result.h"

/// What every room needs of the operating system: descriptors that close themselves, and errors
/// that say what was being done.
namespace owrd {

/// The text of an errno, safe on any thread.
std::string describe_errno(int number);

/// `message`, then the text of `number` (an errno), with the code that it stands for and, for what
/// a person can mend about `what`, a hint.
Error errno_error(const std::string& message, const std::filesystem::path& what, int number);

/// The same with the message "writing /data/a" of an act and a path.
Error system_error(std::string_view act, const std::filesystem::path& what, int number);

/// Owns an open file descriptor, or none.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();

  int get() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  /// The caller closes it from here on.
  int release() { return std::exchange(number_, -1); }

 private:
  int number_ = -1;
};

/// Fills those of the descriptors 0, 1 and 2 that are closed, so that nothing else gets their
/// numbers: reading from them and writing to them fails. First thing in main().
void hold_standard_descriptors();

Result<> write_all(const Descriptor& file, ByteView bytes, const std::filesystem::path& what);

/// Waits until the file, or the names in the directory, are on the disk.
Result<> sync(const Descriptor& file, const std::filesystem::path& what);

}  // namespace owrd
