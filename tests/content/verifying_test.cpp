#include <gtest/gtest.h>

#include <fstream>

#include "daemon/content/hashing.h"
#include "tests/content/temporary_directory.h"

namespace owrd::content {
namespace {

namespace fs = std::filesystem;
using State = CheckedFile::State;

constexpr std::uint64_t kPiece = 64 * 1024;

/// What is expected of a file with this content.
ExpectedFile expect(const std::string& path, const std::string& content,
                    std::uint64_t piece = kPiece) {
  hash::FileHasher hasher(content.size(), piece);
  hasher.update(as_bytes(content));
  const auto digests = hasher.finish();
  return {path, content.size(), digests.layer, digests.pieces_root};
}

ExpectedFile expect_root_alone(const std::string& path, const std::string& content) {
  auto expected = expect(path, content);
  expected.layer.clear();
  return expected;
}

void flip(const fs::path& file, std::uint64_t offset) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(offset));
  const auto byte = static_cast<char>(stream.get() ^ 1);
  stream.seekp(static_cast<std::streamoff>(offset));
  stream.put(byte);
}

CheckedFile check_one(const fs::path& directory, const ExpectedFile& expected) {
  auto checked = check_files(directory, {expected}, kPiece, {});
  EXPECT_TRUE(checked);
  return checked->front();
}

using Pieces = std::vector<std::uint32_t>;

TEST(CheckFiles, FindsGoodFilesGoodAtEveryEdge) {
  const TemporaryDirectory directory;
  std::vector<ExpectedFile> expected;
  for (const std::uint64_t length : {std::uint64_t{0}, std::uint64_t{1}, kPiece - 1, kPiece,
                                     kPiece + 1, 5 * kPiece, std::uint64_t{40} << 20}) {
    const auto content = noise(static_cast<std::size_t>(length), length + 1);
    const auto path = "d/" + std::to_string(length);
    put(directory / path, content);
    expected.push_back(expect(path, content));
    expected.push_back(expect_root_alone(path, content));
  }

  const auto checked = check_files(directory, expected, kPiece, {});

  ASSERT_TRUE(checked);
  ASSERT_EQ(checked->size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    SCOPED_TRACE(expected[i].path);
    EXPECT_EQ((*checked)[i].state, State::Good) << (*checked)[i].problem;
    EXPECT_EQ((*checked)[i].problem, "");
    EXPECT_EQ((*checked)[i].actual_length, expected[i].length);
    EXPECT_EQ((*checked)[i].identity, *identify(directory, expected[i].path));
    EXPECT_TRUE((*checked)[i].bad_pieces.empty());
  }
}

TEST(CheckFiles, FindsExactlyTheFlippedPieces) {
  const TemporaryDirectory directory;
  const auto content = noise(40 << 20);  // more than one run of pieces: 640
  put(directory / "a", content);
  flip(directory / "a", 0);
  flip(directory / "a", 3 * kPiece - 1);
  flip(directory / "a", 600 * kPiece);
  flip(directory / "a", content.size() - 1);

  const auto checked = check_one(directory, expect("a", content));

  EXPECT_EQ(checked.state, State::BadPieces);
  EXPECT_EQ(checked.bad_pieces, (Pieces{0, 2, 600, 639}));
  EXPECT_EQ(checked.problem, "4 of 640 pieces bad (first at 0 B)");
}

TEST(CheckFiles, FindsFlippedPiecesThatAreLongerThanAChunk) {
  constexpr std::uint64_t kLongPiece = 4 << 20;
  const TemporaryDirectory directory;
  const auto content = noise((13 << 20) + 1);
  const auto expected = expect("a", content, kLongPiece);
  put(directory / "a", content);
  const auto check = [&] { return check_files(directory, {expected}, kLongPiece, {})->front(); };
  EXPECT_EQ(check().state, State::Good);

  flip(directory / "a", kLongPiece - 1);
  flip(directory / "a", content.size() - 1);
  EXPECT_EQ(check().bad_pieces, (Pieces{0, 3}));

  fs::resize_file(directory / "a", 9 << 20);
  EXPECT_EQ(check().state, State::WrongLength);
  EXPECT_EQ(check().bad_pieces, (Pieces{0, 2, 3}));
}

