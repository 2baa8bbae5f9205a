// Whatever is a manifest is the only way to write it, keeps the rules that everything above relies
// on, and has a torrent.
#include <cstdint>
#include <cstdlib>

#include "daemon/release/layers.h"
#include "daemon/release/manifest.h"
#include "daemon/release/path_rules.h"
#include "daemon/release/torrent.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace owrd::release;
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto manifest = Manifest::parse(bytes);
  if (!manifest) return 0;

  const auto again = make_manifest(manifest->message());
  require(again && again->payload() == owrd::to_bytes(bytes));
  require(again->release_id() == manifest->release_id());
  for (const auto& file : manifest->files()) {
    require(bool(check_path(file.path)) && file.path != kProofName);
    require(file.pieces_root.has_value() == (file.length > 0));
  }
  const auto torrent = derive_torrent(*manifest, owrd::as_bytes("proof"));
  require(torrent.files.size() == manifest->files().size() + 1);
  require(torrent.find(kLayersName).has_value());
  const auto layers = parse_layers(bytes, *manifest);
  require(!layers || layers_length(manifest->files(), manifest->piece_length()) == size);
  return 0;
}
