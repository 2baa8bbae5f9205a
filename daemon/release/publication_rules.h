#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/result.h"
#include "owrd/v1/release.pb.h"

/// What is refused to be published. These are questions to whoever publishes, not rules that a
/// reader holds a signed manifest to.
namespace owrd::release {

/// What the front matter of a model card says, as Hugging Face has it; empty: nothing.
struct CardFacts {
  std::string license;       ///< A Hugging Face or SPDX id.
  std::string license_name;  ///< Where the license is "other".
  std::vector<std::string> base_models;
  std::vector<std::string> datasets;
};

/// What is known beside the manifest.
struct PublicationFacts {
  /// Of the weight files, how many were recognised as tensors; none: nobody looked.
  std::optional<std::size_t> recognised_weight_files;
  /// By the headers of the weight files.
  std::optional<std::uint64_t> tensor_parameters;
  /// Weight files that hold a Git LFS pointer in place of their bytes.
  std::vector<std::string> lfs_pointers;
  /// Where the model is served, if somebody said so.
  std::vector<std::string> api_endpoints;
  std::optional<CardFacts> card;
  /// What the file of license.text_path holds; empty: not read.
  std::string license_text;
  /// For each of derived_from, the licence by its own manifest; empty: not known.
  std::vector<std::string> parent_licenses;
  /// A label that somebody states: "OM-OW".
  std::string stated_label;
};

/// `name` is the kind of refusal in a word, for programs: "no-weights", "api-only", "source-only",
/// "lfs-pointer", "proprietary", "audience-license", "license-text", "grant-mismatch",
/// "use-mismatch", "card-mismatch", "parameter-count", "lineage", "terms-not-passed-through",
/// "component-mismatch", "label-mismatch".
struct Refusal {
  std::string name;
  Error error;
};

/// All that is wrong, the gravest first.
std::vector<Refusal> find_refusals(const v1::Manifest& manifest, const PublicationFacts& facts);

/// The first refusal, if any.
Result<> check_publication(const v1::Manifest& manifest, const PublicationFacts& facts);

/// Stages go forward only: draft, pre-release, staged, public, deprecated.
Result<> check_promotion(v1::Stage from, v1::Stage to);
std::string_view to_string(v1::Stage stage);
/// The stage of that name; none for another word.
std::optional<v1::Stage> stage_of(std::string_view name);
/// "any", "academic", …; "other" for one that is not known.
std::string_view to_string(v1::Audience audience);

}  // namespace owrd::release
