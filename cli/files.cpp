#include "cli/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "cli/wording.h"

namespace owrd::cli {
namespace {

namespace fs = std::filesystem;

std::string hint_for(ErrorCode code, const fs::path& path) {
  const auto parent = path.has_parent_path() ? path.parent_path() : fs::path(".");
  switch (code) {
    case ErrorCode::NotFound:
      return "see what is there: ls " + shell_quoted(parent.string());
    case ErrorCode::Denied:
      return "see who may: ls -ld " + shell_quoted(parent.string()) + " " +
             shell_quoted(path.string());
    case ErrorCode::NoSpace:
      return "make room there: df -h " + shell_quoted(parent.string());
    default:
      return "";
  }
}

Error system_error(const std::string& act, const fs::path& path) {
  const int code = errno;
  ErrorCode kind = ErrorCode::Io;
  if (code == ENOENT || code == ENOTDIR) kind = ErrorCode::NotFound;
  if (code == EACCES || code == EPERM || code == EROFS) kind = ErrorCode::Denied;
  if (code == ENOSPC || code == EDQUOT) kind = ErrorCode::NoSpace;
  return Error{kind, act + " " + path.string() + ": " + std::strerror(code), hint_for(kind, path)};
}

Result<Bytes> read_all(int fd, const std::string& name, std::uint64_t limit_bytes) {
  Bytes bytes;
  std::array<std::byte, 64 * 1024> buffer{};
  for (;;) {
    const auto count = ::read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("reading", name);
    if (count == 0) return bytes;
    bytes.insert(bytes.end(), buffer.begin(), buffer.begin() + count);
    if (bytes.size() > limit_bytes)
      return Error{ErrorCode::InvalidInput,
                   "reading " + name + ": it is over " + std::to_string(limit_bytes) + " bytes",
                   "no file that owrd takes here is so long: name another one"};
  }
}

}  // namespace

Result<Bytes> read_file(const fs::path& path, std::uint64_t limit_bytes) {
  if (path == "-") return read_all(STDIN_FILENO, "standard input", limit_bytes);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return system_error("reading", path);
  auto bytes = read_all(fd, path.string(), limit_bytes);
  ::close(fd);
  return bytes;
}

Result<> write_all(int fd, ByteView bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const auto count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("writing", path);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return Done{};
}

Result<> write_file(const fs::path& path, ByteView bytes) {
  auto temporary = path.string() + ".XXXXXX";
  const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
    return Error{ErrorCode::Io, "writing " + path.string() + ": there is no such directory",
                 "make the directory first, or name a file in one that is there"};
  if (fd < 0) return system_error("writing", path);
  auto written = write_all(fd, bytes, path);
  const auto mask = ::umask(0);
  ::umask(mask);
  ::fchmod(fd, 0666 & ~mask);
  if (written && ::fsync(fd) != 0) written = system_error("writing", path);
  ::close(fd);
  if (written && ::rename(temporary.c_str(), path.c_str()) != 0)
    written = system_error("writing", path);
  if (!written) ::unlink(temporary.c_str());
  return written;
}

void sync_directory(const fs::path& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

std::string absolute_path(const std::string& path) {
  auto result = fs::absolute(path).lexically_normal();
  if (!result.has_filename() && result.has_parent_path()) result = result.parent_path();
  return result.string();
}

}  // namespace owrd::cli
