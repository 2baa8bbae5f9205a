#include <algorithm>
#include <cassert>
#include <map>
#include <memory>
#include <mutex>

#include "daemon/content/descriptor.h"
#include "daemon/content/hashing.h"
#include "daemon/content/one_pass.h"
#include "daemon/content/parallel.h"
#include "daemon/core/units.h"
#include "daemon/hash/layer_hasher.h"
#include "daemon/hash/merkle.h"

namespace owrd::content {
namespace {

namespace fs = std::filesystem;

constexpr auto kChunkBytes = hash::LayerHasher::kChunkBytes;
/// What a thread takes at a time. Small, so that the threads go through a file side by side and a
/// disk reads it front to back; large enough for taking it to cost nothing beside it.
constexpr std::uint64_t kRunBytes = 4 * kChunkBytes;

constexpr auto kChanged = "changed while it was read";

/// What is known of one file before its pieces are read.
struct Check {
  const ExpectedFile* expected;
  std::optional<FileIdentity> identity;
  CheckedFile::State opening =
      CheckedFile::State::Good;  ///< Missing or Unreadable when it stopped there.
  std::string problem;
  std::uint64_t readable_bytes = 0;  ///< Of the pieces that lie wholly within the file on disk.
  std::size_t first_run = 0;         ///< Runs are numbered through all files.
};

/// A file that several threads are reading, from its first run to its last.
struct Reading {
  Reading(Descriptor opened, const Check& check, std::uint64_t piece_length,
          std::uint64_t job_bytes)
      : file(std::move(opened)),
        pass(file, check.readable_bytes, job_bytes),
        found(check.expected->length, piece_length) {}

  const Descriptor file;
  OnePass pass;
  hash::LayerHasher found;  ///< Threads add different chunks only.
  std::size_t runs_left = 0;
  std::string trouble;  ///< Why not all of it could be read.
};

class Checker {
 public:
  Checker(const fs::path& directory, std::uint64_t piece_length, const JobContext& job)
      : directory_(directory), piece_length_(piece_length), job_(job) {}

  Result<std::vector<CheckedFile>> check(const std::vector<ExpectedFile>& files) {
    for (const auto& file : files) plan(file);
    checked_.resize(checks_.size());
    ByteMeter meter(job_, planned_bytes_);
    const auto read = for_each_index(run_count_, core_count(), job_,
                                     [&](std::size_t run) { return read_run(run, meter); });
    if (!read) return read.error();
    std::vector<CheckedFile> checked;
    checked.reserve(checks_.size());
    for (std::size_t i = 0; i < checks_.size(); ++i)
      checked.push_back(checked_[i] ? std::move(*checked_[i]) : conclude_unread(checks_[i]));
    return checked;
  }

 private:
  void plan(const ExpectedFile& file) {
    auto check = open_check(file);
    check.first_run = run_count_;
    run_count_ += runs_of(check);
    planned_bytes_ += check.readable_bytes;
    checks_.push_back(std::move(check));
  }

  static std::size_t runs_of(const Check& check) {
    return static_cast<std::size_t>((check.readable_bytes + kRunBytes - 1) / kRunBytes);
  }

  Check open_check(const ExpectedFile& file) const {
    assert(file.length == 0 || !file.layer.empty() || file.pieces_root);
    assert(file.layer.empty() ||
           file.layer.size() == hash::piece_count(file.length, piece_length_));
    Check check{&file, {}, CheckedFile::State::Good, {}, 0, 0};
    const auto identity = identify(directory_, file.path);
    if (!identity) {
      const bool is_missing = identity.error().code == ErrorCode::NotFound;
      check.opening = is_missing ? CheckedFile::State::Missing : CheckedFile::State::Unreadable;
      check.problem = is_missing ? "missing" : identity.error().message;
      return check;
    }
    check.identity = *identity;
    check.readable_bytes = readable_bytes(check);
    return check;
  }

  std::uint64_t readable_bytes(const Check& check) const {
    const auto there = check.identity->size, length = check.expected->length;
    if (there >= length) return length;
    // Without a layer one bad piece spoils the whole, and so does a missing one.
    return knows_pieces(*check.expected) ? there - there % piece_length_ : 0;
  }

  /// A file of one piece is that piece.
  bool knows_pieces(const ExpectedFile& file) const {
    return !file.layer.empty() || hash::piece_count(file.length, piece_length_) == 1;
  }

  /// An error only when cancelled: what the disk does wrong is a verdict on the file.
  Result<> read_run(std::size_t run, ByteMeter& meter) {
    const auto after = std::upper_bound(
        checks_.begin(), checks_.end(), run,
        [](std::size_t wanted, const Check& check) { return wanted < check.first_run; });
    const auto index = static_cast<std::size_t>(after - checks_.begin()) - 1;
    const auto& check = checks_[index];
    const auto reading = join(index);
    const auto offset = (run - check.first_run) * kRunBytes;
    const auto end = std::min(offset + kRunBytes, check.readable_bytes);
    std::string trouble;
    if (reading->file.is_open()) {
      const auto read = read_range(check, *reading, offset, end, meter);
      if (!read && read.error().code == ErrorCode::Cancelled) return read.error();
      if (!read) trouble = read.error().message;
    }
    if (leave(index, *reading, trouble))
      checked_[index] = conclude(check, reading->found, reading->trouble);
    return Done{};
  }

  std::shared_ptr<Reading> join(std::size_t index) {
    const std::lock_guard lock(mutex_);
    auto& reading = readings_[index];
    if (!reading) reading = begin(checks_[index]);
    return reading;
  }

