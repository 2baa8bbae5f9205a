#include "tests/release/fixtures.h"

#include <algorithm>

#include "daemon/hash/merkle.h"
#include "daemon/hash/sha256.h"
#include "daemon/release/path_rules.h"

namespace owrd::release::testing {
namespace {

constexpr std::uint64_t kPieceLength = 64 * 1024;

hash::FileDigests digests_of(const Bytes& bytes, std::uint64_t piece_length) {
  hash::FileHasher hasher(bytes.size(), piece_length);
  hasher.update(bytes);
  return hasher.finish();
}

}  // namespace

Bytes pattern(const std::string& path, std::size_t size) {
  Bytes out;
  for (int i = 0; out.size() < size; ++i) {
    const auto digest = hash::sha256(as_bytes(path + "/" + std::to_string(i)));
    out.insert(out.end(), digest.bytes().begin(), digest.bytes().end());
  }
  out.resize(size);
  return out;
}

Content pattern_file(const std::string& path, std::size_t size) {
  return Content{path, pattern(path, size)};
}

Content weights_file(const std::string& path, std::size_t size) {
  constexpr std::size_t kHeader = 120;
  const auto tensor = std::to_string(size - 8 - kHeader);
  auto header =
      R"({"w":{"dtype":"U8","shape":[)" + tensor + R"(],"data_offsets":[0,)" + tensor + "]}}";
  header.resize(kHeader, ' ');
  Bytes bytes(8);
  bytes[0] = static_cast<std::byte>(kHeader);
  const auto data = pattern(path, size - 8 - kHeader);
  bytes.insert(bytes.end(), as_bytes(header).begin(), as_bytes(header).end());
  bytes.insert(bytes.end(), data.begin(), data.end());
  return Content{path, std::move(bytes)};
}

Layers layers_of(const std::vector<Content>& contents, std::uint64_t piece_length) {
  Layers layers;
  for (const auto& [path, bytes] : contents)
    if (bytes.size() > piece_length && path != kLayersName)
      layers.emplace(path, digests_of(bytes, piece_length).layer);
  return layers;
}

std::vector<Content> with_layers(std::vector<Content> contents, std::uint64_t piece_length) {
  std::vector<std::string> paths;
  for (const auto& content : contents) paths.push_back(content.path);
  const auto bytes = encode_layers(paths, layers_of(contents, piece_length));
  contents.push_back(Content{std::string(kLayersName), bytes});
  std::sort(contents.begin(), contents.end(),
            [](const Content& a, const Content& b) { return tree_order(a.path, b.path); });
  return contents;
}

v1::Manifest describe(const std::string& dir, std::uint64_t piece_length,
                      const std::vector<Content>& contents) {
  v1::Manifest message;
  message.set_publisher_id(std::string(32, '\x11'));
  message.set_model("atlas");
  message.set_version("1.0.0");
  message.set_created(1'790'000'000);
  message.set_dir(dir);
  message.set_piece_length(piece_length);
  for (const auto& [path, bytes] : contents) {
    const auto digests = digests_of(bytes, piece_length);
    auto& file = *message.add_files();
    file.set_path(path);
    file.set_length(bytes.size());
    if (digests.pieces_root) file.set_pieces_root(digests.pieces_root->to_field());
    file.set_sha256(digests.sha256.to_field());
    file.set_role(path == kLayersName ? v1::FILE_ROLE_LAYERS : v1::FILE_ROLE_WEIGHTS);
  }
  message.mutable_license()->set_spdx_expression("Apache-2.0");
  return message;
}

std::vector<Content> example_contents() {
  return with_layers(
      {pattern_file("LICENSE", 1000), pattern_file("empty.txt", 0),
       weights_file("model.safetensors", 200'000), pattern_file("tokenizer/vocab.txt", 70'000)},
      kPieceLength);
}

v1::Manifest example_message() {
  auto message = describe("atlas-1.0.0", kPieceLength, example_contents());
  message.mutable_license()->set_text_path("LICENSE");
  message.add_trackers("udp://tracker.example:6969/announce");
  return message;
}

}  // namespace owrd::release::testing
