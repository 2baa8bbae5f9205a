#include "daemon/engine/selection.h"

#include <fnmatch.h>

#include <algorithm>
#include <string_view>

#include "daemon/release/path_rules.h"

namespace owrd::engine {
namespace {

bool matches_any(const std::string& path, const std::vector<std::string>& globs) {
  return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
    return ::fnmatch(glob.c_str(), path.c_str(), 0) == 0;
  });
}

bool is_owrds_own(const std::string& path) {
  return path == release::kProofName || path == release::kLayersName;
}

/// Matches this path and no other.
std::string literal_glob(const std::string& path) {
  std::string glob;
  for (const char c : path) {
    if (std::string_view("*?[\\").find(c) != std::string_view::npos) glob += '\\';
    glob += c;
  }
  return glob;
}

}  // namespace

Result<std::vector<bool>> select_files(const release::Torrent& torrent,
                                       const std::vector<std::string>& include,
                                       const std::vector<std::string>& exclude) {
  std::vector<bool> wanted;
  bool any = false;
  for (const auto& file : torrent.files) {
    const bool is_own = is_owrds_own(file.path);
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

std::vector<std::string> globs_for(const release::Torrent& torrent,
                                   const std::vector<bool>& wanted) {
  std::vector<std::string> globs;
  if (std::find(wanted.begin(), wanted.end(), false) == wanted.end()) return globs;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (wanted[i] && !is_owrds_own(torrent.files[i].path))
      globs.push_back(literal_glob(torrent.files[i].path));
  return globs;
}

}  // namespace owrd::engine
