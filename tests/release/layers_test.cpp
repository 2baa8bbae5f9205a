#include "daemon/release/layers.h"

#include <gtest/gtest.h>

#include "daemon/release/path_rules.h"
#include "tests/release/fixtures.h"

namespace owrd::release {
namespace {

constexpr std::uint64_t kPieceLength = 64 * 1024;

Manifest example_manifest() {
  auto manifest = make_manifest(testing::example_message());
  return *std::move(manifest);
}

Bytes example_layers() {
  for (const auto& content : testing::example_contents())
    if (content.path == kLayersName) return content.bytes;
  return {};
}

TEST(Layers, AreThoseOfTheFilesOfMoreThanOnePieceInOrder) {
  const auto bytes = example_layers();

  ASSERT_EQ(bytes.size(), 6 * Digest::kBytes);
  const auto layers = testing::layers_of(testing::example_contents(), kPieceLength);
  const auto first = layers.at("model.safetensors").front().bytes();
  const auto last = layers.at("tokenizer/vocab.txt").back().bytes();
  EXPECT_TRUE(std::equal(first.begin(), first.end(), bytes.begin()));
  EXPECT_TRUE(std::equal(last.begin(), last.end(), bytes.end() - 32));
}

TEST(Layers, ComeBackAsTheyWere) {
  const auto parsed = parse_layers(example_layers(), example_manifest());

  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(*parsed, testing::layers_of(testing::example_contents(), kPieceLength));
}

TEST(Layers, NeedExactlyTheLengthOfTheirFiles) {
  const auto manifest = example_manifest();
  EXPECT_EQ(layers_length(manifest.files(), kPieceLength), 192U);
  EXPECT_EQ(layers_length(manifest.files(), 16 * 1024), (13U + 5U) * 32);
  EXPECT_EQ(layers_length(manifest.files(), 1024 * 1024), 0U);

  for (const std::size_t size : {0U, 191U, 193U, 224U}) {
    auto bytes = example_layers();
    bytes.resize(size);
    const auto parsed = parse_layers(bytes, manifest);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code, ErrorCode::Corrupt);
    EXPECT_EQ(parsed.error().message,
              "layers.owrd: has " + std::to_string(size) + " bytes where the manifest needs 192");
  }
}

TEST(Layers, AreRefusedWithAnyByteChanged) {
  const auto manifest = example_manifest();
  const auto good = example_layers();
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bytes = good;
    bytes[i] ^= std::byte{0x40};
    const auto parsed = parse_layers(bytes, manifest);
    ASSERT_FALSE(parsed) << i;
    EXPECT_EQ(parsed.error().message,
              std::string("layers.owrd: the layer of ") +
                  (i < 128 ? "\"model.safetensors\"" : "\"tokenizer/vocab.txt\"") +
                  " does not fold to its root in the manifest");
  }
}

TEST(Layers, DoNotCoverTheirOwnFile) {
  // 600 pieces of 16 KiB make layers.owrd itself longer than one piece.
  const auto contents =
      testing::with_layers({testing::pattern_file("m.bin", 600 * 16 * 1024)}, 16 * 1024);
  ASSERT_EQ(contents.front().bytes.size(), 600U * 32);
  const auto manifest = make_manifest(testing::describe("m", 16 * 1024, contents));
  ASSERT_TRUE(manifest) << manifest.error().message;

  const auto parsed = parse_layers(contents.front().bytes, *manifest);

  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->size(), 1U);
}

TEST(Layers, AreEmptyForFilesOfOnePiece) {
  const auto contents =
      testing::with_layers({testing::pattern_file("m.bin", 16 * 1024)}, 16 * 1024);
  const auto manifest = make_manifest(testing::describe("m", 16 * 1024, contents));
  ASSERT_TRUE(manifest) << manifest.error().message;

  const auto parsed = parse_layers({}, *manifest);

  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->empty());
}

}  // namespace
}  // namespace owrd::release
