#include "daemon/weights/safetensors_index.h"

#include <algorithm>
#include <set>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/weights/inside_path.h"
#include "daemon/weights/json_walk.h"

namespace owrd::weights {
namespace {

Error refuse(std::string reason) {
  return Error{ErrorCode::InvalidInput, "weight index: " + std::move(reason)};
}

class IndexVisitor : public JsonVisitor {
 public:
  explicit IndexVisitor(ShardIndex& index) : index_(index) {}

  Result<> on_open(const JsonPath& path, JsonContainer container) override {
    if (path.size() > 1 && path[0].key == "weight_map")
      return refuse("weight_map: the file of " + quoted(path[1].key) + " is no string");
    if (container == JsonContainer::Object) {
      has_map_ = has_map_ || is_map(path);
      return Done{};
    }
    if (path.empty()) return refuse("not an object");
    if (is_map(path)) return refuse("weight_map is not an object");
    return Done{};
  }

  Result<> on_close(const JsonPath& path) override {
    if (path.empty() && !has_map_) return refuse("no weight_map");
    return Done{};
  }

  Result<> on_scalar(const JsonPath& path, const JsonScalar& scalar) override {
    if (path.empty()) return refuse("not an object");
    if (is_map(path)) return refuse("weight_map is not an object");
    if (path.size() == 2 && path[0].key == "weight_map") return on_file(path[1].key, scalar);
    if (path.size() == 2 && path[0].key == "metadata" && path[1].key == "total_size")
      on_total_size(scalar);
    return Done{};
  }

 private:
  static bool is_map(const JsonPath& path) {
    return path.size() == 1 && path[0].key == "weight_map";
  }

  Result<> on_file(const std::string& tensor, const JsonScalar& scalar) {
    if (scalar.kind != JsonScalar::Kind::String)
      return refuse("weight_map: the file of " + quoted(tensor) + " is no string");
    if (!is_inside_path(scalar.text))
      return refuse("weight_map: " + quoted(scalar.text) + " is no path inside the folder");
    index_.weight_map.emplace(tensor, scalar.text);
    return Done{};
  }

  void on_total_size(const JsonScalar& scalar) {
    if (scalar.kind == JsonScalar::Kind::Unsigned)
      index_.total_size_bytes = scalar.number;
    else
      index_.warnings.push_back({"index.total-size", "total_size is not a whole number"});
  }

  ShardIndex& index_;
  bool has_map_ = false;
};

void warn_of_total_size(const ShardIndex& index, Inventory& whole) {
  if (!index.total_size_bytes) return;
  std::uint64_t total = 0;
  for (const auto& tensor : whole.tensors) total += tensor.bytes ? tensor.bytes->size() : 0;
  if (total != *index.total_size_bytes)
    whole.warn("index.total-size", "total_size is " + std::to_string(*index.total_size_bytes) +
                                       ", the tensors have " + std::to_string(total) + " bytes");
}

/// Each tensor of the index is where it says; the others are counted.
Result<> check_places(const ShardIndex& index, Inventory& whole) {
  std::size_t indexed = 0;
  std::string left_out;
  for (const auto& tensor : whole.tensors) {
    const auto entry = index.weight_map.find(tensor.name);
    if (entry == index.weight_map.end()) {
      left_out = tensor.name;
    } else if (entry->second == whole.files[tensor.file]) {
      ++indexed;
    } else {
      return refuse("tensor " + quoted(tensor.name) + " is in " + quoted(whole.files[tensor.file]) +
                    ", not in " + quoted(entry->second));
    }
  }
  if (indexed < whole.tensors.size())
    whole.warn("index.left-out", std::to_string(whole.tensors.size() - indexed) +
                                     " tensors are not in the index, such as " + quoted(left_out));
  if (indexed == index.weight_map.size()) return Done{};
  std::set<std::string_view> present;
  for (const auto& tensor : whole.tensors) present.insert(tensor.name);
  for (const auto& [tensor, file] : index.weight_map)
    if (!present.contains(tensor))
      return refuse("tensor " + quoted(tensor) + " is not in " + quoted(file));
  return Done{};
}

}  // namespace

std::vector<std::string> ShardIndex::files() const {
  std::set<std::string> names;
  for (const auto& [tensor, file] : weight_map) names.insert(file);
  return {names.begin(), names.end()};
}

Result<ShardIndex> parse_shard_index(std::string_view json) {
  if (json.size() > kIndexLimitBytes)
    return refuse("more than " + std::to_string(kIndexLimitBytes) + " bytes");
  ShardIndex index;
  IndexVisitor visitor(index);
  const auto walked = walk_json(json, visitor);
  if (walked) return index;
  const auto& message = walked.error().message;
  return message.starts_with("weight index: ") ? walked.error() : refuse(message);
}

Result<Inventory> join_indexed_shards(const ShardIndex& index, std::vector<Shard> shards) {
  for (const auto& file : index.files())
    if (std::none_of(shards.begin(), shards.end(), [&](const auto& s) { return s.name == file; }))
      return refuse("shard " + quoted(file) + " is missing");
  auto whole = join_shards(std::move(shards));
  if (!whole) return whole.error();
  for (const auto& [rule, message] : index.warnings) whole->warn(rule, message);
  const auto placed = check_places(index, *whole);
  if (!placed) return placed.error();
  warn_of_total_size(index, *whole);
  return whole;
}

}  // namespace owrd::weights
