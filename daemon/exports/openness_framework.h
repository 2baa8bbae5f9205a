#pragma once

#include "daemon/exports/exported.h"
#include "daemon/release/manifest.h"

namespace owrd::exports {

/// A model description as the Model Openness Tool reads it (lfai/model_openness_tool,
/// schema/mof_schema.json, framework 1.0): the 17 components with where each is and under which
/// licence. A component that not everybody gets counts as not included.
Exported openness_framework(const release::Manifest& manifest, const Origin& origin);

}  // namespace owrd::exports
