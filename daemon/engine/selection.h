#pragma once

#include <string>
#include <vector>

#include "daemon/core/result.h"
#include "daemon/release/torrent.h"

namespace owrd::engine {

/// Which files of a torrent are wanted: those that match an include glob (all, when there is none)
/// and no exclude glob, and always owrd's own two. A glob is fnmatch(3)'s over the whole path; '*'
/// crosses '/'. InvalidInput when that leaves no file.
Result<std::vector<bool>> select_files(const release::Torrent& torrent,
                                       const std::vector<std::string>& include,
                                       const std::vector<std::string>& exclude);

/// The include globs that select exactly these files: none when it is all of them.
std::vector<std::string> globs_for(const release::Torrent& torrent,
                                   const std::vector<bool>& wanted);

}  // namespace owrd::engine
