#include "cli/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <functional>

#include "daemon/core/system.h"
#include "daemon/release/path_rules.h"

namespace owrd::cli {
namespace {

namespace fs = std::filesystem;

Result<Bytes> read_all(const Descriptor& file, const std::string& name, std::uint64_t limit_bytes) {
  Bytes bytes;
  std::array<std::byte, 64 * 1024> buffer{};
  for (;;) {
    const auto count = ::read(file.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("reading", name, errno);
    if (count == 0) return bytes;
    bytes.insert(bytes.end(), buffer.begin(), buffer.begin() + count);
    if (bytes.size() > limit_bytes)
      return Error{ErrorCode::InvalidInput,
                   "reading " + name + ": it is over " + std::to_string(limit_bytes) + " bytes",
                   "no file that owrd takes here is so long: name another one"};
  }
}

Error taken(const fs::path& path) {
  return Error{ErrorCode::AlreadyExists, path.string() + " is there already",
               "name another file with -o FILE; what is there is never overwritten"};
}

/// `place` gives the temporary file its name.
Result<> write_and_place(const fs::path& path, ByteView bytes,
                         const std::function<Result<>(const char*)>& place) {
  auto temporary = path.string() + ".XXXXXX";
  const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!file.is_open() && (errno == ENOENT || errno == ENOTDIR))
    return Error{ErrorCode::Io, "writing " + path.string() + ": there is no such directory",
                 "make the directory first, or name a file in one that is there"};
  if (!file.is_open()) return system_error("writing", path, errno);
  auto written = write_all(file, bytes, path);
  const auto mask = ::umask(0);
  ::umask(mask);
  ::fchmod(file.get(), 0666 & ~mask);
  if (written) written = sync(file, path);
  if (written) written = place(temporary.c_str());
  if (!written) ::unlink(temporary.c_str());
  return written;
}

/// Whether the file belongs to a release: its proof lies in one of the directories above.
bool is_of_a_release(const fs::path& file) {
  std::error_code ignored;
  auto directory = fs::absolute(file, ignored).parent_path();
  while (true) {
    if (fs::exists(directory / release::kProofName, ignored)) return true;
    if (directory == directory.parent_path()) return false;
    directory = directory.parent_path();
  }
}

/// What is written to when something has the name already: links are followed; only a regular file
/// is replaced, and none of a release.
Result<fs::path> find_target(const fs::path& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) return path;
  if (status.type() != fs::file_type::regular)
    return Error{ErrorCode::InvalidInput, path.string() + " is there and is no regular file",
                 "name another file"};
  auto target = fs::canonical(path, error);
  if (error) return Error{ErrorCode::Io, path.string() + ": " + error.message()};
  if (is_of_a_release(target))
    return Error{ErrorCode::AlreadyExists,
                 path.string() + " is a file of a release, and stays as it was signed",
                 "name a file outside of it with -o FILE"};
  return target;
}

}  // namespace

Result<Bytes> read_file(const fs::path& path, std::uint64_t limit_bytes) {
  const bool is_input = path == "-";
  const Descriptor file(is_input ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const auto name = is_input ? "standard input" : path.string();
  if (!file.is_open()) return system_error("reading", name, errno);
  return read_all(file, name, limit_bytes);
}

Result<> write_file(const fs::path& asked, ByteView bytes) {
  const auto target = find_target(asked);
  if (!target) return target.error();
  const auto& path = *target;
  return write_and_place(path, bytes, [&path](const char* temporary) -> Result<> {
    if (::rename(temporary, path.c_str()) == 0) return Done{};
    return system_error("writing", path, errno);
  });
}

Result<> write_new_file(const fs::path& path, ByteView bytes) {
  return write_and_place(path, bytes, [&path](const char* temporary) -> Result<> {
    if (::link(temporary, path.c_str()) != 0)
      return errno == EEXIST ? taken(path) : system_error("writing", path, errno);
    ::unlink(temporary);
    return Done{};
  });
}

void sync_directory(const fs::path& directory) {
  const Descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.is_open()) ::fsync(opened.get());
}

std::string absolute_path(const std::string& path) {
  auto result = fs::absolute(path).lexically_normal();
  if (!result.has_filename() && result.has_parent_path()) result = result.parent_path();
  return result.string();
}

}  // namespace owrd::cli
