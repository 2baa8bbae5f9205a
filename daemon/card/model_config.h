#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/result.h"
#include "owrd/v1/release.pb.h"

namespace owrd::card {

/// What a config.json of transformers says of its model; what it does not say is absent.
struct ModelConfig {
  v1::Architecture architecture = {};
  std::optional<v1::Quantization> quantization = std::nullopt;
  /// The classes that its auto_map names, whose code must run: "modeling_atlas.AtlasForCausalLM",
  /// "acme/other--modeling_atlas.AtlasForCausalLM".
  std::vector<std::string> remote_classes = {};
  std::string name_or_path = {};  ///< What it was once loaded from.
};
Result<ModelConfig> parse_model_config(std::string_view json);

}  // namespace owrd::card