TEST(CheckFiles, CanBlameOnlyTheWholeWithoutALayer) {
  const TemporaryDirectory directory;
  const auto content = noise(3 * kPiece);
  put(directory / "a", content);
  flip(directory / "a", kPiece);

  const auto checked = check_one(directory, expect_root_alone("a", content));

  EXPECT_EQ(checked.state, State::BadPieces);
  EXPECT_EQ(checked.bad_pieces, (Pieces{0, 1, 2}));
  EXPECT_EQ(checked.problem, "the content is not what was signed");
}

TEST(CheckFiles, JudgesAFileOfOnePieceByItsRoot) {
  const TemporaryDirectory directory;
  put(directory / "a", noise(20'000));
  flip(directory / "a", 19'999);

  const auto checked = check_one(directory, expect_root_alone("a", noise(20'000)));

  EXPECT_EQ(checked.state, State::BadPieces);
  EXPECT_EQ(checked.problem, "1 of 1 piece bad (first at 0 B)");
}

TEST(CheckFiles, TellsWrongLengthFromBadPieces) {
  const TemporaryDirectory directory;
  const auto content = noise(4 * kPiece);
  put(directory / "short", content.substr(0, 2 * kPiece + 100));
  flip(directory / "short", 0);
  put(directory / "long", content + "x");
  put(directory / "grown", "not empty");

  const auto shorter = check_one(directory, expect("short", content));
  EXPECT_EQ(shorter.state, State::WrongLength);
  EXPECT_EQ(shorter.bad_pieces, (Pieces{0, 2, 3}));
  EXPECT_EQ(shorter.problem, "131.2 kB long instead of 262.1 kB");
  EXPECT_EQ(shorter.actual_length, 2 * kPiece + 100);

  const auto longer = check_one(directory, expect("long", content));
  EXPECT_EQ(longer.state, State::WrongLength);
  EXPECT_EQ(longer.bad_pieces, Pieces{});
  EXPECT_EQ(longer.problem, "262145 bytes long instead of 262144");

  EXPECT_EQ(check_one(directory, expect_root_alone("short", content)).bad_pieces,
            (Pieces{0, 1, 2, 3}));
  EXPECT_EQ(check_one(directory, expect("grown", "")).state, State::WrongLength);
}

TEST(CheckFiles, FindsMissingAndUnreadableOnes) {
  const TemporaryDirectory directory;
  put(directory / "target", "one");
  put(directory / "closed", "one");
  ::chmod((directory / "closed").c_str(), 0);
  fs::create_symlink("target", directory / "link");
  const WithoutPrivileges nobody;

  const auto missing = check_one(directory, expect("gone/a", "one"));
  EXPECT_EQ(missing.state, State::Missing);
  EXPECT_EQ(missing.problem, "missing");
  EXPECT_EQ(check_one(directory, expect("link", "one")).state, State::Missing);
  const auto closed = check_one(directory, expect("closed", "one"));
  EXPECT_EQ(closed.state, State::Unreadable);
  EXPECT_EQ(closed.problem, "reading " + (directory / "closed").string() + ": Permission denied");
}

TEST(CheckFiles, BelievesNoFileThatChangesMeanwhile) {
  const TemporaryDirectory directory;
  const auto content = noise(4 << 20);
  put(directory / "a", content);
  std::atomic<bool> has_acted{false};
  const JobContext job({}, [&](const Progress&) {
    if (!has_acted.exchange(true)) flip(directory / "a", 0);
  });

  const auto checked = check_files(directory, {expect("a", content)}, kPiece, job);

  ASSERT_TRUE(checked);
  EXPECT_EQ(checked->front().state, State::Unreadable);
  EXPECT_EQ(checked->front().problem, "changed while it was read");
}

TEST(CheckFiles, FailsOnlyWhenCancelled) {
  const TemporaryDirectory directory;
  const auto content = noise(4 << 20);
  put(directory / "a", content);
  const auto cancelled = std::make_shared<std::atomic<bool>>(false);
  const JobContext job(cancelled, [&](const Progress&) { cancelled->store(true); });

  const auto checked = check_files(directory, {expect("a", content)}, kPiece, job);

  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ErrorCode::Cancelled);
}

}  // namespace
}  // namespace owrd::content
