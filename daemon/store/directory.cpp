#include "daemon/store/directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace owrd::store {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMarker = ".owrd-store";
constexpr std::string_view kMarkerText =
    "This directory is a store of owrd, the open-weight release daemon.\n";

// A disk of its own has lost+found from the start.
Result<bool> holds_nothing(const fs::path& directory) {
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error))
    if (entry->path().filename() != "lost+found") return false;
  if (error) return store_error(directory, "list it", error.value());
  return true;
}

Result<> make_directory(const fs::path& directory) {
  std::error_code error;
  if (directory.has_parent_path()) fs::create_directories(directory.parent_path(), error);
  if (error) return store_error(directory, "make the directory above it", error.value());
  if (::mkdir(directory.c_str(), 0755) != 0 && errno != EEXIST)
    return store_error(directory, "make it", errno);
  return Done{};
}

// The marker is the first thing in a new store, so whatever is not empty and lacks it is something
// else.
Result<> claim(const fs::path& directory) {
  const auto empty = holds_nothing(directory);
  if (!empty) return empty.error();
  std::error_code error;
  if (!*empty && !fs::exists(directory / kMarker, error) &&
      !fs::exists(directory / "owrd.db", error))
    return Error{ErrorCode::Config,
                 "store " + directory.string() + ": the directory holds other things than a store",
                 "choose an empty or new directory: [store] path in owrd.toml, or OWRD_STORE=DIR"};

  const fs::path marker = directory / kMarker;
  Descriptor file(::open(marker.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!file.is_open()) return store_error(directory, std::string("write ") + kMarker, errno);
  return write_all(file, as_bytes(kMarkerText), marker);
}

Error in_use(const fs::path& directory, int lock) {
  std::array<char, 32> text{};
  const ssize_t length = ::pread(lock, text.data(), text.size(), 0);
  std::string pid(text.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  pid = pid.substr(0, pid.find_first_not_of("0123456789"));
  return {ErrorCode::Busy,
          "the store " + directory.string() + " is in use by owrdd" +
              (pid.empty() ? "" : " (pid " + pid + ")"),
          "use that daemon: owrd status; or give this one another store: OWRD_STORE=DIR"};
}

}  // namespace

Error store_error(const fs::path& path, const std::string& doing, int number) {
  return errno_error("store " + path.string() + ": could not " + doing, path / "owrd.db", number);
}

Result<LockedDirectory> LockedDirectory::open(const fs::path& directory) {
  if (const auto made = make_directory(directory); !made) return made.error();
  if (const auto claimed = claim(directory); !claimed) return claimed.error();

  const fs::path name = directory / "lock";
  Descriptor lock(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!lock.is_open()) return store_error(directory, "open its lock", errno);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return in_use(directory, lock.get());
    return store_error(directory, "lock it", errno);
  }
  // Whom to name to the next one; the lock holds without it, so a full disk does not matter here.
  if (::ftruncate(lock.get(), 0) == 0)
    std::ignore = write_all(lock, as_bytes(std::to_string(::getpid()) + "\n"), name);
  return LockedDirectory(directory, std::move(lock));
}

LockedDirectory::LockedDirectory(fs::path path, Descriptor lock)
    : path_(std::move(path)), lock_(std::move(lock)) {}

LockedDirectory::~LockedDirectory() {
  // Where it cannot be: the name of a past holder does no harm.
  if (lock_.is_open()) std::ignore = ::ftruncate(lock_.get(), 0);
}

}  // namespace owrd::store
