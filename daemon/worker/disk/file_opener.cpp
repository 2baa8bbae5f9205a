#include "daemon/worker/disk/file_opener.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

namespace owrd::worker::disk {
namespace {

constexpr int kFolder = O_PATH | O_DIRECTORY | O_CLOEXEC;
/// O_NONBLOCK: a named pipe that somebody put there must not stop the thread.
constexpr int kFile = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;

Descriptor open_directory(const std::string& path, Access access) {
  Descriptor directory(::open(path.c_str(), kFolder));
  if (directory.is_open() || errno != ENOENT || access == Access::Read) return directory;
  std::error_code ignored;  // The second attempt tells.
  std::filesystem::create_directories(path, ignored);
  return Descriptor(::open(path.c_str(), kFolder));
}

Descriptor open_folder(const Descriptor& parent, const std::string& name, Access access) {
  Descriptor folder(::openat(parent.get(), name.c_str(), kFolder | O_NOFOLLOW));
  if (folder.is_open() || errno != ENOENT || access == Access::Read) return folder;
  if (::mkdirat(parent.get(), name.c_str(), 0777) != 0 && errno != EEXIST) return {};
  return Descriptor(::openat(parent.get(), name.c_str(), kFolder | O_NOFOLLOW));
}

Descriptor open_below(Descriptor folder, const std::string& path, Access access) {
  std::size_t begin = 0;
  for (std::size_t end; (end = path.find('/', begin)) != path.npos; begin = end + 1) {
    folder = open_folder(folder, path.substr(begin, end - begin), access);
    if (!folder.is_open()) return {};
  }
  return Descriptor(::openat(folder.get(), path.c_str() + begin,
                             kFile | (access == Access::Write ? O_RDWR | O_CREAT : O_RDONLY),
                             0666));
}

bool is_regular(const Descriptor& file) {
  struct stat status = {};
  return ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

Descriptor DirectoryOpener::open(const Layout& layout, lt::file_index_t file, Access access,
                                 int& error) {
  const auto& path = layout.file(file).path;
  auto directory = path.empty() ? Descriptor() : open_directory(layout.directory(), access);
  if (path.empty()) errno = EPERM;  // It is said to lie outside of the directory.
  auto opened = directory.is_open() ? open_below(std::move(directory), path, access) : Descriptor();
  error = opened.is_open() ? 0 : errno;
  if (!opened.is_open() || is_regular(opened)) return opened;
  error = EINVAL;
  return {};
}

}  // namespace owrd::worker::disk
