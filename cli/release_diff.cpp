#include "cli/release_diff.h"

#include <algorithm>
#include <map>
#include <set>

namespace owrd::cli {
namespace {

using ByPath = std::map<std::string, const v1::FileRecord*>;

ByPath by_path(const FileRecords& files) {
  ByPath paths;
  for (const auto& file : files) paths[file.path()] = &file;
  return paths;
}

bool is_same(const v1::FileRecord& a, const v1::FileRecord& b) {
  return a.pieces_root() == b.pieces_root() && a.length() == b.length();
}

/// Takes out of `removed` a file with the content of `added`, if there is one.
const v1::FileRecord* take_moved(ByPath& removed, const v1::FileRecord& added) {
  if (added.length() == 0) return nullptr;
  const auto found = std::find_if(removed.begin(), removed.end(), [&added](const auto& candidate) {
    return is_same(*candidate.second, added);
  });
  if (found == removed.end()) return nullptr;
  const auto* file = found->second;
  removed.erase(found);
  return file;
}

}  // namespace

const char* to_string(FileChange::Kind kind) {
  switch (kind) {
    case FileChange::Kind::Added:
      return "added";
    case FileChange::Kind::Removed:
      return "removed";
    case FileChange::Kind::Changed:
      return "changed";
    case FileChange::Kind::Moved:
      return "moved";
  }
  return "";
}

std::vector<FileChange> diff_files(const FileRecords& before, const FileRecords& after) {
  using enum FileChange::Kind;
  const auto old_files = by_path(before);
  const auto new_files = by_path(after);
  auto removed = old_files;
  for (const auto& file : after) removed.erase(file.path());
  std::vector<FileChange> changes;
  for (const auto& [path, file] : new_files) {
    const auto old_file = old_files.find(path);
    if (old_file != old_files.end()) {
      if (!is_same(*old_file->second, *file))
        changes.push_back({Changed, path, {}, old_file->second->length(), file->length()});
    } else if (const auto* moved = take_moved(removed, *file)) {
      changes.push_back({Moved, path, moved->path(), moved->length(), file->length()});
    } else {
      changes.push_back({Added, path, {}, 0, file->length()});
    }
  }
  for (const auto& [path, file] : removed)
    changes.push_back({Removed, path, {}, file->length(), 0});
  std::sort(changes.begin(), changes.end(),
            [](const auto& a, const auto& b) { return a.path < b.path; });
  return changes;
}

std::uint64_t new_bytes(const FileRecords& before, const FileRecords& after) {
  std::set<std::string> known;
  for (const auto& file : before) known.insert(file.pieces_root());
  std::uint64_t bytes = 0;
  for (const auto& file : after)
    if (known.insert(file.pieces_root()).second) bytes += file.length();
  return bytes;
}

}  // namespace owrd::cli
