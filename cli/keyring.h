#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/result.h"
#include "daemon/trust/key.h"

namespace owrd::cli {

/// A person's secret keys: one file NAME.key each (mode 0600, in directories of mode 0700), never
/// overwritten. Only the CLI reads it.
class Keyring {
 public:
  explicit Keyring(std::filesystem::path directory) : directory_(std::move(directory)) {}

  std::filesystem::path path_of(std::string_view name) const;
  /// By name. A file that others may read is Denied; one that is no key is named in the error.
  Result<std::vector<trust::KeyFile>> list() const;
  /// NotFound, with the nearest name, when there is none.
  Result<trust::KeyFile> find(std::string_view name) const;
  /// AlreadyExists when a key has that name. The file is on disk when this returns.
  Result<> add(std::string_view name, std::string_view text) const;

 private:
  std::vector<std::string> names() const;

  std::filesystem::path directory_;
};

}  // namespace owrd::cli
