#include "daemon/content/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <optional>
#include <random>
#include <set>
#include <system_error>

#include "daemon/content/descriptor.h"
#include "daemon/core/units.h"

namespace owrd::content {
namespace {

namespace fs = std::filesystem;

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? std::string() : path.substr(0, slash);
}

std::string make_temporary_name() {
  std::random_device random;
  std::array<char, 32> suffix = {};
  std::snprintf(suffix.data(), suffix.size(), "%08x%08x", random(), random());
  return std::string(kTemporaryPrefix) + suffix.data();
}

Result<> write_and_rename(const Place& place, const std::string& temporary, ByteView bytes,
                          const fs::path& what) {
  Descriptor file(::openat(place.parent.get(), temporary.c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!file.is_open()) return system_error("writing", what, errno);
  const auto written = write_all(file, bytes, what);
  if (!written) return written.error();
  const auto synced = sync(file, what);
  if (!synced) return synced.error();
  if (::renameat(place.parent.get(), temporary.c_str(), place.parent.get(), place.name.c_str()) !=
      0)
    return system_error("writing", what, errno);
  return sync(place.parent, what);
}

/// File systems without RENAME_NOREPLACE (NFS among them) have hard links, which replace nothing
/// either.
int rename_without_replacing(const Place& from, const Place& to) {
  if (::renameat2(from.parent.get(), from.name.c_str(), to.parent.get(), to.name.c_str(),
                  RENAME_NOREPLACE) == 0)
    return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  if (::linkat(from.parent.get(), from.name.c_str(), to.parent.get(), to.name.c_str(), 0) != 0)
    return errno;
  return ::unlinkat(from.parent.get(), from.name.c_str(), 0) == 0 ? 0 : errno;
}

/// A directory that may be entered but not read (mode 0711) cannot be opened and synced; that is no
/// reason to fail.
Result<> sync_parent(const fs::path& directory) {
  const auto path = directory.has_parent_path() ? directory.parent_path() : fs::path(".");
  const auto parent = open_directory("making the directory", path);
  return parent ? sync(*parent, path) : Result<>(Done{});
}

fs::path nearest_existing(const fs::path& directory) {
  std::error_code ignored;
  auto nearest = fs::absolute(directory, ignored);
  while (!fs::exists(nearest, ignored) && nearest.has_relative_path())
    nearest = nearest.parent_path();
  return nearest;
}

/// Of the file itself, not of what a link points to.
std::optional<struct stat> look_at(const fs::path& directory, const std::string& path) {
  const auto place = find_place("reading", directory, path, Parents::MustExist);
  struct stat status = {};
  if (!place ||
      ::fstatat(place->parent.get(), place->name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
    return std::nullopt;
  return status;
}

}  // namespace

Result<FileIdentity> identify(const fs::path& directory, const std::string& path) {
  const auto what = directory / path;
  const auto place = find_place("reading", directory, path, Parents::MustExist);
  if (!place) return place.error();
  struct stat status = {};
  if (::fstatat(place->parent.get(), place->name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
    return system_error("reading", what, errno);
  if (!S_ISREG(status.st_mode)) return not_regular(what);
  return identity_of(status);
}

Result<Bytes> read_file(const fs::path& directory, const std::string& path,
                        std::uint64_t limit_bytes) {
  const auto what = directory / path;
  const auto file = open_file(directory, path);
  if (!file) return file.error();
  const auto identity = identify(*file, what);
  if (!identity) return identity.error();
  const Error too_long{
      ErrorCode::Corrupt,
      "reading " + what.string() + ": it is longer than " + format_size(limit_bytes),
      "it is not what owrd wrote there: put a good copy in its place"};
  if (identity->size > limit_bytes) return too_long;
  // One byte more than it has, to see whether it grows meanwhile.
  Bytes bytes(static_cast<std::size_t>(identity->size) + 1);
  const auto got = read_at(*file, bytes, 0, what);
  if (!got) return got.error();
  if (*got > limit_bytes) return too_long;
  if (*got > identity->size)
    return Error{ErrorCode::Corrupt, "reading " + what.string() + ": it changed meanwhile",
                 "run the command again when nothing writes to it"};
  bytes.resize(*got);
  return bytes;
}

Result<> write_file(const fs::path& directory, const std::string& path, ByteView bytes) {
  const auto place = find_place("writing", directory, path, Parents::AreMade);
  if (!place) return place.error();
  const auto temporary = make_temporary_name();
  const auto written = write_and_rename(*place, temporary, bytes, directory / path);
  if (!written) ::unlinkat(place->parent.get(), temporary.c_str(), 0);
  return written;
}

Result<> move_file(const fs::path& from_directory, const fs::path& to_directory,
                   const std::string& path) {
  const auto present = identify(from_directory, path);
  if (!present) return present.error();
  const auto from = find_place("moving", from_directory, path, Parents::MustExist);
  if (!from) return from.error();
  const auto to = find_place("moving", to_directory, path, Parents::AreMade);
  if (!to) return to.error();

  const auto target = to_directory / path;
  const int number = rename_without_replacing(*from, *to);
  if (number == EEXIST)
    return Error{
        ErrorCode::AlreadyExists,
        "moving " + (from_directory / path).string() + ": " + target.string() + " is already there",
        move_away_hint(target)};
  if (number != 0)
    return system_error("moving " + (from_directory / path).string() + " to", target, number);
  const auto synced = sync(to->parent, target);
  if (!synced) return synced.error();
  return sync(from->parent, from_directory / path);
}

Result<> cut_file(const fs::path& directory, const std::string& path, std::uint64_t length) {
  const auto what = directory / path;
  const auto place = find_place("writing", directory, path, Parents::MustExist);
  if (!place) return place.error();
  const Descriptor file(::openat(place->parent.get(), place->name.c_str(),
                                 O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.is_open()) return system_error("writing", what, errno);
  const auto identity = identify(file, what);
  if (!identity) return identity.error();
  if (identity->size <= length) return Done{};
  if (::ftruncate(file.get(), static_cast<off_t>(length)) != 0)
    return system_error("writing", what, errno);
  return sync(file, what);
}

Result<> make_empty_file(const fs::path& directory, const std::string& path) {
  const auto what = directory / path;
  const auto place = find_place("writing", directory, path, Parents::AreMade);
  if (!place) return place.error();
  Descriptor file(::openat(place->parent.get(), place->name.c_str(),
                           O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666));
  if (!file.is_open()) return system_error("writing", what, errno);
  const auto identity = identify(file, what);
  if (!identity) return identity.error();
  if (identity->size != 0)
    return Error{ErrorCode::AlreadyExists,
                 "writing " + what.string() + ": it is already there and not empty",
                 move_away_hint(what)};
  return sync(place->parent, what);
}

Result<> sync_files(const fs::path& directory, const std::vector<std::string>& paths) {
  std::set<std::string> parents;
  for (const auto& path : paths) {
    const auto file = open_file(directory, path);
    if (!file) return file.error();
    const auto synced = sync(*file, directory / path);
    if (!synced) return synced.error();
    // A name is part of what was written: a new file whose directory is lost is lost.
    if (!parents.insert(parent_of(path)).second) continue;
    const auto place = find_place("writing", directory, path, Parents::MustExist);
    if (!place) return place.error();
    const auto named = sync(place->parent, directory / path);
    if (!named) return named.error();
  }
  return Done{};
}

Result<std::uint64_t> free_bytes(const fs::path& directory) {
  struct statvfs status = {};
  const auto nearest = nearest_existing(directory);
  if (::statvfs(nearest.c_str(), &status) != 0)
    return system_error("asking for the free space of", nearest, errno);
  return std::uint64_t{status.f_bavail} * status.f_frsize;
}

std::uint64_t allocated_bytes(const fs::path& directory, const std::string& path) {
  constexpr std::uint64_t kBytesPerUnit = 512;  // stat(2): st_blocks
  const auto status = look_at(directory, path);
  return status ? static_cast<std::uint64_t>(status->st_blocks) * kBytesPerUnit : 0;
}

bool has_other_names(const fs::path& directory, const std::string& path) {
  const auto status = look_at(directory, path);
  return status && status->st_nlink > 1;
}

Result<> make_directory(const fs::path& directory) {
  fs::path made;
  for (const auto& element : directory) {
    made /= element;
    struct stat status = {};
    if (::stat(made.c_str(), &status) == 0) {
      if (S_ISDIR(status.st_mode)) continue;
      return system_error("making the directory", made, ENOTDIR);
    }
    if (errno != ENOENT) return system_error("making the directory", made, errno);
    if (::mkdir(made.c_str(), 0777) != 0 && errno != EEXIST)
      // Its parent is there: what is missing is the file system's consent, as in /proc.
      return system_error("making the directory", made, errno == ENOENT ? EPERM : errno);
    const auto synced = sync_parent(made);
    if (!synced) return synced.error();
  }
  return Done{};
}

Result<> move_directory(const fs::path& from, const fs::path& to) {
  if (const auto made = make_directory(to.parent_path()); !made) return made.error();
  if (::rename(from.c_str(), to.c_str()) != 0) {
    if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR)
      return Error{ErrorCode::AlreadyExists,
                   "moving a directory to " + to.string() + ": something is there already",
                   move_away_hint(to)};
    return system_error("moving a directory to", to, errno);
  }
  return sync_parent(to);
}

Result<bool> is_empty_or_missing(const fs::path& directory) {
  std::error_code error;
  const fs::directory_iterator entries(directory, error);
  if (!error) return entries == fs::directory_iterator();
  if (error == std::errc::no_such_file_or_directory) return true;
  if (error == std::errc::not_a_directory)
    return Error{ErrorCode::InvalidInput, directory.string() + " is not a directory",
                 "name a directory"};
  return system_error("reading", directory, error.value());
}

}  // namespace owrd::content
