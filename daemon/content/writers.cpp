#include "daemon/content/writers.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "daemon/content/descriptor.h"
#include "daemon/content/parallel.h"

namespace owrd::content {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPause{5};

/// A read lease is given only while nobody has the file open for writing; it is let go at once.
bool is_written_to(const Descriptor& file) {
  if (::fcntl(file.get(), F_SETLEASE, F_RDLCK) != 0) return errno == EAGAIN;
  ::fcntl(file.get(), F_SETLEASE, F_UNLCK);
  return false;
}

/// NFS refuses a lease with the same error for reasons of its own: then it refuses one on a new
/// file too, which nobody has open.
bool tells_writers(const std::filesystem::path& directory) {
  auto name = (directory / "lease-XXXXXX").string();
  // The one descriptor that can write is gone before the question.
  if (!Descriptor(::mkostemp(name.data(), O_CLOEXEC)).is_open()) return false;
  const Descriptor reading(::open(name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  ::unlink(name.c_str());
  return reading.is_open() && !is_written_to(reading);
}

}  // namespace

Result<> wait_for_writers(const std::filesystem::path& directory,
                          const std::vector<std::string>& paths, const JobContext& job,
                          std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  for (const auto& path : paths) {
    const auto file = open_file(directory, path);
    if (!file) continue;  // Whoever reads it says why.
    while (is_written_to(*file)) {
      if (job.is_cancelled()) return cancelled_error();
      if (!tells_writers(directory)) return Done{};
      if (Clock::now() > deadline)
        return Error{
            ErrorCode::Busy,
            "checking " + (directory / path).string() + ": another process has it open for writing",
            "it is most likely owrd-swarm: restart the daemon, then run the command again"};
      std::this_thread::sleep_for(kPause);
    }
  }
  return Done{};
}

}  // namespace owrd::content
