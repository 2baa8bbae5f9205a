#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "owrd/v1/release.pb.h"

/// What differs between two manifests.
namespace owrd::release {

/// One value that differs. Elements of lists are known by their place: "benchmarks[2].value".
struct FieldChange {
  std::string path;
  std::string before;  ///< Empty: it was not there.
  std::string after;   ///< Empty: it is not there.

  friend bool operator==(const FieldChange&, const FieldChange&) = default;
};

enum class FileChangeKind { Added, Removed, Changed };

/// A file whose bytes, or role, differ. Files are known by their paths.
struct FileChange {
  FileChangeKind kind;
  std::string path;
  std::uint64_t bytes_before = 0;
  std::uint64_t bytes_after = 0;

  friend bool operator==(const FileChange&, const FileChange&) = default;
};

struct ManifestDiff {
  std::vector<FieldChange> fields;  ///< In the order of the schema.
  std::vector<FileChange> files;    ///< By path.
};

/// Every field that differs, down to single values; layers.owrd, which follows from the other
/// files, is left out of the files.
ManifestDiff diff_manifests(const v1::Manifest& before, const v1::Manifest& after);

}  // namespace owrd::release
