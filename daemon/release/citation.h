#pragma once

#include <string>
#include <string_view>

#include "daemon/release/manifest.h"

/// How to cite a release: as its publisher says, with the release id that names exactly these
/// bytes; made from the manifest where nothing is said. `publisher` is the reader's name for the
/// publisher, and may be empty.
namespace owrd::release {

/// One paragraph.
std::string citation_text(const Manifest& manifest, std::string_view publisher);

/// The publisher's own BibTeX when there is one, with the release id in a comment line before it;
/// else a @misc entry.
std::string citation_bibtex(const Manifest& manifest, std::string_view publisher);

}  // namespace owrd::release
