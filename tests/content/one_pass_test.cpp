#include "daemon/content/one_pass.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "tests/content/temporary_directory.h"

namespace owrd::content {
namespace {

constexpr std::uint64_t kSegment = OnePass::kSegmentBytes;
constexpr std::size_t kPageBytes = 4096;
constexpr std::size_t kReadBytes = 256 * 1024;

/// How much of a segment the page cache holds.
std::size_t resident_bytes(const Descriptor& file, std::uint64_t segment) {
  void* const pages = ::mmap(nullptr, kSegment, PROT_READ, MAP_SHARED, file.get(),
                             static_cast<off_t>(segment * kSegment));
  if (pages == MAP_FAILED) throw std::runtime_error("cannot map");
  std::vector<unsigned char> states(kSegment / kPageBytes);
  const int asked = ::mincore(pages, kSegment, states.data());
  ::munmap(pages, kSegment);
  if (asked != 0) throw std::runtime_error("cannot ask for residence");
  return kPageBytes *
         static_cast<std::size_t>(std::count_if(
             states.begin(), states.end(), [](unsigned char state) { return (state & 1) != 0; }));
}

/// A file of two segments of which none is cached.
class OnePassTest : public testing::Test {
 protected:
  void SetUp() override {
    put(directory_ / "a", noise(2 * kSegment));
    ASSERT_TRUE(sync_files(directory_, {"a"}));
    file_ = std::make_unique<Descriptor>(*open_file(directory_, "a"));
    ::posix_fadvise(file_->get(), 0, 0, POSIX_FADV_DONTNEED);
    if (resident_bytes(*file_, 0) > kSegment / 2)
      GTEST_SKIP() << "this file system keeps all in memory";
  }

  void read(std::uint64_t offset, OnePass* pass = nullptr) {
    Bytes buffer(kReadBytes);
    ASSERT_EQ(*read_at(*file_, buffer, offset, "a"), kReadBytes);
    if (pass) pass->finish(*file_, offset, kReadBytes);
  }
  void read_segment(std::uint64_t segment, OnePass* pass = nullptr) {
    const auto begin = segment * kSegment;
    for (auto offset = begin; offset < begin + kSegment; offset += kReadBytes) read(offset, pass);
  }

  void pass_through(std::uint64_t job_bytes) {
    OnePass pass(*file_, 2 * kSegment, job_bytes);
    read_segment(0, &pass);
    read_segment(1, &pass);
  }

  const TemporaryDirectory directory_;
  std::unique_ptr<Descriptor> file_;
};

TEST_F(OnePassTest, DropsWhatItFetchedAndKeepsWhatWasThere) {
  read_segment(1);

  pass_through(OnePass::kKeptBytes + 1);

  // The kernel is free to keep a page that somebody else is busy with.
  EXPECT_LT(resident_bytes(*file_, 0), kSegment / 2);
  EXPECT_EQ(resident_bytes(*file_, 1), kSegment);
}

TEST_F(OnePassTest, DropsWhatSeveralReadSideBySide) {
  OnePass pass(*file_, 2 * kSegment, OnePass::kKeptBytes + 1);
  for (std::uint64_t offset = 0; offset < 2 * kSegment; offset += 2 * kReadBytes) {
    read(offset + kReadBytes, &pass);
    read(offset, &pass);
  }

  EXPECT_LT(resident_bytes(*file_, 0) + resident_bytes(*file_, 1), kSegment / 2);
}

TEST_F(OnePassTest, KeepsAllThatASmallJobReads) {
  pass_through(OnePass::kKeptBytes);

  EXPECT_EQ(resident_bytes(*file_, 0), kSegment);
  EXPECT_EQ(resident_bytes(*file_, 1), kSegment);
}

}  // namespace
}  // namespace owrd::content
