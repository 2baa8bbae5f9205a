#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/card/evaluation_results.h"
#include "daemon/core/result.h"
#include "daemon/release/publication_rules.h"

/// The front matter of a model card: the YAML between two lines of --- at the top of README.md, as
/// Hugging Face has it (hub-docs, modelcard.md).
namespace owrd::card {

/// The most bytes of a card.
constexpr std::size_t kCardLimitBytes = 8 << 20;

/// Empty is what is not said.
struct FrontMatter {
  std::string license = {};  ///< A Hugging Face or SPDX id.
  std::string license_name = {};
  std::string license_link = {};
  std::vector<std::string> base_models = {};
  std::string base_model_relation = {};
  std::vector<std::string> datasets = {};
  std::vector<std::string> languages = {};
  std::string runtime_library = {};  ///< "transformers": what loads it, `library_name` in the card.
  std::string pipeline_tag = {};
  std::vector<std::string> tags = {};
  std::vector<std::string> metrics = {};
  EvaluationResults evaluation = {};
};

/// Where the front matter is in a card: what lies between its lines of ---.
struct FrontMatterPlace {
  std::string_view yaml;
  std::size_t first_line;  ///< The number of the first line of it.
};
/// A byte order mark and empty lines may come before it; none when there is no front matter.
std::optional<FrontMatterPlace> find_front_matter(std::string_view card);

/// Of a card without any, an empty one. InvalidInput when it is no YAML or no map, and when a key
/// that is read has not the type that it must have; the error begins with `file_name` and the line.
/// Results that cannot be read are passed over, with a warning.
Result<FrontMatter> parse_front_matter(std::string_view card,
                                       std::string_view file_name = "README.md");

/// What the rules of publication ask of a card.
release::CardFacts card_facts(const FrontMatter& front_matter);

}  // namespace owrd::card
