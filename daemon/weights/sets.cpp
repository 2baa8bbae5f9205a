#include "daemon/weights/sets.h"

#include <algorithm>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/weights/gguf.h"
#include "daemon/weights/safetensors_index.h"

namespace owrd::weights {
namespace {

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

Error cannot_join(const std::string& name, const Error& error) {
  return {error.code, name + ": " + error.message,
          error.hint.empty() ? "put all of its files there" : error.hint};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// "model-#-of-00002.safetensors" for "model-00001-of-00002.safetensors"; the path itself when it
/// is not numbered so.
std::string numbered_alike(const std::string& path) {
  const auto of = path.rfind("-of-");
  if (of == std::string::npos || of == 0) return path;
  auto begin = of;
  while (begin > 0 && is_digit(path[begin - 1])) --begin;
  const bool has_count = of + 4 < path.size() && is_digit(path[of + 4]);
  return begin == of || !has_count ? path : path.substr(0, begin) + "#" + path.substr(of);
}

class Sorter {
 public:
  explicit Sorter(std::vector<Shard> files) {
    for (auto& file : files) {
      auto name = file.name;
      rest_.emplace(std::move(name), std::move(file));
    }
  }

  Result<> take_indexed(const std::string& path, const std::string& text) {
    const auto index = parse_shard_index(text);
    if (!index) return cannot_join(path, index.error());
    const auto folder = folder_of(path);
    std::vector<Shard> shards;
    for (const auto& name : index->files()) {
      auto found = rest_.extract(folder + name);
      if (found.empty()) continue;
      found.mapped().name = name;
      shards.push_back(std::move(found.mapped()));
    }
    // The index of weights that are not part of the release, as of another format of them.
    if (shards.empty()) return Done{};
    auto joined = join_indexed_shards(*index, std::move(shards));
    if (!joined) return cannot_join(path, joined.error());
    for (auto& file : joined->files) file = folder + file;
    sets_.push_back({path, std::move(*joined)});
    return Done{};
  }

  Result<> take_others() {
    std::map<std::string, std::vector<Shard>> alike;
    for (auto& [path, file] : rest_) {
      const bool is_split = file.inventory.metadata.count("split.count") != 0;
      const bool is_gguf = file.inventory.format == Format::Gguf;
      // Parts of one model that are numbered alike; a GGUF says by itself whether it is one.
      alike[is_gguf && !is_split ? path : numbered_alike(path)].push_back(std::move(file));
    }
    for (auto& [pattern, files] : alike) {
      const auto name = files.front().name;
      if (files.size() == 1 && files.front().inventory.metadata.count("split.count") == 0) {
        // Nothing is joined: what is there twice is its reader's matter.
        files.front().inventory.files = {name};
        sets_.push_back({name, std::move(files.front().inventory)});
        continue;
      }
      const bool is_split = files.front().inventory.metadata.count("split.count") != 0;
      auto joined = is_split ? join_gguf_splits(std::move(files)) : join_shards(std::move(files));
      if (!joined) return cannot_join(name, joined.error());
      sets_.push_back({name, std::move(*joined)});
    }
    return Done{};
  }

  std::vector<WeightSet> finish() {
    std::stable_sort(sets_.begin(), sets_.end(), [](const WeightSet& a, const WeightSet& b) {
      return parameter_count(a.inventory) > parameter_count(b.inventory);
    });
    return std::move(sets_);
  }

 private:
  std::map<std::string, Shard> rest_;
  std::vector<WeightSet> sets_;
};

}  // namespace

Result<std::vector<WeightSet>> find_sets(std::vector<Shard> files,
                                         const std::map<std::string, std::string>& indexes) {
  Sorter sorter(std::move(files));
  for (const auto& [path, text] : indexes)
    if (const auto taken = sorter.take_indexed(path, text); !taken) return taken.error();
  if (const auto taken = sorter.take_others(); !taken) return taken.error();
  return sorter.finish();
}

}  // namespace owrd::weights
