#include "daemon/card/weight_sets.h"

#include <algorithm>
#include <set>

#include "daemon/card/gguf_facts.h"
#include "daemon/weights/safetensors_index.h"

namespace owrd::card {
namespace {

using weights::Format;
using weights::Inventory;

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? "" : path.substr(0, slash + 1);
}

bool is_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// "atlas-00001-of-00003.gguf" -> "atlas-", "00003"; none for the name of a whole.
struct PartName {
  std::string stem, count;
};
std::optional<PartName> parse_part_name(const std::string& path) {
  const auto dot = path.rfind('.');
  const auto of = path.rfind("-of-", dot);
  if (dot == path.npos || of == path.npos) return std::nullopt;
  const auto count = path.substr(of + 4, dot - of - 4);
  const auto begin = path.rfind('-', of - 1);
  if (of == 0 || begin == path.npos) return std::nullopt;
  if (!is_digits(count) || !is_digits(path.substr(begin + 1, of - begin - 1))) return std::nullopt;
  return PartName{path.substr(0, begin + 1), count};
}

/// Meta's parts, each with a slice of all tensors: "consolidated.00.pth".
bool is_slice(const std::string& path) {
  const auto name = path.substr(folder_of(path).size());
  return name.starts_with("consolidated.") && is_digits(name.substr(13, 2));
}

/// More than half of the bytes are in types that quantizers pack several weights into.
bool is_packed(const Inventory& inventory) {
  if (inventory.format == Format::Gguf) return false;
  std::uint64_t packed = 0, all = 0;
  for (const auto& share : weights::dtype_histogram(inventory)) {
    all += share.bytes;
    if (share.dtype == "U8" || share.dtype == "I8" || share.dtype == "I32") packed += share.bytes;
  }
  return packed > all / 2;
}

bool is_whole_model(const std::string& path, const Inventory& inventory) {
  if (path.substr(folder_of(path).size()).starts_with("adapter_")) return false;
  return inventory.format != Format::Gguf || gguf_architecture(inventory);
}

class Finder {
 public:
  explicit Finder(const Snapshot& snapshot)
      : snapshot_(snapshot), inventories_(snapshot.inventories()) {}

  std::vector<WeightSet> find() {
    for (const auto& file : snapshot_.files())
      if (file.path.ends_with(".index.json")) add_indexed(file.path);
    add_splits();
    for (const auto& [path, inventory] : inventories_)
      if (!taken_.contains(path) && !parse_part_name(path) && !is_slice(path)) add(path, {path});
    std::sort(sets_.begin(), sets_.end(),
              [](const WeightSet& a, const WeightSet& b) { return a.name < b.name; });
    return std::move(sets_);
  }

 private:
  void add_indexed(const std::string& path) {
    const auto text = snapshot_.read(path, weights::kIndexLimitBytes);
    const auto index = text ? weights::parse_shard_index(*text)
                            : Result<weights::ShardIndex>(Error{ErrorCode::NotFound, ""});
    if (!index) return;
    std::vector<std::string> files;
    for (const auto& file : index->files()) files.push_back(folder_of(path) + file);
    if (!files.empty()) add(path, std::move(files));
  }

  void add_splits() {
    std::map<std::pair<std::string, std::string>, std::vector<std::string>> splits;
    for (const auto& [path, inventory] : inventories_)
      if (const auto part = parse_part_name(path); part && inventory.format == Format::Gguf)
        splits[{part->stem, part->count}].push_back(path);
    for (auto& [name, files] : splits)
      if (std::to_string(files.size()) ==
          name.second.substr(
              std::min(name.second.find_first_not_of('0'), name.second.size() - 1))) {
        const auto first = files.front();
        add(first, std::move(files));
      }
  }

  /// When all files are there.
  void add(const std::string& name, std::vector<std::string> files) {
    taken_.insert(files.begin(), files.end());
    WeightSet set{.name = name, .files = std::move(files)};
    for (const auto& file : set.files) {
      const auto found = inventories_.find(file);
      if (found == inventories_.end()) return;
      set.format = found->second.format;
      set.elements += weights::parameter_count(found->second);
      set.is_packed = set.is_packed || is_packed(found->second);
      if (file == set.files.front()) set.is_whole_model = is_whole_model(file, found->second);
    }
    sets_.push_back(std::move(set));
  }

  const Snapshot& snapshot_;
  const std::map<std::string, Inventory, std::less<>>& inventories_;
  std::vector<WeightSet> sets_;
  std::set<std::string> taken_;
};

/// Lower is looked for first.
int rank_of(const WeightSet& set) {
  if (!set.is_whole_model) return 4;
  if (set.format == Format::Gguf) return 3;
  if (!folder_of(set.name).empty()) return 4;
  if (set.format == Format::TorchZip || set.format == Format::Pickle) return 2;
  if (set.format != Format::Safetensors) return 4;
  return set.name.starts_with("model.") ? 0 : 1;
}

}  // namespace

std::vector<WeightSet> complete_sets(const Snapshot& snapshot) { return Finder(snapshot).find(); }

ParameterCount count_parameters(const std::vector<WeightSet>& sets) {
  for (int rank = 0; rank < 4; ++rank) {
    const WeightSet* first = nullptr;
    for (const auto& set : sets) {
      if (rank_of(set) != rank || set.elements == 0) continue;
      if (set.is_packed) return {.none_because = set.name + " has several weights in one element"};
      if (first && first->elements != set.elements)
        return {.none_because = first->name + " has " + std::to_string(first->elements) + ", " +
                                set.name + " " + std::to_string(set.elements)};
      if (!first) first = &set;
    }
    if (first) return {.count = first->elements, .by = first->name};
  }
  return {};
}

}  // namespace owrd::card
