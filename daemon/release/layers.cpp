#include "daemon/release/layers.h"

#include <algorithm>

#include "daemon/core/text.h"
#include "daemon/hash/merkle.h"
#include "daemon/release/path_rules.h"

namespace owrd::release {
namespace {

bool has_layer(const File& file, std::uint64_t piece_length) {
  return file.path != kLayersName && file.length > piece_length;
}

std::uint64_t layer_bytes(const File& file, std::uint64_t piece_length) {
  if (!has_layer(file, piece_length)) return 0;
  return hash::piece_count(file.length, piece_length) * Digest::kBytes;
}

std::vector<Digest> digests_of(ByteView bytes) {
  std::vector<Digest> digests;
  digests.reserve(bytes.size() / Digest::kBytes);
  for (; !bytes.empty(); bytes = bytes.subspan(Digest::kBytes)) {
    std::array<std::byte, Digest::kBytes> digest{};
    std::copy_n(bytes.begin(), Digest::kBytes, digest.begin());
    digests.emplace_back(digest);
  }
  return digests;
}

Error corrupt(const std::string& what) {
  return Error{ErrorCode::Corrupt, "layers.owrd: " + what,
               "get it again: owrd verify --repair, with the release or its directory"};
}

}  // namespace

Bytes encode_layers(const std::vector<std::string>& paths_in_order, const Layers& layers) {
  Bytes out;
  for (const auto& path : paths_in_order) {
    const auto layer = layers.find(path);
    if (path == kLayersName || layer == layers.end()) continue;
    for (const auto& digest : layer->second)
      out.insert(out.end(), digest.bytes().begin(), digest.bytes().end());
  }
  return out;
}

std::uint64_t layers_length(const std::vector<File>& files, std::uint64_t piece_length) {
  std::uint64_t length = 0;
  for (const auto& file : files) length += layer_bytes(file, piece_length);
  return length;
}

Result<Layers> parse_layers(ByteView bytes, const Manifest& manifest) {
  const auto expected = layers_length(manifest.files(), manifest.piece_length());
  if (bytes.size() != expected)
    return corrupt("has " + std::to_string(bytes.size()) + " bytes where the manifest needs " +
                   std::to_string(expected));

  Layers layers;
  for (const auto& file : manifest.files()) {
    if (!has_layer(file, manifest.piece_length())) continue;
    const auto size = static_cast<std::size_t>(layer_bytes(file, manifest.piece_length()));
    auto layer = digests_of(bytes.first(size));
    bytes = bytes.subspan(size);
    if (hash::root_of_layer(layer, manifest.piece_length()) != file.pieces_root)
      return corrupt("the layer of " + quoted(file.path) +
                     " does not fold to its root in the manifest");
    layers.emplace(file.path, std::move(layer));
  }
  return layers;
}

}  // namespace owrd::release
