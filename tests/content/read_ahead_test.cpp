#include "daemon/content/read_ahead.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "tests/content/temporary_directory.h"

namespace owrd::content {
namespace {

constexpr std::uint64_t kPart = 1024 * 1024;

constexpr std::size_t kPageBytes = 4096;

/// How much of a part the page cache holds.
std::size_t resident_bytes(const Descriptor& file, std::uint64_t part) {
  void* const pages =
      ::mmap(nullptr, kPart, PROT_READ, MAP_SHARED, file.get(), static_cast<off_t>(part * kPart));
  if (pages == MAP_FAILED) throw std::runtime_error("cannot map");
  std::vector<unsigned char> states(kPart / kPageBytes);
  const int asked = ::mincore(pages, kPart, states.data());
  ::munmap(pages, kPart);
  if (asked != 0) throw std::runtime_error("cannot ask for residence");
  return kPageBytes *
         static_cast<std::size_t>(std::count_if(
             states.begin(), states.end(), [](unsigned char state) { return (state & 1) != 0; }));
}

void read_part(const Descriptor& file, std::uint64_t part) {
  Bytes buffer(kPart);
  ASSERT_EQ(*read_at(file, buffer, part * kPart, "a"), kPart);
}

/// A file of two parts of which none is cached.
class ReadAheadTest : public testing::Test {
 protected:
  void SetUp() override {
    put(directory_ / "a", noise(2 * kPart));
    ASSERT_TRUE(sync_files(directory_, {"a"}));
    file_ = std::make_unique<Descriptor>(*open_file(directory_, "a"));
    ::posix_fadvise(file_->get(), 0, 0, POSIX_FADV_DONTNEED);
    if (resident_bytes(*file_, 0) > kPart / 2)
      GTEST_SKIP() << "this file system keeps all in memory";
  }

  void read_all(ReadAhead& read_ahead) {
    for (const std::uint64_t part : {0U, 1U}) read_ahead.expect(part, *file_, part * kPart, kPart);
    for (const std::uint64_t part : {0U, 1U}) {
      read_part(*file_, part);
      read_ahead.finish(part, *file_, part * kPart, kPart);
    }
  }

  const TemporaryDirectory directory_;
  std::unique_ptr<Descriptor> file_;
};

TEST_F(ReadAheadTest, DropsWhatItFetchedAndKeepsWhatWasThere) {
  read_part(*file_, 1);
  ReadAhead read_ahead(2, ReadAhead::kKeptBytes + 1);

  read_all(read_ahead);

  // The kernel is free to keep a page that somebody else is busy with.
  EXPECT_LT(resident_bytes(*file_, 0), kPart / 2);
  EXPECT_EQ(resident_bytes(*file_, 1), kPart);
}

TEST_F(ReadAheadTest, KeepsAllThatASmallJobReads) {
  ReadAhead read_ahead(2, ReadAhead::kKeptBytes);

  read_all(read_ahead);

  EXPECT_EQ(resident_bytes(*file_, 0), kPart);
  EXPECT_EQ(resident_bytes(*file_, 1), kPart);
}

}  // namespace
}  // namespace owrd::content
