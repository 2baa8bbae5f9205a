#pragma once

#include "daemon/exports/json.h"
#include "daemon/release/manifest.h"

namespace owrd::exports {

/// The metadata of a Hugging Face model card. Only for this room's own sources.
Json card_front_matter(const release::Manifest& manifest);

}  // namespace owrd::exports
