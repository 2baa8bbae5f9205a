#include <algorithm>
#include <fstream>
#include <libtorrent/performance_counters.hpp>
#include <libtorrent/posix_disk_io.hpp>
#include <libtorrent/settings_pack.hpp>
#include <random>

#include "tests/worker/disk/disk_fixture.h"

namespace owrd::worker::disk {
namespace {

/// Random operations, put to this back end and to libtorrent's own, which does each at once: the
/// answers are the same, and the files.
class Equivalence : public DiskTest, public ::testing::WithParamInterface<unsigned> {
 protected:
  void SetUp() override {
    Limits limits;
    limits.read_bytes = 2 * ReadCache::kChunkBytes;
    limits.write_bytes = 8 * kBlockBytes;
    limits.open_files = 2;
    start(limits, made_);
    reference_ = lt::posix_disk_io_constructor(reference_loop_, settings_, counters_);
    other_ = std::make_unique<DiskUser>(reference_loop_, *reference_, made_, root_ / "reference");
    random_.seed(GetParam());
  }

  void TearDown() override {
    other_.reset();
    reference_loop_.restart();
    reference_loop_.run();
  }

  int pick(int count) { return std::uniform_int_distribution<int>(0, count - 1)(random_); }

  /// Several writes at once, in any order, half of them of wrong bytes.
  void write_some() {
    const int piece = pick(static_cast<int>(made_.piece_count));
    std::vector<int> blocks(static_cast<std::size_t>(user_->block_count(piece)));
    std::generate(blocks.begin(), blocks.end(), [n = 0]() mutable { return n++; });
    std::shuffle(blocks.begin(), blocks.end(), random_);
    blocks.resize(static_cast<std::size_t>(1 + pick(static_cast<int>(blocks.size()))));
    std::vector<lt::storage_error> ours;
    std::vector<lt::storage_error> theirs;
    for (const int block : blocks) {
      const auto request = user_->block(piece, block);
      auto bytes = user_->content(request);
      if (pick(2) == 0) bytes.assign(bytes.size(), static_cast<char>('a' + pick(26)));
      user_->start_write(request, bytes, ours);
      other_->start_write(request, bytes, theirs);
      if (pick(2) == 0) disk_->submit_jobs();
    }
    disk_->submit_jobs();
    // Sometimes the next operation comes while these are on their way.
    std::optional<DiskUser::ReadAnswer> early;
    const auto request = user_->block(piece, blocks.front());
    user_->start_read(request, early);
    user_->run_until([&] { return ours.size() == blocks.size() && early; });
    other_->run_until([&] { return theirs.size() == blocks.size(); });
    expect_same(*early, other_->read(request));
  }

  void read_one() {
    const int piece = pick(static_cast<int>(made_.piece_count));
    auto request = user_->block(piece, pick(user_->block_count(piece)));
    if (pick(3) == 0) {
      const int cut = pick(request.length);
      request.start += cut;
      request.length -= cut;
    }
    expect_same(user_->read(request), other_->read(request));
  }

  void hash_one() {
    const int piece = pick(static_cast<int>(made_.piece_count));
    const auto ours = user_->hash(piece);
    const auto theirs = other_->hash(piece);
    // Theirs takes part of a block for all of it.
    if (!is_whole(piece)) return;
    EXPECT_EQ(ours.error.ec.message(), theirs.error.ec.message());
    EXPECT_EQ(ours.leaves, theirs.leaves);
  }

  void expect_same(const DiskUser::ReadAnswer& ours, const DiskUser::ReadAnswer& theirs) {
    EXPECT_EQ(ours.error.ec.message(), theirs.error.ec.message());
    EXPECT_EQ(ours.bytes == theirs.bytes, true);
  }

  bool is_whole(int piece) const {
    std::error_code error;
    for (const auto& file : made_.files)
      if (static_cast<std::uint32_t>(piece) >= file.first_piece &&
          static_cast<std::uint32_t>(piece) < file.first_piece + file.piece_count)
        return std::filesystem::file_size(root_ / "get" / file.path, error) == file.content.size();
    return false;
  }

  lt::io_context reference_loop_;
  lt::settings_pack settings_ = lt::default_settings();
  lt::counters counters_;
  std::unique_ptr<lt::disk_interface> reference_;
  std::unique_ptr<DiskUser> other_;
  std::mt19937 random_;
};

TEST_P(Equivalence, AnswersAsLibtorrentsOwnDoes) {
  for (int i = 0; i < 200 && !HasFailure(); ++i) {
    SCOPED_TRACE(i);
    switch (pick(8)) {
      case 0:
      case 1:
      case 2:
        write_some();
        break;
      case 3:
      case 4:
        read_one();
        break;
      case 5:
        hash_one();
        break;
      case 6: {
        const int piece = pick(static_cast<int>(made_.piece_count));
        user_->clear(piece);
        other_->clear(piece);
        break;
      }
      default:
        user_->stop();
        other_->stop();
    }
  }
  user_->stop();
  for (const auto& file : made_.files) {
    const auto ours = root_ / "get" / file.path;
    const auto theirs = root_ / "reference" / file.path;
    ASSERT_EQ(std::filesystem::exists(ours), std::filesystem::exists(theirs));
    if (!std::filesystem::exists(ours)) continue;
    std::ifstream a(ours, std::ios::binary);
    std::ifstream b(theirs, std::ios::binary);
    EXPECT_TRUE(
        std::equal(std::istreambuf_iterator<char>(a), {}, std::istreambuf_iterator<char>(b), {}));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Equivalence, ::testing::Range(1U, 21U));

}  // namespace
}  // namespace owrd::worker::disk
