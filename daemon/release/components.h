#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "owrd/v1/release.pb.h"

/// Which components of a model a manifest has, whichever part of it says so.
namespace owrd::release {

/// What a manifest says of one component.
struct ComponentState {
  v1::Availability availability = v1::AVAILABILITY_UNSTATED;
  /// Anybody gets the very bytes that were meant: in the release, or at a public URL that is pinned
  /// by a digest or a whole commit.
  bool is_accessible = false;
  std::string license;  ///< An SPDX expression: its own, else the release's.
};

/// From the manifest's component of that kind; without one, from the files, the data and code
/// information and the benchmarks.
ComponentState component_state(const v1::Manifest& manifest, v1::ComponentKind kind);

/// Pinned, as above.
bool is_accessible(const v1::Component& component);
bool is_accessible(const v1::CodePart& part);
bool is_accessible(const v1::Dataset& dataset);

/// Data that the model was trained on, not only tested with.
bool is_training_data(const v1::Dataset& dataset);

bool has_file_of(const v1::Manifest& manifest, v1::FileRole role);

/// "model architecture", …: as in the Model Openness Framework.
std::string_view to_string(v1::ComponentKind kind);
/// "in the release", "gated", …; "not stated" for what is unknown.
std::string_view to_string(v1::Availability availability);

}  // namespace owrd::release
