#include "daemon/content/hashing.h"

#include <algorithm>
#include <cassert>
#include <condition_variable>
#include <map>
#include <mutex>
#include <numeric>
#include <utility>

#include "daemon/content/file_stream.h"
#include "daemon/content/parallel.h"

namespace owrd::content {
namespace {

namespace fs = std::filesystem;

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

/// How many threads have something to do.
std::size_t useful_threads(const std::vector<ScannedFile>& files) {
  const auto chunks = total_size(files) / hash::LayerHasher::kChunkBytes + files.size();
  return static_cast<std::size_t>(std::min<std::uint64_t>(core_count(), chunks));
}

/// A file that a thread sees through. All but `file` belongs to who holds the schedule's lock;
/// next_flat changes in the hands of that thread alone, so it may look at it without.
struct Stream {
  std::unique_ptr<FileStream> file;
  std::size_t next_read = 0;
  std::size_t next_flat = 0;
  std::map<std::size_t, Bytes> ready;  ///< Read, and waiting for the flat digest.
};

/// A chunk that is one thread's own, to be read or, when it was, to go into the flat digest.
struct Step {
  std::shared_ptr<Stream> stream;
  std::size_t chunk;
  Bytes buffer;
  bool is_read;
};

/// Who does what: all that the threads of one job share. They take the lock once or twice per
/// chunk.
class Schedule {
 public:
  explicit Schedule(std::vector<std::size_t> order) : order_(std::move(order)) {}

  /// The next file that has no thread; none when all have one.
  std::optional<std::size_t> take_file() {
    const std::lock_guard lock(mutex_);
    if (has_stopped_ || next_file_ == order_.size()) return std::nullopt;
    ++unfinished_;
    return order_[next_file_++];
  }

  void begin(const std::shared_ptr<Stream>& stream) {
    const std::lock_guard lock(mutex_);
    streams_.push_back(stream);
    changed_.notify_all();
  }

  void end(const std::shared_ptr<Stream>& stream) {
    const std::lock_guard lock(mutex_);
    std::erase(streams_, stream);
    --unfinished_;
    changed_.notify_all();
  }

  /// Ends all: nobody is given anything from here on.
  void stop() {
    const std::lock_guard lock(mutex_);
    has_stopped_ = true;
    changed_.notify_all();
  }

  /// For the thread of the stream. Waits while helpers have all that there is to do; none when
  /// stopped.
  std::optional<Step> next_of(const std::shared_ptr<Stream>& stream) {
    std::unique_lock lock(mutex_);
    while (!has_stopped_) {
      if (auto next = stream->ready.extract(stream->next_flat))
        return Step{stream, stream->next_flat, std::move(next.mapped()), /*is_read=*/true};
      if (has_more(*stream)) return claim(stream);
      changed_.wait(lock);
    }
    return std::nullopt;
  }

  /// For helpers. Waits until there is a chunk to read; none when all files are done, or stopped.
  std::optional<Step> next_of_any() {
    std::unique_lock lock(mutex_);
    while (!has_stopped_ && unfinished_ > 0) {
      std::shared_ptr<Stream> longest;
      for (const auto& stream : streams_)
        if (has_more(*stream) && (!longest || unread(*stream) > unread(*longest))) longest = stream;
      if (longest) return claim(longest);
      changed_.wait(lock);
    }
    return std::nullopt;
  }

  /// The chunk was read, and goes into the flat digest when its turn comes.
  void put(Step step) {
    const std::lock_guard lock(mutex_);
    step.stream->ready.emplace(step.chunk, std::move(step.buffer));
    changed_.notify_all();
  }

  /// The chunk went both ways.
  void finish(Step step) {
    const std::lock_guard lock(mutex_);
    ++step.stream->next_flat;
    spare_.push_back(std::move(step.buffer));
    changed_.notify_all();
  }

 private:
  /// How far the chunks of a file may be ahead of its flat digest.
  static constexpr std::size_t kWindow = 4;

  static bool has_more(const Stream& stream) {
    return stream.next_read < std::min(stream.file->chunks(), stream.next_flat + kWindow);
  }
  static std::size_t unread(const Stream& stream) {
    return stream.file->chunks() - stream.next_read;
  }

  Step claim(const std::shared_ptr<Stream>& stream) {
    Step step{stream, stream->next_read++, {}, /*is_read=*/false};
    if (spare_.empty()) return step;
    step.buffer = std::move(spare_.back());
    spare_.pop_back();
    return step;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  const std::vector<std::size_t> order_;
  std::size_t next_file_ = 0;
  std::size_t unfinished_ = 0;  ///< Files that were taken and still have chunks.
  bool has_stopped_ = false;
  std::vector<std::shared_ptr<Stream>> streams_;
  std::vector<Bytes> spare_;
};

/// Whatever ends a thread early, an exception too, ends the others, which may wait for it.
class StopUnlessWell {
 public:
  explicit StopUnlessWell(Schedule& schedule) : schedule_(schedule) {}
  StopUnlessWell(const StopUnlessWell&) = delete;
  StopUnlessWell& operator=(const StopUnlessWell&) = delete;
  ~StopUnlessWell() {
    if (!is_well) schedule_.stop();
  }
  bool is_well = false;

