#pragma once

#include "daemon/exports/json.h"
#include "daemon/release/manifest.h"

namespace owrd::exports {

/// CycloneDX's modelCard. Only for this room's own sources.
Json cyclonedx_card(const release::Manifest& manifest);

}  // namespace owrd::exports
