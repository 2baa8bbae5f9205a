#pragma once

#include <string>
#include <vector>

#include "daemon/core/result.h"
#include "daemon/weights/inventory.h"

namespace owrd::weights {

/// One file of a set whose tensors belong together, and what it says.
struct Shard {
  std::string name;  ///< The file's path, from the folder of the set.
  Inventory inventory;
};

/// All of the tensors and warnings of the shards in one inventory, which is otherwise the first
/// shard's; each tensor says its file. InvalidInput when there is no shard or a name of a tensor is
/// in two of them.
Result<Inventory> join_shards(std::vector<Shard> shards);

}  // namespace owrd::weights
