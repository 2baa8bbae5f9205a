#include <algorithm>
#include <cassert>

#include "daemon/content/descriptor.h"
#include "daemon/content/hashing.h"
#include "daemon/content/parallel.h"
#include "daemon/content/read_ahead.h"
#include "daemon/core/units.h"
#include "daemon/hash/layer_hasher.h"

namespace owrd::content {
namespace {

namespace fs = std::filesystem;

constexpr auto kChunkBytes = hash::LayerHasher::kChunkBytes;
/// What a thread takes at a time. Small, so that the threads go through a file side by side and a
/// disk reads it front to back; large enough for opening the file to cost nothing beside it.
constexpr std::uint64_t kRunBytes = 4 * kChunkBytes;

constexpr auto kChanged = "changed while it was read";

/// What is known of one file while its pieces are read. Threads write to different chunks only.
struct Check {
  const ExpectedFile* expected;
  std::optional<FileIdentity> identity;
  CheckedFile::State opening =
      CheckedFile::State::Good;  ///< Missing or Unreadable when it stopped there.
  std::string problem;
  std::uint64_t readable_bytes;  ///< Of the pieces that lie wholly within the file on disk.
  std::vector<Digest> layer;     ///< Empty when only the root is known.
  hash::LayerHasher found;
};

/// Neighbouring chunks of one file.
struct Run {
  std::size_t check;
  std::uint64_t offset;
  std::uint64_t length;
};

class Checker {
 public:
  Checker(const fs::path& directory, std::uint64_t piece_length, const JobContext& job)
      : directory_(directory), piece_length_(piece_length), job_(job) {}

  Result<std::vector<CheckedFile>> check(const std::vector<ExpectedFile>& files) {
    for (const auto& file : files) plan(file);
    // A slot per run, written by the thread that took it: why its chunks could not be read.
    troubles_.resize(runs_.size());
    ByteMeter meter(job_, planned_bytes());
    ReadAhead read_ahead(runs_.size(), planned_bytes());
    for (std::size_t i = 0; i < std::min(runs_ahead(), runs_.size()); ++i) expect(i, read_ahead);
    const auto read = for_each_index(runs_.size(), core_count(), job_, [&](std::size_t index) {
      if (index + runs_ahead() < runs_.size()) expect(index + runs_ahead(), read_ahead);
      return read_run(index, read_ahead, meter);
    });
    if (!read) return read.error();
    for (std::size_t i = 0; i < runs_.size(); ++i)
      if (!troubles_[i].empty()) checks_[runs_[i].check].problem = troubles_[i];

    std::vector<CheckedFile> checked;
    checked.reserve(checks_.size());
    for (const auto& one : checks_) checked.push_back(conclude(one));
    return checked;
  }

 private:
  /// The disk fetches a run for each thread while each reads one that was fetched.
  static std::size_t runs_ahead() { return 2 * std::size_t{core_count()}; }

  void plan(const ExpectedFile& file) {
    auto check = open_check(file);
    for (std::uint64_t offset = 0; offset < check.readable_bytes; offset += kRunBytes)
      runs_.push_back({checks_.size(), offset, std::min(kRunBytes, check.readable_bytes - offset)});
    checks_.push_back(std::move(check));
  }

  Check open_check(const ExpectedFile& file) const {
    hash::LayerHasher found(file.length, piece_length_);
    assert(file.length == 0 || !file.layer.empty() || file.pieces_root);
    assert(file.layer.empty() || file.layer.size() == found.pieces());
    Check check{&file, {}, CheckedFile::State::Good, {}, 0, file.layer, std::move(found)};
    if (check.found.pieces() == 1 && check.layer.empty()) check.layer.push_back(*file.pieces_root);

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
    return check.layer.empty() ? 0 : there - there % piece_length_;
  }

  std::uint64_t planned_bytes() const {
    std::uint64_t total = 0;
    for (const auto& run : runs_) total += run.length;
    return total;
  }

  void expect(std::size_t index, ReadAhead& read_ahead) const {
    const auto& run = runs_[index];
    const auto file = open_file(directory_, checks_[run.check].expected->path);
    // If it cannot be opened, read_run() will say so.
    if (file) read_ahead.expect(index, *file, run.offset, run.length);
  }

