#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "daemon/card/snapshot.h"
#include "daemon/core/result.h"

namespace owrd::cli {

/// A directory that would be a release, for card::suggest().
class DirectorySnapshot : public card::Snapshot {
 public:
  /// Scans it and reads the headers of its weights; an error where it could not be published.
  static Result<std::unique_ptr<DirectorySnapshot>> open(const std::filesystem::path& directory);

  std::string location() const override { return location_.string(); }
  /// Where the files came from, when they were copied: the folder of a cache tells their origin.
  void set_location(const std::filesystem::path& location) { location_ = location; }
  std::vector<card::SnapshotFile> files() const override { return files_; }
  std::optional<std::string> read(const std::string& path, std::size_t limit_bytes) const override;
  const std::map<std::string, weights::Inventory, std::less<>>& inventories() const override {
    return inventories_;
  }

 private:
  std::filesystem::path directory_;
  std::filesystem::path location_;
  std::vector<card::SnapshotFile> files_;
  std::map<std::string, weights::Inventory, std::less<>> inventories_;
};

/// release.toml as it can be filled in from the directory.
struct DescriptionText {
  card::Suggested suggested;
  std::string text;
};
DescriptionText description_text(const DirectorySnapshot& snapshot);

/// Writes release.toml as it can be filled in from the directory, to `file`, which must not be
/// there, and gives what was found. With what is found in contradiction, and what could not be
/// read, in comments at its top.
Result<card::Suggested> write_description(const DirectorySnapshot& snapshot,
                                          const std::filesystem::path& file);

}  // namespace owrd::cli
