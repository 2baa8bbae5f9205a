#pragma once

#include <string>
#include <string_view>

#include "daemon/core/digest.h"
#include "daemon/exports/exported.h"
#include "daemon/release/manifest.h"

namespace owrd::exports {

/// For `sha256sum -c` in the directory of the release: all files of the manifest, in its order.
/// release.owrd, which may gain signatures, is not among them.
Exported sha256sums(const release::Manifest& manifest);

/// One line, with its line feed, as GNU coreutils prints and reads it: where a path holds a
/// backslash, a line feed or a carriage return, these are escaped and a backslash begins the line;
/// a file called "-" is written "./-", lest it be taken for standard input.
std::string sha256sums_line(const Digest& sha256, std::string_view path);

}  // namespace owrd::exports
