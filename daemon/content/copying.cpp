#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "daemon/content/descriptor.h"
#include "daemon/content/hashing.h"
#include "daemon/content/parallel.h"
#include "daemon/core/text.h"
#include "daemon/core/units.h"

namespace owrd::content {
namespace {

namespace fs = std::filesystem;

/// How much is copied between two looks at whether to stop.
constexpr std::size_t kChunkBytes = 4 * 1024 * 1024;

bool is_unsupported(int number) {
  return number == EXDEV || number == EINVAL || number == ENOSYS || number == EOPNOTSUPP;
}

/// Enough to name to sync_files() when the files themselves are on the disk and only their names
/// may not be.
std::vector<std::string> one_of_each_directory(const std::vector<std::string>& paths) {
  std::set<std::string> directories;
  std::vector<std::string> some;
  for (const auto& path : paths)
    if (directories.insert(path.substr(0, path.rfind('/') + 1)).second) some.push_back(path);
  return some;
}

/// What a copy has made so far, and how to take it back.
class Traces {
 public:
  explicit Traces(fs::path to) : to_(std::move(to)) {
    std::error_code ignored;
    for (auto part = fs::absolute(to_, ignored); !part.empty() && !fs::exists(part, ignored);
         part = part.parent_path())
      directories_.push_back(part);
  }

  void add(const std::string& path) { files_.push_back(path); }

  void remove() const {
    const auto removed = remove_files(to_, files_);
    // A directory that was there before stays, though remove_files() takes empty ones.
    if (directories_.empty()) {
      const auto kept = make_directory(to_);
      if (!kept) return;
    }
    for (const auto& directory : directories_) ::rmdir(directory.c_str());
  }

 private:
  const fs::path to_;
  std::vector<fs::path> directories_;  ///< Missing at first, innermost first.
  std::vector<std::string> files_;
};

class Copier {
 public:
  Copier(const fs::path& from, const fs::path& to, const JobContext& job)
      : from_(from), to_(to), job_(job), traces_(to) {}

  Result<> copy(const std::vector<std::string>& paths) {
    const auto copied = copy_all(paths);
    if (!copied) traces_.remove();
    return copied;
  }

 private:
  Result<> copy_all(const std::vector<std::string>& paths) {
    std::vector<FileIdentity> identities;
    for (const auto& path : paths) {
      const auto identity = identify(from_, path);
      if (!identity) return identity.error();
      identities.push_back(*identity);
      remaining_bytes_ += identity->size;
    }
    const auto made = make_directory(to_);
    if (!made) return made.error();
    ByteMeter meter(job_, remaining_bytes_);
    for (std::size_t i = 0; i < paths.size(); ++i) {
      const auto copied = copy_file(paths[i], identities[i], meter);
      if (!copied) return copied.error();
      remaining_bytes_ -= identities[i].size;
    }
    return sync_files(to_, one_of_each_directory(paths));
  }

  Result<> copy_file(const std::string& path, const FileIdentity& identity, ByteMeter& meter) {
    if (job_.is_cancelled()) return cancelled_error();
    const auto source = open_file(from_, path);
    if (!source) return source.error();
    const auto place = find_place("copying", to_, path, Parents::AreMade);
    if (!place) return place.error();
    const Descriptor target(::openat(place->parent.get(), place->name.c_str(),
                                     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (!target.is_open()) return refusal(path, errno);
    traces_.add(path);

    const auto filled = fill(*source, target, path, identity.size, meter);
    if (!filled) return filled.error();
    const auto after = identify(from_, path);
    if (!after || *after != identity)
      return Error{ErrorCode::Corrupt,
                   "copying " + (from_ / path).string() + ": it changed meanwhile",
                   "run the command again when nothing writes to " + shell_quote(from_.string())};
    return sync(target, to_ / path);
  }

  Error refusal(const std::string& path, int number) const {
    if (number != EEXIST) return system_error("copying to", to_ / path, number);
    return {ErrorCode::AlreadyExists,
            "copying to " + (to_ / path).string() + ": it is already there",
            move_away_hint(to_ / path)};
  }

  Result<> fill(const Descriptor& source, const Descriptor& target, const std::string& path,
                std::uint64_t size, ByteMeter& meter) {
    if (::ioctl(target.get(), FICLONE, source.get()) == 0) {
      meter.add(size, path);
      return Done{};
    }
    const auto free = free_bytes(to_);
    if (free && *free < remaining_bytes_) return no_space();
    const auto in_kernel = copy_in_kernel(source, target, path, size, meter);
    if (!in_kernel) return in_kernel.error();
    if (*in_kernel) return Done{};
    return copy_by_hand(source, target, path, size, meter);
  }

  Error no_space() const {
    const auto free = free_bytes(to_);
    return {ErrorCode::NoSpace,
            "copying to " + to_.string() + " needs " + format_size(remaining_bytes_) +
                " more, and " + (free ? format_size(*free) : "too little") + " is free",
            "make room there: df -h " + shell_quote(to_.parent_path().string())};
  }

  Error failure(const std::string& path, int number) const {
    auto error = system_error("copying to", to_ / path, number);
    return error.code == ErrorCode::NoSpace ? no_space() : error;
  }

  /// False, with nothing done, where these two file systems cannot.
  Result<bool> copy_in_kernel(const Descriptor& source, const Descriptor& target,
                              const std::string& path, std::uint64_t size, ByteMeter& meter) {
    for (std::uint64_t done = 0; done < size;) {
      if (job_.is_cancelled()) return cancelled_error();
      const auto wanted = std::min<std::uint64_t>(kChunkBytes, size - done);
      const auto copied = ::copy_file_range(source.get(), nullptr, target.get(), nullptr,
                                            static_cast<std::size_t>(wanted), 0);
      if (copied < 0 && errno == EINTR) continue;
      if (copied < 0 && done == 0 && is_unsupported(errno)) return false;
      if (copied < 0) return failure(path, errno);
      if (copied == 0 && done == 0) return false;
      if (copied == 0) break;
      done += static_cast<std::uint64_t>(copied);
      meter.add(static_cast<std::uint64_t>(copied), path);
    }
    return true;
  }

  Result<> copy_by_hand(const Descriptor& source, const Descriptor& target, const std::string& path,
                        std::uint64_t size, ByteMeter& meter) {
    Bytes buffer(static_cast<std::size_t>(std::min<std::uint64_t>(kChunkBytes, size)));
    for (std::uint64_t done = 0; done < size;) {
      if (job_.is_cancelled()) return cancelled_error();
      const auto got = read_at(source, buffer, done, from_ / path);
      if (!got) return got.error();
      if (*got == 0) break;
      const auto written = write_all(target, ByteView(buffer).first(*got), to_ / path);
      if (!written)
        return written.error().code == ErrorCode::NoSpace ? no_space() : written.error();
      done += *got;
      meter.add(*got, path);
    }
    return Done{};
  }

  const fs::path& from_;
  const fs::path& to_;
  const JobContext& job_;
  Traces traces_;
  std::uint64_t remaining_bytes_ = 0;
};

}  // namespace

Result<> copy_files(const fs::path& from, const fs::path& to, const std::vector<std::string>& paths,
                    const JobContext& job) {
  return Copier(from, to, job).copy(paths);
}

}  // namespace owrd::content
