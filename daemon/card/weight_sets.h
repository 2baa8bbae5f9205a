#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/card/snapshot.h"

namespace owrd::card {

/// Weight files that make one model together, all of them there.
struct WeightSet {
  std::string name;                ///< Its index, or its first file.
  std::vector<std::string> files;  ///< Sorted.
  weights::Format format = weights::Format::NotWeights;
  std::uint64_t elements = 0;  ///< Of all tensors.
  bool is_packed = false;      ///< Elements of its tensors hold several weights each.
  bool is_whole_model = true;  ///< No adapter, and no projector, which belong to a model.
};

/// What an index names; a split GGUF; and every other weight file that is no part of a set, by
/// itself. Sets of which a file is missing are left out. In the order of their names.
std::vector<WeightSet> complete_sets(const Snapshot& snapshot);

/// How many parameters the model has: the elements of a complete set, at the top of the folder, of
/// the kind that is looked for first: "model.safetensors" or its index, other safetensors,
/// PyTorch's, and GGUF, whose folders do not matter. `none_because` is set when the sets leave it
/// open.
struct ParameterCount {
  std::optional<std::uint64_t> count = std::nullopt;
  std::string by = {};
  std::string none_because = {};
};
ParameterCount count_parameters(const std::vector<WeightSet>& sets);

}  // namespace owrd::card
