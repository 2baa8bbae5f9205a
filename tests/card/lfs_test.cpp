#include "daemon/card/lfs.h"

#include <gtest/gtest.h>

#include "tests/card/made_snapshot.h"

namespace owrd::card {
namespace {

const std::string kHex(64, 'a');
const std::string kOther(64, 'b');
const std::string kCommit(40, '1');

std::string pointer_of(const std::string& hex) {
  return "version https://git-lfs.github.com/spec/v1\noid sha256:" + hex + "\nsize 12345\n";
}

TEST(LfsPointer, IsRead) {
  for (const auto& text : {pointer_of(kHex),
                           "version https://git-lfs.github.com/spec/v1\n"
                           "ext-0-foo sha256:" +
                               kOther + "\noid sha256:" + kHex + "\nsize 12345",
                           "version https://git-lfs.github.com/spec/v1\r\noid sha256:" + kHex +
                               "\r\nsize 12345\r\n"}) {
    const auto pointer = parse_lfs_pointer(text);
    ASSERT_TRUE(pointer) << text;
    EXPECT_EQ(pointer->sha256.to_hex(), kHex);
    EXPECT_EQ(pointer->size_bytes, 12345U);
  }
}

TEST(LfsPointer, IsNothingElse) {
  for (const auto& text :
       {std::string(), std::string("version https://git-lfs.github.com/spec/v1\n"),
        "oid sha256:" + kHex + "\nsize 1\n", pointer_of("abc"), pointer_of(kHex) + "size x\n",
        "version https://git-lfs.github.com/spec/v1\noid sha256:" + kHex + "\n",
        "version https://git-lfs.github.com/spec/v2\noid sha256:" + kHex + "\nsize 1\n",
        pointer_of(kHex) + std::string(1024, '\n')})
    EXPECT_FALSE(parse_lfs_pointer(text)) << text;
}

TEST(DownloadMetadata, HasTheDigestOfLargeFiles) {
  const auto large = parse_download_metadata(kCommit + "\n" + kHex + "\n1729000000.5\n");
  const auto small = parse_download_metadata(kCommit + "\n" + kCommit + "\n1729000000.5\n");

  ASSERT_TRUE(large && small);
  EXPECT_EQ(large->commit, kCommit);
  EXPECT_EQ(large->sha256->to_hex(), kHex);
  EXPECT_FALSE(small->sha256);
}

TEST(DownloadMetadata, IsNothingElse) {
  for (const auto& text : {std::string(), kCommit, kCommit + "\n\n", kHex + "\n" + kHex,
                           "main\n" + kHex + "\n1\n", kCommit + "\n\"" + kHex + "\"\n"})
    EXPECT_FALSE(parse_download_metadata(text)) << text;
}

TEST(ExpectedDigests, ComeFromPointersAndDownloads) {
  const testing::MadeSnapshot snapshot(
      {{"a/model.safetensors", pointer_of(kHex)},
       {"b.bin", "weights"},
       {"config.json", "{}"},
       {".cache/huggingface/download/b.bin.metadata", kCommit + "\n" + kOther + "\n1\n"},
       {".cache/huggingface/download/config.json.metadata", kCommit + "\n" + kCommit + "\n1\n"}});

  const auto digests = expected_digests(snapshot);

  ASSERT_EQ(digests.size(), 2U);
  EXPECT_EQ(digests.at("a/model.safetensors").to_hex(), kHex);
  EXPECT_EQ(digests.at("b.bin").to_hex(), kOther);
}

}  // namespace
}  // namespace owrd::card
