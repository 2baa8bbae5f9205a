#include "daemon/weights/shards.h"

#include <string_view>
#include <unordered_map>
#include <utility>

#include "daemon/core/text.h"

namespace owrd::weights {

Result<Inventory> join_shards(std::vector<Shard> shards) {
  if (shards.empty()) return Error{ErrorCode::InvalidInput, "no files to join"};
  Inventory whole;
  whole.files.clear();
  std::unordered_map<std::string, std::uint32_t> owners;
  for (std::uint32_t file = 0; file < shards.size(); ++file) {
    auto& shard = shards[file];
    whole.files.push_back(shard.name);
    for (auto& warning : shard.inventory.warnings)
      whole.warn(std::move(warning.rule), shard.name + ": " + warning.message);
    for (auto& tensor : shard.inventory.tensors) {
      const auto [owner, is_new] = owners.emplace(tensor.name, file);
      if (!is_new)
        return Error{ErrorCode::InvalidInput, "tensor " + quoted(tensor.name) + " is in " +
                                                  quoted(whole.files[owner->second]) + " and in " +
                                                  quoted(shard.name)};
      tensor.file = file;
      whole.tensors.push_back(std::move(tensor));
    }
  }
  auto& first = shards.front().inventory;
  first.files = std::move(whole.files);
  first.tensors = std::move(whole.tensors);
  first.warnings = std::move(whole.warnings);
  return std::move(first);
}

}  // namespace owrd::weights
