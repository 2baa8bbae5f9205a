#include "daemon/engine/selection.h"

#include <fnmatch.h>

#include <algorithm>

#include "daemon/release/path_rules.h"

namespace owrd::engine {
namespace {

bool matches_any(const std::string& path, const std::vector<std::string>& globs) {
  return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
    return ::fnmatch(glob.c_str(), path.c_str(), 0) == 0;
  });
}

}  // namespace

Result<std::vector<bool>> select_files(const release::Torrent& torrent,
                                       const std::vector<std::string>& include,
                                       const std::vector<std::string>& exclude) {
  std::vector<bool> wanted;
  bool any = false;
  for (const auto& file : torrent.files) {
    const bool is_own = file.path == release::kProofName || file.path == release::kLayersName;
    const bool is_selected =
        (include.empty() || matches_any(file.path, include)) && !matches_any(file.path, exclude);
    wanted.push_back(is_own || is_selected);
    any = any || (is_selected && !is_own);
  }
  if (!any)
    return Error{ErrorCode::InvalidInput, "no file of the release matches --include and --exclude",
                 "list its files: owrd show REF --files"};
  return wanted;
}

}  // namespace owrd::engine
