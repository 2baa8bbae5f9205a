#include "tests/engine/made_release.h"

#include <algorithm>
#include <numeric>

#include "daemon/release/bundle.h"
#include "daemon/release/path_rules.h"
#include "daemon/trust/envelope.h"
#include "daemon/trust/root.h"
#include "tests/content/temporary_directory.h"
#include "tests/trust/make.h"

namespace owrd::engine {
namespace {

MadeRelease assemble(const v1::Manifest& message, const MadePublisher& signer,
                     std::vector<release::testing::Content> contents) {
  const auto manifest = *release::make_manifest(message);
  auto proof = signer.sign(manifest);
  auto torrent = release::derive_torrent(manifest, proof);
  contents.push_back({std::string(release::kProofName), proof});
  std::sort(contents.begin(), contents.end(),
            [](const auto& a, const auto& b) { return release::tree_order(a.path, b.path); });
  return MadeRelease{manifest, std::move(proof), std::move(torrent), std::move(contents)};
}

}  // namespace

Bytes MadePublisher::bundle() const {
  v1::Bundle bundle;
  bundle.add_roots(std::string(as_text(root)));
  return release::encode_bundle(bundle);
}

Bytes MadePublisher::sign(const release::Manifest& manifest) const {
  return trust::seal(trust::PayloadKind::Manifest, manifest.payload(), {&key});
}

MadePublisher make_publisher(const std::string& name, int seed) {
  auto key = trust::make_key(seed);
  auto root = trust::make_first_root(name, 1'780'000'000, 1'900'000'000, "key", key);
  const auto id = trust::Root::verify_first(root)->publisher_id();
  return MadePublisher{std::move(key), std::move(root), id};
}

const Bytes& MadeRelease::bytes(const std::string& path) const {
  return contents[*torrent.find(path)].bytes;
}

std::vector<std::uint32_t> MadeRelease::pieces(const std::string& path) const {
  const auto& file = torrent.files[*torrent.find(path)];
  std::vector<std::uint32_t> pieces(file.piece_count);
  std::iota(pieces.begin(), pieces.end(), file.first_piece);
  return pieces;
}

std::vector<std::uint32_t> MadeRelease::all_pieces() const {
  std::vector<std::uint32_t> pieces(torrent.piece_count);
  std::iota(pieces.begin(), pieces.end(), 0U);
  return pieces;
}

void MadeRelease::write(const std::filesystem::path& directory) const {
  for (const auto& content : contents) write(directory, content.path);
}

void MadeRelease::write(const std::filesystem::path& directory, const std::string& path) const {
  content::put(directory / path, std::string(as_text(bytes(path))));
}

bool MadeRelease::is_at(const std::filesystem::path& directory) const {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory))
    if (!entry.is_directory()) ++files;
  return files == contents.size() &&
         std::all_of(contents.begin(), contents.end(), [&](const auto& content) {
           return std::filesystem::exists(directory / content.path) &&
                  content::content_of(directory / content.path) == as_text(content.bytes);
         });
}

v1::SwarmMetadata MadeRelease::metadata() const {
  v1::SwarmMetadata metadata;
  metadata.set_info(torrent.info);
  metadata.set_piece_length(torrent.piece_length);
  for (const auto& file : torrent.files) {
    auto& entry = *metadata.add_files();
    entry.set_path(file.path);
    entry.set_length(file.length);
    if (file.pieces_root) entry.set_root(file.pieces_root->to_field());
  }
  return metadata;
}

v1::Bundle MadeRelease::bundle(const MadePublisher& publisher) const {
  v1::Bundle bundle;
  bundle.add_roots(std::string(as_text(publisher.root)));
  bundle.set_manifest(std::string(as_text(proof)));
  return bundle;
}

MadeRelease make_release(const MadePublisher& publisher,
                         const std::function<void(v1::Manifest&)>& change) {
  auto message = release::testing::example_message();
  message.set_publisher_id(publisher.id.to_field());
  if (change) change(message);
  return assemble(message, publisher, release::testing::example_contents());
}

MadeRelease make_release_of(const MadePublisher& publisher,
                            std::vector<release::testing::Content> files,
                            const std::function<void(v1::Manifest&)>& change) {
  constexpr std::uint64_t kPieceLength = 64 * 1024;
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return release::tree_order(a.path, b.path); });
  auto contents = release::testing::with_layers(std::move(files), kPieceLength);
  auto message = release::testing::describe("atlas-1.0.0", kPieceLength, contents);
  message.set_publisher_id(publisher.id.to_field());
  if (change) change(message);
  return assemble(message, publisher, std::move(contents));
}

MadeRelease make_forged_release(const MadePublisher& claimed, const MadePublisher& signer) {
  auto message = release::testing::example_message();
  message.set_publisher_id(claimed.id.to_field());
  return assemble(message, signer, release::testing::example_contents());
}

}  // namespace owrd::engine
