#pragma once

#include <filesystem>

#include "daemon/core/system.h"

namespace owrd::store {

/// The store's directory, made when it is missing and locked against other processes for as long as
/// this lives. The lock is the kernel's (flock(2) on the file `lock`), so it ends with the process,
/// however that ends.
class LockedDirectory {
 public:
  /// Config when the directory holds other things than a store, Busy when another process has it;
  /// Denied, NoSpace, Io.
  static Result<LockedDirectory> open(const std::filesystem::path& directory);
  LockedDirectory(LockedDirectory&& other) noexcept = default;
  LockedDirectory& operator=(LockedDirectory&& other) = delete;
  ~LockedDirectory();

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path database() const { return path_ / "owrd.db"; }

 private:
  LockedDirectory(std::filesystem::path path, Descriptor lock);
  std::filesystem::path path_;
  Descriptor lock_;
};

/// Why a system call on `path` failed, by its errno.
Error store_error(const std::filesystem::path& path, const std::string& doing, int number);

}  // namespace owrd::store