  std::shared_ptr<Reading> begin(const Check& check) const {
    auto file = open_file(directory_, check.expected->path);
    std::string trouble;
    if (!file) {
      trouble = file.error().message;
    } else {
      const auto identity = identify(*file, directory_ / check.expected->path);
      if (!identity || *identity != *check.identity) trouble = kChanged;
    }
    auto reading = std::make_shared<Reading>(trouble.empty() ? std::move(*file) : Descriptor(),
                                             check, piece_length_, planned_bytes_);
    reading->runs_left = runs_of(check);
    reading->trouble = std::move(trouble);
    return reading;
  }

  /// Whether this was the last run of the file.
  bool leave(std::size_t index, Reading& reading, const std::string& trouble) {
    const std::lock_guard lock(mutex_);
    if (reading.trouble.empty()) reading.trouble = trouble;
    if (--reading.runs_left > 0) return false;
    readings_.erase(index);
    return true;
  }

  Result<> read_range(const Check& check, Reading& reading, std::uint64_t offset, std::uint64_t end,
                      ByteMeter& meter) const {
    thread_local Bytes buffer;  // Making one for each run would cost a tenth of the time.
    for (; offset < end; offset += kChunkBytes) {
      if (job_.is_cancelled()) return cancelled_error();
      buffer.resize(static_cast<std::size_t>(std::min(kChunkBytes, end - offset)));
      const auto got = read_at(reading.file, buffer, offset, directory_ / check.expected->path);
      if (!got) return Error{ErrorCode::Io, got.error().message};
      if (*got != buffer.size()) return Error{ErrorCode::Corrupt, kChanged};
      reading.pass.finish(reading.file, offset, buffer.size());
      reading.found.add(offset, buffer);
      meter.add(buffer.size(), check.expected->path);
    }
    return Done{};
  }

  std::vector<std::uint32_t> bad_pieces(const ExpectedFile& expected,
                                        const hash::LayerHasher& found) const {
    const bool is_spoilt = !knows_pieces(expected) && !folds_to_root(expected, found);
    std::vector<std::uint32_t> bad;
    for (std::size_t i = 0; i < found.pieces(); ++i) {
      const bool is_bad = !expected.layer.empty()  ? found.piece(i) != expected.layer[i]
                          : knows_pieces(expected) ? found.piece(i) != expected.pieces_root
                                                   : is_spoilt;
      if (is_bad) bad.push_back(static_cast<std::uint32_t>(i));
    }
    return bad;
  }

  bool folds_to_root(const ExpectedFile& expected, const hash::LayerHasher& found) const {
    if (found.pieces() == 0) return true;
    std::vector<Digest> layer;
    for (std::size_t i = 0; i < found.pieces(); ++i) {
      const auto piece = found.piece(i);
      if (!piece) return false;
      layer.push_back(*piece);
    }
    return hash::root_of_layer(layer, piece_length_) == *expected.pieces_root;
  }

  /// Nothing of it could be read, or there is nothing to read.
  CheckedFile conclude_unread(const Check& check) const {
    return conclude(check, hash::LayerHasher(check.expected->length, piece_length_), {});
  }

  CheckedFile conclude(const Check& check, const hash::LayerHasher& found,
                       const std::string& trouble) const {
    using State = CheckedFile::State;
    CheckedFile result{check.opening, 0, {}, check.problem, {}};
    if (!check.identity) return result;
    result.identity = *check.identity;
    result.actual_length = check.identity->size;
    result.problem = trouble;
    const auto after = identify(directory_, check.expected->path);
    if (!after || *after != *check.identity) result.problem = kChanged;
    if (!result.problem.empty()) {
      result.state = State::Unreadable;
      return result;
    }
    result.bad_pieces = bad_pieces(*check.expected, found);
    if (result.actual_length != check.expected->length) {
      result.state = State::WrongLength;
      result.problem = describe_length(result.actual_length, check.expected->length);
    } else if (!result.bad_pieces.empty()) {
      result.state = State::BadPieces;
      result.problem = describe_bad(result.bad_pieces, *check.expected);
    }
    return result;
  }

  static std::string describe_length(std::uint64_t actual, std::uint64_t expected) {
    const auto is = format_size(actual), should = format_size(expected);
    if (is != should) return is + " long instead of " + should;
    return std::to_string(actual) + " bytes long instead of " + std::to_string(expected);
  }

  std::string describe_bad(const std::vector<std::uint32_t>& bad,
                           const ExpectedFile& expected) const {
    if (!knows_pieces(expected)) return "the content is not what was signed";
    const auto pieces = hash::piece_count(expected.length, piece_length_);
    return std::to_string(bad.size()) + " of " + std::to_string(pieces) +
           (pieces == 1 ? " piece" : " pieces") + " bad (first at " +
           format_size(bad.front() * piece_length_) + ")";
  }

  const fs::path& directory_;
  const std::uint64_t piece_length_;
  const JobContext& job_;
  std::vector<Check> checks_;
  std::size_t run_count_ = 0;
  std::uint64_t planned_bytes_ = 0;
  std::vector<std::optional<CheckedFile>> checked_;  ///< Each by the thread of its last run.
  std::mutex mutex_;
  std::map<std::size_t, std::shared_ptr<Reading>> readings_;  ///< By file; under the mutex.
};

}  // namespace

Result<std::vector<CheckedFile>> check_files(const fs::path& directory,
                                             const std::vector<ExpectedFile>& files,
                                             std::uint64_t piece_length, const JobContext& job) {
  assert(hash::is_valid_piece_length(piece_length));
  return Checker(directory, piece_length, job).check(files);
}

}  // namespace owrd::content
