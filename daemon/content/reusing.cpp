#include "daemon/content/reusing.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <optional>

#include "daemon/content/descriptor.h"
#include "daemon/content/parallel.h"
#include "daemon/hash/merkle.h"

namespace owrd::content {
namespace {

namespace fs = std::filesystem;

/// Enough work for a thread to take at a time.
constexpr std::uint64_t kRunBytes = 32 * 1024 * 1024;
/// What the threads may hold together: each holds a piece.
constexpr std::uint64_t kMemoryLimitBytes = 256 * 1024 * 1024;

/// Of a name that only tries whether a file can have a second one.
constexpr std::string_view kProbeSuffix = ".link";

/// Neighbouring pieces of one file.
struct Run {
  std::size_t file;
  std::size_t first;
  std::size_t end;
};

/// A source that is open, and how much of it there is.
struct OpenSource {
  Descriptor descriptor;
  const ReuseSource* source;
  std::uint64_t size;
};

std::optional<OpenSource> open_source(const ReuseSource& source) {
  // O_NONBLOCK: a FIFO must not make the daemon wait.
  Descriptor opened(::open(source.path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!opened.is_open()) return std::nullopt;
  const auto identity = identify(opened, source.path);
  if (!identity) return std::nullopt;
  return OpenSource{std::move(opened), &source, identity->size};
}

class Reuser {
 public:
  Reuser(const fs::path& directory, const std::vector<ReusableFile>& files,
         std::uint64_t piece_length, const JobContext& job)
      : directory_(directory), files_(files), piece_length_(piece_length), job_(job) {}

  Result<std::vector<std::vector<std::uint32_t>>> run() {
    for (const auto& file : files_) {
      links_.push_back(find_link(file));
      hopeful_.push_back(hopeful_sources(file));
    }
    for (std::size_t i = 0; i < files_.size(); ++i) plan(i);
    ByteMeter meter(job_, planned_bytes());
    const auto brought = for_each_index(runs_.size(), thread_count(), job_,
                                        [&](std::size_t index) { return bring(index, meter); });
    if (!brought) return brought.error();
    if (const auto linked = make_links(); !linked) return linked.error();
    return conclude();
  }

 private:
  using Sources = std::vector<const ReuseSource*>;

  unsigned thread_count() const {
    const auto most = std::max<std::uint64_t>(1, kMemoryLimitBytes / piece_length_);
    return static_cast<unsigned>(std::min<std::uint64_t>(core_count(), most));
  }

  std::uint64_t piece_bytes(const ReusableFile& file, std::size_t piece) const {
    return std::min(piece_length_, file.expected.length - piece * piece_length_);
  }

  /// Whether this source may have this piece, before a byte of it is read.
  static bool may_have(const ReuseSource& source, const ExpectedFile& expected, std::size_t piece) {
    return source.layer.empty() ||
           (piece < source.layer.size() && source.layer[piece] == expected.layer[piece]);
  }

  Sources hopeful_sources(const ReusableFile& file) const {
    Sources hopeful;
    for (const auto& source : file.sources)
      if (!source.is_guess || begins_alike(source, file)) hopeful.push_back(&source);
    return hopeful;
  }

  bool begins_alike(const ReuseSource& source, const ReusableFile& file) const {
    if (file.expected.layer.empty()) return false;
    std::vector<OpenSource> opened;
    if (auto one = open_source(source)) opened.push_back(std::move(*one));
    Bytes buffer(static_cast<std::size_t>(piece_bytes(file, 0)));
    return find(opened, file.expected, 0, buffer) != nullptr;
  }

  /// The source that a wholly missing file can share: all of it, and on the same file system.
  const ReuseSource* find_link(const ReusableFile& file) const {
    if (std::find(file.missing.begin(), file.missing.end(), false) != file.missing.end())
      return nullptr;
    for (const auto& source : file.sources)
      if (source.may_link && source.layer == file.expected.layer &&
          link(source, file.expected.path + std::string(kProbeSuffix)) &&
          remove_files(directory_, {file.expected.path + std::string(kProbeSuffix)}))
        return &source;
    return nullptr;
  }

  bool link(const ReuseSource& source, const std::string& path) const {
    const auto place = find_place("writing", directory_, path, Parents::AreMade);
    return place && ::linkat(AT_FDCWD, source.path.c_str(), place->parent.get(),
                             place->name.c_str(), 0) == 0;
  }

  /// Only what is good gets a second name: nobody may ever have to write through it.
  Result<> make_links() {
    for (std::size_t i = 0; i < files_.size(); ++i) {
      if (links_[i] == nullptr) continue;
      const auto& path = files_[i].expected.path;
      auto& found = found_[i];
      if (std::find(found.begin(), found.end(), 0) == found.end()) {
        if (const auto removed = remove_files(directory_, {path}); !removed) return removed.error();
        if (link(*links_[i], path)) continue;
      }
      found.assign(found.size(), 0);
    }
    return Done{};
  }

  void plan(std::size_t index) {
    const auto& file = files_[index];
    const auto pieces = file.expected.layer.size();
    assert(pieces == hash::piece_count(file.expected.length, piece_length_));
    assert(file.missing.size() == pieces);
    const auto most =
        static_cast<std::size_t>(std::max<std::uint64_t>(1, kRunBytes / piece_length_));
    for (std::size_t piece = 0; piece < pieces; ++piece) {
      const auto& sources = hopeful_[index];
      const bool is_hopeful =
          file.missing[piece] &&
          std::any_of(sources.begin(), sources.end(), [&](const ReuseSource* source) {
            return may_have(*source, file.expected, piece);
          });
      if (!is_hopeful) continue;
      const bool goes_on = !runs_.empty() && runs_.back().file == index &&
                           runs_.back().end == piece && piece - runs_.back().first < most;
      if (goes_on)
        runs_.back().end = piece + 1;
      else
        runs_.push_back({index, piece, piece + 1});
    }
    found_.emplace_back(pieces, 0);
  }

  std::uint64_t planned_bytes() const {
    std::uint64_t total = 0;
    for (const auto& run : runs_)
      for (auto piece = run.first; piece < run.end; ++piece)
        total += piece_bytes(files_[run.file], piece);
    return total;
  }

  Result<> bring(std::size_t index, ByteMeter& meter) {
    const auto& run = runs_[index];
    const auto& file = files_[run.file];
    const auto* link = links_[run.file];
    std::vector<OpenSource> sources;
    for (const auto* source : hopeful_[run.file])
      if (link == nullptr || link == source)
        if (auto opened = open_source(*source)) sources.push_back(std::move(*opened));
    std::optional<Descriptor> target;
    Bytes buffer(static_cast<std::size_t>(piece_bytes(file, run.first)));
    for (auto piece = run.first; piece < run.end; ++piece) {
      if (job_.is_cancelled()) return cancelled_error();
      const auto bytes =
          std::span(buffer).first(static_cast<std::size_t>(piece_bytes(file, piece)));
      const auto* source = find(sources, file.expected, piece, bytes);
      meter.add(bytes.size(), file.expected.path);
      if (source == nullptr) continue;
      found_[run.file][piece] = 1;
      if (link != nullptr) continue;
      if (!target) {
        auto opened = open_target(file.expected);
        if (!opened) return opened.error();
        target = std::move(*opened);
      }
      if (const auto put = place(*target, *source, file.expected, piece, bytes); !put)
        return put.error();
    }
    if (!target) return Done{};
    return sync(*target, directory_ / file.expected.path);
  }

  /// Reads the piece from the first source that has it.
  const OpenSource* find(const std::vector<OpenSource>& sources, const ExpectedFile& expected,
                         std::size_t piece, std::span<std::byte> bytes) const {
    const auto offset = piece * piece_length_;
    for (const auto& one : sources) {
      if (!may_have(*one.source, expected, piece) || one.size < offset + bytes.size()) continue;
      const auto got = read_at(one.descriptor, bytes, offset, one.source->path);
      if (!got || *got != bytes.size()) continue;
      const auto hash = expected.layer.size() == 1 ? hash::small_file_root(bytes)
                                                   : hash::piece_hash(bytes, piece_length_);
      if (hash == expected.layer[piece]) return &one;
    }
    return nullptr;
  }

  Result<Descriptor> open_target(const ExpectedFile& expected) const {
    const auto place = find_place("writing", directory_, expected.path, Parents::AreMade);
    if (!place) return place.error();
    Descriptor opened(::openat(place->parent.get(), place->name.c_str(),
                               O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666));
    if (!opened.is_open()) return system_error("writing", directory_ / expected.path, errno);
    const auto identity = identify(opened, directory_ / expected.path);
    if (!identity) return identity.error();
    if (const auto named = sync(place->parent, directory_ / expected.path); !named)
      return named.error();
    return opened;
  }

  /// `bytes` are what the source has there.
  Result<> place(const Descriptor& target, const OpenSource& source, const ExpectedFile& expected,
                 std::size_t piece, ByteView bytes) const {
    const auto offset = piece * piece_length_;
    file_clone_range range{};
    range.src_fd = source.descriptor.get();
    range.src_offset = offset;
    range.src_length = bytes.size();
    range.dest_offset = offset;
    if (::ioctl(target.get(), FICLONERANGE, &range) == 0) return Done{};
    for (std::size_t done = 0; done < bytes.size();) {
      const auto written = ::pwrite(target.get(), bytes.data() + done, bytes.size() - done,
                                    static_cast<off_t>(offset + done));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return system_error("writing", directory_ / expected.path, errno);
      done += static_cast<std::size_t>(written);
    }
    return Done{};
  }

  std::vector<std::vector<std::uint32_t>> conclude() const {
    std::vector<std::vector<std::uint32_t>> pieces(files_.size());
    for (std::size_t i = 0; i < files_.size(); ++i)
      for (std::size_t piece = 0; piece < found_[i].size(); ++piece)
        if (found_[i][piece] != 0) pieces[i].push_back(static_cast<std::uint32_t>(piece));
    return pieces;
  }

  const fs::path& directory_;
  const std::vector<ReusableFile>& files_;
  const std::uint64_t piece_length_;
  const JobContext& job_;
  std::vector<Run> runs_;
  std::vector<Sources> hopeful_;           ///< By file.
  std::vector<const ReuseSource*> links_;  ///< By file: what it will be a second name of.
  /// By file and piece. Threads write to different elements: bytes, not bits.
  std::vector<std::vector<char>> found_;
};

}  // namespace

Result<std::vector<std::vector<std::uint32_t>>> reuse_pieces(const fs::path& directory,
                                                             const std::vector<ReusableFile>& files,
                                                             std::uint64_t piece_length,
                                                             const JobContext& job) {
  assert(hash::is_valid_piece_length(piece_length));
  return Reuser(directory, files, piece_length, job).run();
}

}  // namespace owrd::content
