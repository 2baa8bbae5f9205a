#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <set>
#include <string>
#include <system_error>

#include "daemon/content/descriptor.h"
#include "daemon/content/files.h"

namespace owrd::content {
namespace {

namespace fs = std::filesystem;

Result<> remove_file(const fs::path& directory, const std::string& path) {
  const auto place = find_place("removing", directory, path, Parents::MustExist);
  if (!place && place.error().code == ErrorCode::NotFound) return Done{};
  if (!place) return place.error();
  if (::unlinkat(place->parent.get(), place->name.c_str(), 0) != 0 && errno != ENOENT)
    return system_error("removing", directory / path, errno);
  return Done{};
}

/// Longest first, so that a directory comes after those within it.
std::set<std::string, std::greater<>> directories_of(const std::vector<std::string>& paths) {
  std::set<std::string, std::greater<>> directories;
  for (const auto& path : paths)
    for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1))
      directories.insert(path.substr(0, slash));
  return directories;
}

}  // namespace

Result<> remove_files(const fs::path& directory, const std::vector<std::string>& paths) {
  for (const auto& path : paths) {
    const auto removed = remove_file(directory, path);
    if (!removed) return removed.error();
  }
  // What else lies in a directory is not ours: it stays, and the directory with it.
  for (const auto& path : directories_of(paths)) {
    const auto place = find_place("removing", directory, path, Parents::MustExist);
    if (place) ::unlinkat(place->parent.get(), place->name.c_str(), AT_REMOVEDIR);
  }
  ::rmdir(directory.c_str());
  return Done{};
}

Result<> remove_tree(const fs::path& directory) {
  std::error_code error;
  fs::remove_all(directory, error);
  if (error) return system_error("removing", directory, error.value());
  return Done{};
}

}  // namespace owrd::content