  /// An error only when cancelled: what the disk does wrong is a verdict on the file.
  Result<> read_run(std::size_t index, ReadAhead& read_ahead, ByteMeter& meter) {
    const auto& run = runs_[index];
    auto& check = checks_[run.check];
    const auto what = directory_ / check.expected->path;
    const auto file = open_file(directory_, check.expected->path);
    if (!file) {
      troubles_[index] = file.error().message;
      return Done{};
    }
    const auto identity = identify(*file, what);
    if (!identity || *identity != *check.identity) {
      troubles_[index] = kChanged;
      return Done{};
    }
    thread_local Bytes buffer;  // Making one for each run would cost a tenth of the time.
    for (auto offset = run.offset; offset < run.offset + run.length; offset += kChunkBytes) {
      if (job_.is_cancelled()) return cancelled_error();
      buffer.resize(
          static_cast<std::size_t>(std::min(kChunkBytes, run.offset + run.length - offset)));
      const auto got = read_at(*file, buffer, offset, what);
      if (!got || *got != buffer.size()) {
        troubles_[index] = got ? kChanged : got.error().message;
        return Done{};
      }
      check.found.add(offset, buffer);
      meter.add(buffer.size(), check.expected->path);
    }
    read_ahead.finish(index, *file, run.offset, run.length);
    return Done{};
  }

  std::vector<std::uint32_t> bad_pieces(const Check& check) const {
    std::vector<std::uint32_t> bad;
    const bool is_spoilt = check.layer.empty() && !folds_to_root(check);
    for (std::size_t i = 0; i < check.found.pieces(); ++i)
      if (is_spoilt || (!check.layer.empty() && check.found.piece(i) != check.layer[i]))
        bad.push_back(static_cast<std::uint32_t>(i));
    return bad;
  }

  bool folds_to_root(const Check& check) const {
    if (check.found.pieces() == 0) return true;
    std::vector<Digest> layer;
    for (std::size_t i = 0; i < check.found.pieces(); ++i) {
      const auto piece = check.found.piece(i);
      if (!piece) return false;
      layer.push_back(*piece);
    }
    return hash::root_of_layer(layer, piece_length_) == *check.expected->pieces_root;
  }

  CheckedFile conclude(const Check& check) const {
    using State = CheckedFile::State;
    CheckedFile result{check.opening, 0, {}, check.problem, {}};
    if (!check.identity) return result;
    result.identity = *check.identity;
    result.actual_length = check.identity->size;
    const auto after = identify(directory_, check.expected->path);
    if (!after || *after != *check.identity) result.problem = kChanged;
    if (!result.problem.empty()) {
      result.state = State::Unreadable;
      return result;
    }
    result.bad_pieces = bad_pieces(check);
    if (result.actual_length != check.expected->length) {
      result.state = State::WrongLength;
      result.problem = describe_length(result.actual_length, check.expected->length);
    } else if (!result.bad_pieces.empty()) {
      result.state = State::BadPieces;
      result.problem = describe_bad(result.bad_pieces, check);
    }
    return result;
  }

  static std::string describe_length(std::uint64_t actual, std::uint64_t expected) {
    const auto is = format_size(actual), should = format_size(expected);
    if (is != should) return is + " long instead of " + should;
    return std::to_string(actual) + " bytes long instead of " + std::to_string(expected);
  }

  std::string describe_bad(const std::vector<std::uint32_t>& bad, const Check& check) const {
    if (check.layer.empty()) return "the content is not what was signed";
    return std::to_string(bad.size()) + " of " + std::to_string(check.found.pieces()) +
           (check.found.pieces() == 1 ? " piece" : " pieces") + " bad (first at " +
           format_size(bad.front() * piece_length_) + ")";
  }

  const fs::path& directory_;
  const std::uint64_t piece_length_;
  const JobContext& job_;
  std::vector<Check> checks_;
  std::vector<Run> runs_;
  std::vector<std::string> troubles_;
};

}  // namespace

Result<std::vector<CheckedFile>> check_files(const fs::path& directory,
                                             const std::vector<ExpectedFile>& files,
                                             std::uint64_t piece_length, const JobContext& job) {
  assert(hash::is_valid_piece_length(piece_length));
  return Checker(directory, piece_length, job).check(files);
}

}  // namespace owrd::content
