#include "cli/snapshots.h"

#include <utility>

#include "cli/files.h"
#include "daemon/card/release_toml.h"
#include "daemon/content/looking.h"
#include "daemon/content/scan.h"

namespace owrd::cli {

Result<std::unique_ptr<DirectorySnapshot>> DirectorySnapshot::open(
    const std::filesystem::path& directory) {
  const auto scan = content::scan_directory(directory);
  if (!scan) return scan.error();
  if (scan->without_weights) return *scan->without_weights;
  auto snapshot = std::make_unique<DirectorySnapshot>();
  snapshot->directory_ = directory;
  snapshot->location_ = directory;
  std::vector<std::string> paths;
  for (const auto& file : scan->files) {
    snapshot->files_.push_back({file.path, file.identity.size});
    paths.push_back(file.path);
  }
  auto weights = content::inspect_weights(directory, paths, {});
  if (!weights) return weights.error();
  for (auto& file : weights->files)
    snapshot->inventories_.emplace(file.name, std::move(file.inventory));
  return snapshot;
}

std::optional<std::string> DirectorySnapshot::read(const std::string& path,
                                                   std::size_t limit_bytes) const {
  const auto bytes = content::read_file(directory_, path, limit_bytes);
  if (!bytes) return std::nullopt;
  return std::string(as_text(*bytes));
}

DescriptionText description_text(const DirectorySnapshot& snapshot) {
  auto suggested = card::suggest(snapshot);
  std::vector<std::string> remarks = suggested.found;
  for (const auto& text : suggested.contradictions) remarks.push_back("contradiction: " + text);
  for (const auto& text : suggested.passed_over) remarks.push_back("passed over: " + text);
  auto text = card::write_release_toml({suggested.said, "", {}}, remarks);
  return {std::move(suggested), std::move(text)};
}

Result<card::Suggested> write_description(const DirectorySnapshot& snapshot,
                                          const std::filesystem::path& file) {
  auto made = description_text(snapshot);
  const auto written = write_new_file(file, as_bytes(made.text));
  if (!written) return written.error();
  return std::move(made.suggested);
}

}  // namespace owrd::cli
