#include "daemon/store/directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace owrd::store {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMarker = ".owrd-store";
constexpr std::string_view kMarkerText =
    "This directory is a store of owrd, the open-weight release daemon.\n";

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// A disk of its own has lost+found from the start.
Result<bool> holds_nothing(const fs::path& directory) {
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error))
    if (entry->path().filename() != "lost+found") return false;
  if (error) return system_error(directory, "list it", error.value());
  return true;
}

Result<> make_directory(const fs::path& directory) {
  std::error_code error;
  if (directory.has_parent_path()) fs::create_directories(directory.parent_path(), error);
  if (error) return system_error(directory, "make the directory above it", error.value());
  if (::mkdir(directory.c_str(), 0755) != 0 && errno != EEXIST)
    return system_error(directory, "make it", errno);
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
  if (file.get() < 0 || !write_all(file.get(), kMarkerText))
    return system_error(directory, std::string("write ") + kMarker, errno);
  return Done{};
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

Error system_error(const fs::path& path, const std::string& doing, int number) {
  const std::string message =
      "store " + path.string() + ": could not " + doing + ": " + std::strerror(number);
  switch (number) {
    case ENOSPC:
    case EDQUOT:
      return {ErrorCode::NoSpace, message, "free some space: df -h " + path.string()};
    case EACCES:
    case EPERM:
    case EROFS:
      return {ErrorCode::Denied, message, "check who may write there: namei -l " + path.string()};
    default:
      return {ErrorCode::Io, message};
  }
}

Result<LockedDirectory> LockedDirectory::open(const fs::path& directory) {
  if (const auto made = make_directory(directory); !made) return made.error();
  if (const auto claimed = claim(directory); !claimed) return claimed.error();

  const fs::path name = directory / "lock";
  Descriptor lock(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (lock.get() < 0) return system_error(directory, "open its lock", errno);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return in_use(directory, lock.get());
    return system_error(directory, "lock it", errno);
  }
  // Whom to name to the next one; the lock holds without it, so a full disk does not matter here.
  if (::ftruncate(lock.get(), 0) == 0) write_all(lock.get(), std::to_string(::getpid()) + "\n");
  return LockedDirectory(directory, lock.release());
}

LockedDirectory::LockedDirectory(fs::path path, int lock) : path_(std::move(path)), lock_(lock) {}

LockedDirectory::LockedDirectory(LockedDirectory&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

LockedDirectory::~LockedDirectory() {
  if (lock_ < 0) return;
  if (::ftruncate(lock_, 0) != 0) {
    // The name of a past holder does no harm.
  }
  ::close(lock_);
}

}  // namespace owrd::store
