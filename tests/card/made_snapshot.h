#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <utility>

#include "daemon/card/snapshot.h"

namespace owrd::card::testing {

/// A folder that is in memory.
class MadeSnapshot : public Snapshot {
 public:
  MadeSnapshot(std::initializer_list<std::pair<const std::string, std::string>> texts = {})
      : texts_(texts) {}

  MadeSnapshot& at(std::string location) {
    location_ = std::move(location);
    return *this;
  }
  MadeSnapshot& with_text(const std::string& path, std::string text) {
    texts_.insert_or_assign(path, std::move(text));
    return *this;
  }
  /// A weight file of which only what it says of itself is known.
  MadeSnapshot& with(const std::string& path, weights::Inventory inventory) {
    inventories_.emplace(path, std::move(inventory));
    return *this;
  }

  std::string location() const override { return location_; }
  std::vector<SnapshotFile> files() const override {
    std::vector<SnapshotFile> files;
    for (const auto& [path, text] : texts_)
      if (!path.starts_with(".git/") && !path.starts_with(".cache/"))
        files.push_back({path, text.size()});
    for (const auto& [path, inventory] : inventories_) files.push_back({path, 1 << 30});
    return files;
  }
  std::optional<std::string> read(const std::string& path, std::size_t limit_bytes) const override {
    const auto found = texts_.find(path);
    if (found == texts_.end() || found->second.size() > limit_bytes) return std::nullopt;
    return found->second;
  }
  const std::map<std::string, weights::Inventory, std::less<>>& inventories() const override {
    return inventories_;
  }

 private:
  std::string location_;
  std::map<std::string, std::string> texts_;
  std::map<std::string, weights::Inventory, std::less<>> inventories_;
};

/// With one tensor of `elements` values.
inline weights::Inventory inventory_of(weights::Format format, std::uint64_t elements,
                                       std::string dtype = "BF16") {
  weights::Inventory inventory;
  inventory.format = format;
  inventory.tensors.push_back(
      {"a", std::move(dtype), {elements}, 0, weights::ByteRange{0, elements * 2}});
  return inventory;
}

/// Of a small llama.
inline weights::Inventory gguf_of(std::uint64_t elements, const std::string& file_type = "15",
                                  const std::string& layers = "32") {
  auto inventory = inventory_of(weights::Format::Gguf, elements, "Q4_K");
  inventory.architecture = "llama";
  inventory.tokenizer = "gpt2";
  inventory.metadata = {{"general.file_type", file_type},
                        {"llama.block_count", layers},
                        {"llama.context_length", "8192"},
                        {"llama.embedding_length", "4096"},
                        {"llama.attention.head_count", "32"},
                        {"llama.attention.head_count_kv", "8"},
                        {"tokenizer.ggml.tokens", "[32000 x string]"}};
  return inventory;
}

}  // namespace owrd::card::testing
