#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "owrd/v1/control.pb.h"

namespace owrd::cli {

/// A file that is not the same in two releases. Files are the same whose BEP 52 roots are.
struct FileChange {
  enum class Kind { Added, Removed, Changed, Moved };
  Kind kind;
  std::string path;
  std::string before_path;         ///< Of what was moved.
  std::uint64_t before_bytes = 0;  ///< 0 for what was added.
  std::uint64_t after_bytes = 0;   ///< 0 for what was removed.
};
const char* to_string(FileChange::Kind kind);

using FileRecords = google::protobuf::RepeatedPtrField<v1::FileRecord>;
/// What `after` has otherwise than `before`, in the order of the paths.
std::vector<FileChange> diff_files(const FileRecords& before, const FileRecords& after);
/// The bytes of files whose content `before` has nowhere.
std::uint64_t new_bytes(const FileRecords& before, const FileRecords& after);

}  // namespace owrd::cli
