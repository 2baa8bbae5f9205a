#pragma once

#include "daemon/exports/exported.h"
#include "daemon/release/manifest.h"

namespace owrd::exports {

/// An SPDX 3.0.1 document in JSON-LD: the release as an AIPackage, its datasets, its files, its
/// declared licence, and what it was made of. It says that it conforms to the AI profile when
/// `origin` has a link, and never to the dataset profile, which wants more than manifests say. What
/// the manifest does not say stands as "noAssertion" where SPDX has that, and is left out
/// elsewhere. A publisher without a name goes by its id.
Exported spdx(const release::Manifest& manifest, const Origin& origin);

}  // namespace owrd::exports
