#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/release/publication_rules.h"
#include "daemon/weights/inventory.h"
#include "owrd/v1/release.pb.h"

/// A folder as it comes from Hugging Face, and what its files say of the release that it may
/// become.
namespace owrd::card {

struct SnapshotFile {
  std::string path;  ///< '/' between its parts.
  std::uint64_t size_bytes = 0;
};

/// What suggest() asks of a folder. Whoever has the folder answers; nothing here opens files.
class Snapshot {
 public:
  Snapshot() = default;
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  virtual ~Snapshot() = default;

  /// Where the folder is, with '/' between the parts: the cache of Hugging Face tells repository
  /// and commit by it. Empty when that is not known.
  virtual std::string location() const = 0;
  /// All that a release may take; not what is below .git and .cache.
  virtual std::vector<SnapshotFile> files() const = 0;
  /// The whole file; none when there is none, or when it is longer than the limit. Also asked for
  /// files below .git and .cache, that files() does not name.
  virtual std::optional<std::string> read(const std::string& path,
                                          std::size_t limit_bytes) const = 0;
  /// Of the weight files that could be read, by path.
  virtual const std::map<std::string, weights::Inventory, std::less<>>& inventories() const = 0;
};

struct Suggested {
  /// Only what the files say; whatever none of them says is absent.
  v1::Manifest said = {};
  /// What the card says, when there is one that can be read.
  std::optional<release::CardFacts> card = std::nullopt;
  std::vector<std::string> found = {};           ///< "architecture: from config.json"
  std::vector<std::string> contradictions = {};  ///< "layers: 32 by config.json, 28 by a.gguf"
  std::vector<std::string> passed_over = {};     ///< What could not be read or used, and why.
};

/// A manifest as it can be filled in from a folder. Benchmark values are kept as they are written.
Suggested suggest(const Snapshot& snapshot);

}  // namespace owrd::card
