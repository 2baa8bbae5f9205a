#include <algorithm>
#include <cassert>

#include "daemon/content/descriptor.h"
#include "daemon/content/hashing.h"
#include "daemon/content/parallel.h"
#include "daemon/core/units.h"

namespace owrd::content {
namespace {

namespace fs = std::filesystem;

/// Enough work for a thread to take at a time; the pieces of one file are spread in such runs.
constexpr std::uint64_t kRunBytes = 32 * 1024 * 1024;
/// What the threads of one check may hold together: each holds a piece.
constexpr std::uint64_t kMemoryLimitBytes = 256 * 1024 * 1024;

constexpr auto kChanged = "changed while it was read";

/// What is known of one file while its pieces are read. Threads write to different pieces only.
struct Check {
  const ExpectedFile* expected;
  std::size_t pieces;
  std::size_t readable_pieces;  ///< Those that lie wholly within the file on disk.
  std::optional<FileIdentity> identity;
  CheckedFile::State opening =
      CheckedFile::State::Good;  ///< Missing or Unreadable when it stopped there.
  std::string problem;
  std::vector<Digest> layer;                 ///< Empty when only the root is known.
  std::vector<std::optional<Digest>> found;  ///< By piece; none when it was not read.
};

/// Neighbouring pieces of one file.
struct Run {
  std::size_t check;
  std::size_t first;
  std::size_t count;
};

class Checker {
 public:
  Checker(const fs::path& directory, std::uint64_t piece_length, const JobContext& job)
      : directory_(directory), piece_length_(piece_length), job_(job) {}

  Result<std::vector<CheckedFile>> check(const std::vector<ExpectedFile>& files) {
    for (const auto& file : files) plan(file);
    // A slot per run, written by the thread that took it: why its pieces could not be read.
    troubles_.resize(runs_.size());
    ByteMeter meter(job_, planned_bytes());
    const auto read = for_each_index(runs_.size(), thread_count(), job_,
                                     [&](std::size_t index) { return read_run(index, meter); });
    if (!read) return read.error();
    for (std::size_t i = 0; i < runs_.size(); ++i)
      if (!troubles_[i].empty()) checks_[runs_[i].check].problem = troubles_[i];

    std::vector<CheckedFile> checked;
    checked.reserve(checks_.size());
    for (const auto& one : checks_) checked.push_back(conclude(one));
    return checked;
  }

 private:
  unsigned thread_count() const {
    const auto most = std::max<std::uint64_t>(1, kMemoryLimitBytes / piece_length_);
    return static_cast<unsigned>(std::min<std::uint64_t>(core_count(), most));
  }

  std::uint64_t piece_bytes(const ExpectedFile& file, std::size_t piece) const {
    return std::min(piece_length_, file.length - piece * piece_length_);
  }

  void plan(const ExpectedFile& file) {
    auto check = open_check(file);
    const auto run_pieces =
        static_cast<std::size_t>(std::max<std::uint64_t>(1, kRunBytes / piece_length_));
    // Without a layer one bad piece spoils the whole, and so does a missing one.
    const bool is_hopeless = check.layer.empty() && check.readable_pieces < check.pieces;
    const auto pieces = is_hopeless ? 0 : check.readable_pieces;
    for (std::size_t first = 0; first < pieces; first += run_pieces)
      runs_.push_back({checks_.size(), first, std::min(run_pieces, pieces - first)});
    checks_.push_back(std::move(check));
  }

  Check open_check(const ExpectedFile& file) const {
    const auto pieces = static_cast<std::size_t>(hash::piece_count(file.length, piece_length_));
    assert(file.length == 0 || !file.layer.empty() || file.pieces_root);
    assert(file.layer.empty() || file.layer.size() == pieces);
    Check check{&file, pieces, 0, {}, CheckedFile::State::Good, {}, file.layer, {}};
    check.found.resize(pieces);
    if (pieces == 1 && check.layer.empty()) check.layer.push_back(*file.pieces_root);

    const auto identity = identify(directory_, file.path);
    if (!identity) {
      const bool is_missing = identity.error().code == ErrorCode::NotFound;
      check.opening = is_missing ? CheckedFile::State::Missing : CheckedFile::State::Unreadable;
      check.problem = is_missing ? "missing" : identity.error().message;
      return check;
    }
    check.identity = *identity;
    const bool is_whole = identity->size >= file.length;
    check.readable_pieces =
        is_whole ? pieces : static_cast<std::size_t>(identity->size / piece_length_);
    return check;
  }

  std::uint64_t planned_bytes() const {
    std::uint64_t total = 0;
    for (const auto& run : runs_)
      for (std::size_t i = 0; i < run.count; ++i)
        total += piece_bytes(*checks_[run.check].expected, run.first + i);
    return total;
  }

  /// An error only when cancelled: what the disk does wrong is a verdict on the file.
  Result<> read_run(std::size_t index, ByteMeter& meter) {
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
    Bytes buffer(static_cast<std::size_t>(piece_bytes(*check.expected, run.first)));
    for (auto piece = run.first; piece < run.first + run.count; ++piece) {
      if (job_.is_cancelled()) return cancelled_error();
      const auto bytes =
          std::span(buffer).first(static_cast<std::size_t>(piece_bytes(*check.expected, piece)));
      const auto got = read_at(*file, bytes, piece * piece_length_, what);
      if (!got || *got != bytes.size()) {
        troubles_[index] = got ? kChanged : got.error().message;
        return Done{};
      }
      check.found[piece] =
          check.pieces == 1 ? hash::small_file_root(bytes) : hash::piece_hash(bytes, piece_length_);
      meter.add(bytes.size(), check.expected->path);
    }
    if (identity->size > kCachedFileLimitBytes)
      leave_page_cache(*file, run.first * piece_length_, run.count * piece_length_);
    return Done{};
  }

  std::vector<std::uint32_t> bad_pieces(const Check& check) const {
    std::vector<std::uint32_t> bad;
    const bool is_spoilt = check.layer.empty() && !folds_to_root(check);
    for (std::size_t i = 0; i < check.pieces; ++i)
      if (is_spoilt || !check.found[i] ||
          (!check.layer.empty() && *check.found[i] != check.layer[i]))
        bad.push_back(static_cast<std::uint32_t>(i));
    return bad;
  }

  bool folds_to_root(const Check& check) const {
    if (check.pieces == 0) return true;
    std::vector<Digest> layer;
    layer.reserve(check.pieces);
    for (const auto& digest : check.found) {
      if (!digest) return false;
      layer.push_back(*digest);
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
    return std::to_string(bad.size()) + " of " + std::to_string(check.pieces) +
           (check.pieces == 1 ? " piece" : " pieces") + " bad (first at " +
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
