#include "daemon/core/system.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <tuple>

#include "daemon/core/text.h"

namespace owrd {
namespace {

ErrorCode code_of(int number) {
  switch (number) {
    case ENOSPC:
    case EDQUOT:
      return ErrorCode::NoSpace;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorCode::Denied;
    case ENOENT:
      return ErrorCode::NotFound;
    default:
      return ErrorCode::Io;
  }
}

std::string hint_for(ErrorCode code, const std::filesystem::path& what) {
  const auto parent = what.has_parent_path() ? what.parent_path() : std::filesystem::path(".");
  switch (code) {
    case ErrorCode::NoSpace:
      return "make room there: df -h " + shell_quote(parent.string());
    case ErrorCode::Denied:
      return "see who may: ls -ld " + shell_quote(parent.string()) + " " +
             shell_quote(what.string());
    case ErrorCode::NotFound:
      return "see what is there: ls " + shell_quote(parent.string());
    default:
      return "";
  }
}

}  // namespace

std::string describe_errno(int number) { return std::generic_category().message(number); }

Error errno_error(const std::string& message, const std::filesystem::path& what, int number) {
  const auto code = code_of(number);
  return {code, message + ": " + describe_errno(number), hint_for(code, what)};
}

Error system_error(std::string_view act, const std::filesystem::path& what, int number) {
  return errno_error(std::string(act) + " " + what.string(), what, number);
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

void hold_standard_descriptors() {
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(number, F_GETFD) < 0)
      // The lowest free number is this one.
      std::ignore = ::open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

Result<> write_all(const Descriptor& file, ByteView bytes, const std::filesystem::path& what) {
  while (!bytes.empty()) {
    const auto written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("writing", what, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return Done{};
}

Result<> sync(const Descriptor& file, const std::filesystem::path& what) {
  if (::fsync(file.get()) != 0) return system_error("writing", what, errno);
  return Done{};
}

}  // namespace owrd
