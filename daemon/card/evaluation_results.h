#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/card/yaml.h"
#include "daemon/core/result.h"
#include "owrd/v1/release.pb.h"

/// What Hugging Face repositories say was measured: the model-index of a card, and the files
/// .eval_results/*.yaml (hub-docs, modelcard.md and eval_results.yaml).
namespace owrd::card {

struct EvaluationResults {
  std::string model_name = {};  ///< The first of a model-index; empty when there is none.
  /// Values are decimal numbers, just as they are written.
  std::vector<v1::Benchmark> benchmarks = {};
  /// What was passed over, and why.
  std::vector<std::string> warnings = {};
};

/// Passes over results that say no dataset or no decimal number, as `file_name` is to be told.
EvaluationResults read_model_index(const YamlValue& model_index, std::string_view file_name);

/// A file of .eval_results. InvalidInput when it is no list in YAML.
Result<EvaluationResults> parse_eval_results(std::string_view text, std::string_view file_name);

}  // namespace owrd::card