 private:
  Schedule& schedule_;
};

/// Both digests of many files on all cores.
///
/// The flat digest of a file can only be computed front to back, so each file has one thread that
/// sees it through; alone, that thread reads a chunk and does both hashes while its cache has it.
/// Threads for which no file is left help the others: they read ahead and hash the leaves, so that
/// one large file takes no longer than its flat digest alone. Memory: a few chunks per thread, and
/// the piece layers.
class Hashing {
 public:
  Hashing(const fs::path& directory, const std::vector<ScannedFile>& files,
          std::uint64_t piece_length, const JobContext& job, const Ranges& ranges)
      : directory_(directory),
        files_(files),
        piece_length_(piece_length),
        job_(job),
        ranges_(ranges),
        total_bytes_(total_size(files)),
        meter_(job, total_bytes_),
        schedule_(by_falling_size(files)),
        found_(files.size()) {}

  Result<std::vector<hash::FileDigests>> run() {
    const auto threads = useful_threads(files_);
    const auto done = for_each_index(threads, static_cast<unsigned>(threads), job_,
                                     [&](std::size_t) { return work(); });
    if (!done) return done.error();
    std::vector<hash::FileDigests> digests;
    digests.reserve(found_.size());
    for (auto& one : found_) digests.push_back(std::move(*one));
    return digests;
  }

 private:
  /// The life of one thread.
  Result<> work() {
    StopUnlessWell guard(schedule_);
    while (const auto index = schedule_.take_file()) {
      const auto hashed = see_through(*index);
      if (!hashed) return hashed.error();
    }
    const auto helped = help();
    if (!helped) return helped.error();
    guard.is_well = true;
    return Done{};
  }

  Result<> see_through(std::size_t index) {
    const auto ranges = ranges_.find(files_[index].path);
    auto opened =
        FileStream::open(directory_, files_[index], piece_length_, total_bytes_,
                         ranges == ranges_.end() ? std::vector<hash::Range>() : ranges->second);
    if (!opened) return opened.error();
    const auto stream = std::make_shared<Stream>();
    stream->file = std::move(*opened);
    schedule_.begin(stream);
    while (stream->next_flat < stream->file->chunks()) {
      auto step = schedule_.next_of(stream);
      if (!step) return Done{};
      const auto taken = take(std::move(*step), files_[index].path);
      if (!taken) return taken.error();
    }
    schedule_.end(stream);
    auto digests = stream->file->finish();
    if (!digests) return digests.error();
    found_[index] = std::move(*digests);
    return Done{};
  }

  Result<> take(Step step, const std::string& path) {
    if (!step.is_read) {
      const auto read = read_chunk(step);
      if (!read) return read.error();
    }
    if (step.chunk != step.stream->next_flat) {
      schedule_.put(std::move(step));
      return Done{};
    }
    if (job_.is_cancelled()) return cancelled_error();
    step.stream->file->add_to_flat(step.buffer);
    meter_.add(step.buffer.size(), path);
    schedule_.finish(std::move(step));
    return Done{};
  }

  Result<> help() {
    while (auto step = schedule_.next_of_any()) {
      const auto read = read_chunk(*step);
      if (!read) return read.error();
      schedule_.put(std::move(*step));
    }
    return Done{};
  }

  Result<> read_chunk(Step& step) const {
    if (job_.is_cancelled()) return cancelled_error();
    return step.stream->file->read(step.chunk, step.buffer);
  }

  const fs::path& directory_;
  const std::vector<ScannedFile>& files_;
  const std::uint64_t piece_length_;
  const JobContext& job_;
  const Ranges& ranges_;
  const std::uint64_t total_bytes_;
  ByteMeter meter_;
  Schedule schedule_;
  std::vector<std::optional<hash::FileDigests>> found_;  ///< Each by the thread of its file.
};

}  // namespace

Result<std::vector<hash::FileDigests>> hash_files(const fs::path& directory,
                                                  const std::vector<ScannedFile>& files,
                                                  std::uint64_t piece_length, const JobContext& job,
                                                  const Ranges& ranges) {
  assert(hash::is_valid_piece_length(piece_length));
  return Hashing(directory, files, piece_length, job, ranges).run();
}

}  // namespace owrd::content
