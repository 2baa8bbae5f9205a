#include "daemon/content/descriptor.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "daemon/core/text.h"

namespace owrd::content {
namespace {

constexpr int kDirectoryFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

bool is_symbolic_link(const Descriptor& parent, const std::string& name) {
  struct stat status = {};
  return ::fstatat(parent.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISLNK(status.st_mode);
}

/// What was made must itself survive a power cut, or the file in it would not.
Result<> make_element(std::string_view act, const Descriptor& parent, const std::string& name,
                      const std::filesystem::path& what) {
  if (::mkdirat(parent.get(), name.c_str(), 0777) != 0)
    return errno == EEXIST ? Result<>(Done{}) : system_error(act, what, errno);
  return sync(parent, what);
}

Result<Descriptor> enter(std::string_view act, const Descriptor& parent, const std::string& name,
                         const std::filesystem::path& what, Parents parents) {
  if (parents == Parents::AreMade) {
    const auto made = make_element(act, parent, name, what);
    if (!made) return made.error();
  }
  Descriptor next(::openat(parent.get(), name.c_str(), kDirectoryFlags | O_NOFOLLOW));
  if (next.is_open()) return next;
  auto error = system_error(act, what, errno);
  if (is_symbolic_link(parent, name)) {
    error.message += " (a symbolic link is not followed)";
    error.hint = "put a directory in its place: rm " + shell_quote(what.string());
  }
  // Who looks for a file behind something that is no directory finds none.
  if (parents == Parents::MustExist && error.code == ErrorCode::Io)
    error.code = ErrorCode::NotFound;
  return error;
}

bool is_element(std::string_view element) {
  return !element.empty() && element != "." && element != ".." &&
         element.find('\0') == element.npos;
}

}  // namespace

Result<Descriptor> open_directory(std::string_view act, const std::filesystem::path& directory) {
  Descriptor opened(::open(directory.c_str(), kDirectoryFlags));
  if (!opened.is_open()) return system_error(act, directory, errno);
  return opened;
}

Result<Place> find_place(std::string_view act, const std::filesystem::path& directory,
                         const std::string& path, Parents parents) {
  auto parent = open_directory(act, directory);
  if (!parent) return parent.error();
  std::size_t begin = 0;
  while (true) {
    const auto end = path.find('/', begin);
    auto element = path.substr(begin, end == path.npos ? end : end - begin);
    if (!is_element(element))
      return Error{ErrorCode::InvalidInput, std::string(act) + " " + (directory / path).string() +
                                                ": not a path within a directory"};
    if (end == path.npos) return Place{std::move(*parent), std::move(element)};
    auto next = enter(act, *parent, element, directory / path.substr(0, end), parents);
    if (!next) return next.error();
    parent = std::move(next);
    begin = end + 1;
  }
}

Result<Descriptor> open_file(const std::filesystem::path& directory, const std::string& path) {
  const auto what = directory / path;
  const auto place = find_place("reading", directory, path, Parents::MustExist);
  if (!place) return place.error();
  // O_NONBLOCK: whoever puts a FIFO here must not make the daemon wait.
  Descriptor file(::openat(place->parent.get(), place->name.c_str(),
                           O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.is_open()) {
    if (errno != ELOOP) return system_error("reading", what, errno);
    return Error{ErrorCode::NotFound,
                 "reading " + what.string() + ": it is a symbolic link, and those are not followed",
                 "put the file itself in its place: rm " + shell_quote(what.string())};
  }
  const auto identity = identify(file, what);
  if (!identity) return identity.error();
  return file;
}

std::string move_away_hint(const std::filesystem::path& what) {
  return "move it away: mv " + shell_quote(what.string()) + " " +
         shell_quote(what.string() + ".old");
}

Error not_regular(const std::filesystem::path& what) {
  return {ErrorCode::NotFound, "reading " + what.string() + ": it is not a regular file",
          "put the file itself in its place"};
}

FileIdentity identity_of(const struct stat& status) {
  return {static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino),
          static_cast<std::uint64_t>(status.st_size),
          std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec};
}

Result<FileIdentity> identify(const Descriptor& file, const std::filesystem::path& what) {
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) return system_error("reading", what, errno);
  if (!S_ISREG(status.st_mode)) return not_regular(what);
  return identity_of(status);
}

Result<std::size_t> read_at(const Descriptor& file, std::span<std::byte> buffer,
                            std::uint64_t offset, const std::filesystem::path& what) {
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    const auto got = ::pread(file.get(), buffer.data() + filled, buffer.size() - filled,
                             static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("reading", what, errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  return filled;
}

}  // namespace owrd::content
