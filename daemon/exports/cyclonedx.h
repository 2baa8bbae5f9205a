#pragma once

#include "daemon/exports/exported.h"
#include "daemon/release/manifest.h"

namespace owrd::exports {

/// An ML-BOM in CycloneDX 1.6 JSON (ECMA-424): the release as a machine-learning-model with its
/// model card, its files as components below it, and what it was made of as ancestors. Members that
/// CycloneDX has no place for are properties whose names begin with "owrd:".
Exported cyclonedx(const release::Manifest& manifest, const Origin& origin);

}  // namespace owrd::exports
