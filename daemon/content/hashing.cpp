#include "daemon/content/hashing.h"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "daemon/content/descriptor.h"
#include "daemon/content/parallel.h"
#include "daemon/core/text.h"

namespace owrd::content {
namespace {

namespace fs = std::filesystem;

/// Large enough that a read costs little beside its hashing, small enough for the processor's
/// cache.
constexpr std::size_t kReadBytes = 1024 * 1024;

Error changed(const fs::path& what, const std::string& how) {
  return {
      ErrorCode::Corrupt, "hashing " + what.string() + ": it " + how,
      "run the command again when nothing writes to " + shell_quote(what.parent_path().string())};
}

/// A file that is gone or can be opened no more was there when the directory was scanned.
Error changed_or_broken(const fs::path& what, const Error& error) {
  return error.code == ErrorCode::NotFound ? changed(what, "vanished meanwhile") : error;
}

class FileReader {
 public:
  FileReader(const fs::path& directory, const ScannedFile& file)
      : directory_(directory), file_(file), what_(directory / file.path) {}

  Result<hash::FileDigests> hash(std::uint64_t piece_length, const JobContext& job,
                                 ByteMeter& meter) const {
    const auto opened = open_file(directory_, file_.path);
    if (!opened) return changed_or_broken(what_, opened.error());
    const auto before = identify(*opened, what_);
    if (!before) return before.error();
    if (*before != file_.identity) return changed(what_, "changed meanwhile");

    hash::FileHasher hasher(file_.identity.size, piece_length);
    const auto fed = feed(*opened, hasher, job, meter);
    if (!fed) return fed.error();

    // By its name: a file that was replaced leaves the open one as it was.
    const auto after = identify(directory_, file_.path);
    if (!after) return changed_or_broken(what_, after.error());
    if (*after != file_.identity) return changed(what_, "changed meanwhile");
    return hasher.finish();
  }

 private:
  Result<> feed(const Descriptor& opened, hash::FileHasher& hasher, const JobContext& job,
                ByteMeter& meter) const {
    expect_sequential_reads(opened);
    Bytes buffer(
        static_cast<std::size_t>(std::min<std::uint64_t>(file_.identity.size, kReadBytes)));
    for (std::uint64_t offset = 0; offset < file_.identity.size;) {
      if (job.is_cancelled()) return cancelled_error();
      const auto wanted = std::min<std::uint64_t>(buffer.size(), file_.identity.size - offset);
      const auto part = std::span(buffer).first(static_cast<std::size_t>(wanted));
      const auto got = read_at(opened, part, offset, what_);
      if (!got) return got.error();
      if (*got != part.size()) return changed(what_, "became shorter meanwhile");
      hasher.update(part);
      if (file_.identity.size > kCachedFileLimitBytes) leave_page_cache(opened, offset, wanted);
      offset += wanted;
      meter.add(wanted, file_.path);
    }
    return Done{};
  }

  const fs::path& directory_;
  const ScannedFile& file_;
  const fs::path what_;
};

/// Largest first, so that no thread starts on the largest file when the others are done.
std::vector<std::size_t> by_falling_size(const std::vector<ScannedFile>& files) {
  std::vector<std::size_t> order(files.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return files[a].identity.size > files[b].identity.size;
  });
  return order;
}

std::uint64_t total_size(const std::vector<ScannedFile>& files) {
  std::uint64_t total = 0;
  for (const auto& file : files) total += file.identity.size;
  return total;
}

}  // namespace

Result<std::vector<hash::FileDigests>> hash_files(const fs::path& directory,
                                                  const std::vector<ScannedFile>& files,
                                                  std::uint64_t piece_length,
                                                  const JobContext& job) {
  assert(hash::is_valid_piece_length(piece_length));
  const auto order = by_falling_size(files);
  std::vector<std::optional<hash::FileDigests>> found(files.size());
  ByteMeter meter(job, total_size(files));
  const auto hashed =
      for_each_index(files.size(), core_count(), job, [&](std::size_t index) -> Result<> {
        auto digests = FileReader(directory, files[order[index]]).hash(piece_length, job, meter);
        if (!digests) return digests.error();
        found[order[index]] = std::move(*digests);
        return Done{};
      });
  if (!hashed) return hashed.error();

  std::vector<hash::FileDigests> digests;
  digests.reserve(files.size());
  for (auto& one : found) digests.push_back(std::move(*one));
  return digests;
}

}  // namespace owrd::content
