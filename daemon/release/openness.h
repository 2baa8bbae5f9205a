#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/release/license_classes.h"
#include "daemon/release/mof_class.h"
#include "owrd/v1/release.pb.h"

/// What others' definitions of openness say of a release, as far as its manifest shows.
namespace owrd::release {

enum class Finding { Met, Unmet, Undeclared };
std::string_view to_string(Finding finding);

struct Clause {
  std::string name;
  Finding finding;
  std::string reason;
};

/// The eight requirements of the Open Weights definition (github.com/Open-Weights/Definition).
std::vector<Clause> open_weight_definition(const v1::Manifest& manifest);

/// The three elements of the preferred form of the Open Source AI Definition 1.0: data
/// information, code, parameters.
struct OpenSourceAi {
  Clause data_information;
  Clause code;
  Clause parameters;
};
OpenSourceAi open_source_ai(const v1::Manifest& manifest);

/// Whether the words "open source" may be printed of a release: only where all three elements hold.
/// Nothing else decides it.
bool may_say_open_source(const OpenSourceAi& elements);
/// "open source" where they may be said, else "open weight".
std::string_view what_to_call(const OpenSourceAi& elements);

/// How much is documented. Each step includes those before it.
enum class Depth { None, Minimal, Standard, Extended, Comprehensive };
std::string_view to_string(Depth depth);

struct DepthReport {
  Depth depth = Depth::None;
  Depth next = Depth::Minimal;       ///< The depth itself when it is the last.
  std::vector<std::string> missing;  ///< For the next.
};
DepthReport documentation_depth(const v1::Manifest& manifest);

struct Openness {
  std::vector<Clause> open_weight_definition;
  OpenSourceAi open_source_ai;
  MofReport mof;
  DepthReport depth;
  LicenseClass license_class;
};
Openness openness_of(const v1::Manifest& manifest);

}  // namespace owrd::release
