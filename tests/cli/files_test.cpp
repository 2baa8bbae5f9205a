#include "cli/files.h"

#include "tests/cli/cli_test.h"

namespace owrd::cli {
namespace {

using Files = CliTest;

std::size_t count_in(const std::filesystem::path& directory) {
  const std::filesystem::directory_iterator entries(directory);
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

TEST_F(Files, AreReplacedAsAWhole) {
  const auto path = write("file", "a longer text of before");

  ASSERT_TRUE(write_file(path, as_bytes("after")));

  EXPECT_EQ(read(path), "after");
  EXPECT_EQ(count_in(home), 1U);
}

TEST_F(Files, ThatMustBeNewAreWrittenOverNothing) {
  const auto path = home / "file";
  ASSERT_TRUE(write_new_file(path, as_bytes("first")));

  const auto second = write_new_file(path, as_bytes("second"));

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::AlreadyExists);
  EXPECT_EQ(read(path), "first");
  EXPECT_EQ(count_in(home), 1U);
}

TEST_F(Files, NeedADirectory) {
  const auto written = write_new_file(home / "absent" / "file", as_bytes("x"));

  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::Io);
}

}  // namespace
}  // namespace owrd::cli
