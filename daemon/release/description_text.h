#pragma once

#include <string>
#include <vector>

#include "owrd/v1/release.pb.h"

namespace owrd::release {

/// What a publisher says of a release, as lines of text: each field by its name, and
/// "not provided" for those of `fields` that are not there. `fields` are names of the manifest's
/// fields ("architecture"), in the order in which they are printed.
std::string description_text(const v1::Manifest& manifest, const std::vector<std::string>& fields);

/// The fields of a manifest that its publisher says, in the order of the schema.
std::vector<std::string> said_fields();

}  // namespace owrd::release
