#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "daemon/content/files.h"
#include "daemon/core/result.h"
#include "owrd/v1/release.pb.h"

namespace owrd::content {

struct ScannedFile {
  std::string path;
  FileIdentity identity;
  v1::FileRole role;
};

struct LeftOut {
  std::string path;
  std::string reason;
};

/// What of a directory would be published.
struct Scan {
  std::vector<ScannedFile> files;  ///< In tree order; owrd's own files are not among them.
  std::vector<LeftOut> left_out;   ///< .git, .cache, the litter of editors and systems.
  std::vector<std::string> warnings;
  std::optional<Error> without_weights = {};  ///< There are none: what is missing, and what to do.
};

/// Walks a directory and refuses, by name and with what to do: an empty one, a
/// symbolic link (out of the tree or within), names that the path rules refuse, sockets and
/// devices, files that cannot be read, Git LFS pointers.
Result<Scan> scan_directory(const std::filesystem::path& directory);

}  // namespace owrd::content
