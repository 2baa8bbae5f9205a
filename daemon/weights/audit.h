#pragma once

#include <string_view>

#include "daemon/weights/byte_source.h"
#include "daemon/weights/finding.h"

namespace owrd::weights {

/// What could harm whoever uses the file, by its bytes and, for the rest, by its name or path. Runs
/// nothing, trusts nothing, and needs no other file. A file about which there is nothing to say has
/// no findings; a weight file always has at least one.
///
/// The rules, each with what its findings are: README.md of this folder.
///
/// Of weights it reads headers and pickles; of other files at most 16 MiB, of archives the members
/// likewise, 10,000 of them and 3 levels deep.
Findings audit(std::string_view name, ByteSource& source);

}  // namespace owrd::weights
