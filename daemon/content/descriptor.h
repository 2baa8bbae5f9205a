#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/content/files.h"
#include "daemon/core/bytes.h"
#include "daemon/core/result.h"

/// The system calls under this room: descriptors, and paths opened element by element.
namespace owrd::content {

/// "writing /data/a: No space left on device", with the code that `number` (an errno) stands for
/// and, for what a person can mend, a hint.
Error system_error(std::string_view act, const std::filesystem::path& what, int number);

/// What to do about a file that is in the way.
std::string move_away_hint(const std::filesystem::path& what);

/// Something other than a regular file has the name of one.
Error not_regular(const std::filesystem::path& what);

/// The text of an errno, safe on any thread.
std::string describe_errno(int number);

/// `text` as one word of a shell command.
std::string shell_quote(const std::string& text);

/// Owns an open file descriptor, or none.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();

  int get() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

/// A directory that a person or the configuration named: symbolic links on the way to it are
/// theirs, and followed.
Result<Descriptor> open_directory(std::string_view act, const std::filesystem::path& directory);

/// The last element of a path and the open directory that holds it.
struct Place {
  Descriptor parent;
  std::string name;
};

/// Whether directories that are missing on the way to a file are made.
enum class Parents { MustExist, AreMade };

/// Walks from `directory` to the parent of `path`, following no symbolic link below `directory`.
/// The error says what was being done (`act`, "writing") to which path.
Result<Place> find_place(std::string_view act, const std::filesystem::path& directory,
                         const std::string& path, Parents parents);

/// Opens a regular file below `directory` for reading, following no link; NotFound for anything
/// else of that name.
Result<Descriptor> open_file(const std::filesystem::path& directory, const std::string& path);

FileIdentity identity_of(const struct stat& status);

/// What stands behind an open regular file; NotFound, naming `what`, when it is none.
Result<FileIdentity> identify(const Descriptor& file, const std::filesystem::path& what);

/// Fills as much of `buffer` as the file has from `offset` on; less only at its end.
Result<std::size_t> read_at(const Descriptor& file, std::span<std::byte> buffer,
                            std::uint64_t offset, const std::filesystem::path& what);

/// Files longer than this would push everything else out of the page cache when they are read once.
constexpr std::uint64_t kCachedFileLimitBytes = 64 * 1024 * 1024;

/// Hints to the kernel: read ahead more; drop what was read from the page cache.
void expect_sequential_reads(const Descriptor& file);
void leave_page_cache(const Descriptor& file, std::uint64_t offset, std::uint64_t length);

Result<> write_all(const Descriptor& file, ByteView bytes, const std::filesystem::path& what);

/// Waits until the file, or the names in the directory, are on the disk.
Result<> sync(const Descriptor& file, const std::filesystem::path& what);

}  // namespace owrd::content
