#pragma once

#include <map>
#include <string>
#include <vector>

#include "daemon/core/result.h"
#include "daemon/weights/shards.h"

namespace owrd::weights {

/// Files whose tensors make one model together: a single file, the shards that an index names, the
/// parts of a split GGUF. A release may hold several, each of them whole.
struct WeightSet {
  /// The index, or the first file: "model.safetensors.index.json".
  std::string name;
  /// Inventory::files are paths from the top of the release.
  Inventory inventory;
};

/// Sorts the weight files of a release into sets, those with most parameters first. `indexes` holds
/// the texts of the files that end with ".index.json", by path. Whatever no index names and is no
/// part of a split model is a set by itself, except that files numbered alike
/// ("model-00001-of-00002") and without an index are one. A set that cannot be joined is an error
/// that names it.
Result<std::vector<WeightSet>> find_sets(std::vector<Shard> files,
                                         const std::map<std::string, std::string>& indexes);

}  // namespace owrd::weights
