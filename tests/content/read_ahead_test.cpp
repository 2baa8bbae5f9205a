#include "daemon/content/read_ahead.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include "tests/content/temporary_directory.h"

namespace owrd::content {
namespace {

constexpr std::uint64_t kPart = 1024 * 1024;

/// Whether the page cache holds the page at `offset`.
bool is_resident(const Descriptor& file, std::uint64_t offset) {
  constexpr std::size_t kPage = 4096;
  void* const page =
      ::mmap(nullptr, kPage, PROT_READ, MAP_SHARED, file.get(), static_cast<off_t>(offset));
  if (page == MAP_FAILED) throw std::runtime_error("cannot map");
  unsigned char state = 0;
  const int asked = ::mincore(page, kPage, &state);
  ::munmap(page, kPage);
  if (asked != 0) throw std::runtime_error("cannot ask for residence");
  return (state & 1) != 0;
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
    if (is_resident(*file_, 0)) GTEST_SKIP() << "this file system keeps all in memory";
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

  EXPECT_FALSE(is_resident(*file_, kPart / 2));
  EXPECT_TRUE(is_resident(*file_, kPart + kPart / 2));
}

TEST_F(ReadAheadTest, KeepsAllThatASmallJobReads) {
  ReadAhead read_ahead(2, ReadAhead::kKeptBytes);

  read_all(read_ahead);

  EXPECT_TRUE(is_resident(*file_, kPart / 2));
  EXPECT_TRUE(is_resident(*file_, kPart + kPart / 2));
}

}  // namespace
}  // namespace owrd::content
