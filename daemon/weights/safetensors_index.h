#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/result.h"
#include "daemon/weights/inventory.h"
#include "daemon/weights/shards.h"

namespace owrd::weights {

/// The most bytes of an index; that of the largest releases so far has 10 MB or so.
constexpr std::size_t kIndexLimitBytes = 128 << 20;

/// model.safetensors.index.json and its likes (pytorch_model.bin.index.json).
struct ShardIndex {
  std::optional<std::uint64_t> total_size_bytes = std::nullopt;  ///< Of the tensors, not the files.
  std::map<std::string, std::string, std::less<>> weight_map = {};  ///< Tensor to file.
  std::vector<Warning> warnings = {};

  std::vector<std::string> files() const;  ///< Each once, sorted.
};

/// Refuses a weight map that points outside of the index's folder: each file is a relative path
/// with '/' alone, without empty, "." and ".." parts.
Result<ShardIndex> parse_shard_index(std::string_view json);

/// Joins what the index names. Refuses a shard that is missing, a tensor that is not in the shard
/// that the index says, and a tensor in two shards. Warns of tensors that are in a shard and not in
/// the index, and of a total size that is another than the tensors'.
Result<Inventory> join_indexed_shards(const ShardIndex& index, std::vector<Shard> shards);

}  // namespace owrd::weights
