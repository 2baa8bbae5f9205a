#include "daemon/release/torrent.h"

#include <algorithm>
#include <cassert>

#include "daemon/core/bencode.h"
#include "daemon/hash/merkle.h"
#include "daemon/hash/sha256.h"
#include "daemon/release/path_rules.h"

namespace owrd::release {
namespace {

Bencode number(std::uint64_t value) { return Bencode(static_cast<std::int64_t>(value)); }

/// BEP 52's description of a file: under the empty name, so that no file can be taken for it.
Bencode::Dictionary describe(const TorrentFile& file) {
  Bencode::Dictionary facts;
  facts.emplace("length", number(file.length));
  if (file.pieces_root) facts.emplace("pieces root", Bencode(file.pieces_root->to_field()));
  Bencode::Dictionary node;
  node.emplace("", Bencode(std::move(facts)));
  return node;
}

void add_to_tree(Bencode::Dictionary& root, const TorrentFile& file) {
  auto* directory = &root;
  std::string_view rest = file.path;
  for (auto slash = rest.find('/'); slash != rest.npos; slash = rest.find('/')) {
    const auto place =
        directory->try_emplace(std::string(rest.substr(0, slash)), Bencode::Dictionary{});
    directory = &place.first->second.dictionary();
    rest.remove_prefix(slash + 1);
  }
  directory->emplace(std::string(rest), Bencode(describe(file)));
}

TorrentFile proof_file(ByteView proof, std::uint64_t piece_length) {
  hash::FileHasher hasher(proof.size(), piece_length);
  hasher.update(proof);
  return TorrentFile{std::string(kProofName), proof.size(), hasher.finish().pieces_root, 0, 0};
}

std::vector<TorrentFile> list_files(const Manifest& manifest, ByteView proof) {
  std::vector<TorrentFile> files;
  files.reserve(manifest.files().size() + 1);
  for (const auto& file : manifest.files())
    files.push_back(TorrentFile{file.path, file.length, file.pieces_root, 0, 0});
  const auto place = std::lower_bound(
      files.begin(), files.end(), kProofName,
      [](const TorrentFile& file, std::string_view path) { return tree_order(file.path, path); });
  files.insert(place, proof_file(proof, manifest.piece_length()));
  return files;
}

/// Gives each file its pieces, one file after the other; returns how many there are.
std::uint32_t number_pieces(std::vector<TorrentFile>& files, std::uint64_t piece_length) {
  std::uint32_t next = 0;
  for (auto& file : files) {
    file.first_piece = next;
    file.piece_count = static_cast<std::uint32_t>(hash::piece_count(file.length, piece_length));
    next += file.piece_count;
  }
  return next;
}

}  // namespace

std::size_t Torrent::proof_index() const {
  const auto index = find(kProofName);
  assert(index);
  return *index;
}

std::optional<std::size_t> Torrent::find(std::string_view path) const {
  const auto place = std::lower_bound(files.begin(), files.end(), path,
                                      [](const TorrentFile& file, std::string_view wanted) {
                                        return tree_order(file.path, wanted);
                                      });
  if (place == files.end() || place->path != path) return std::nullopt;
  return static_cast<std::size_t>(place - files.begin());
}

std::string encode_info(std::string_view name, std::uint64_t piece_length, bool is_private,
                        const std::vector<TorrentFile>& files) {
  Bencode::Dictionary tree;
  for (const auto& file : files) add_to_tree(tree, file);
  Bencode::Dictionary info;
  info.emplace("file tree", Bencode(std::move(tree)));
  info.emplace("meta version", number(2));
  info.emplace("name", Bencode(std::string(name)));
  info.emplace("piece length", number(piece_length));
  if (is_private) info.emplace("private", number(1));
  return Bencode(std::move(info)).encode();
}

Torrent make_torrent(std::string_view name, std::uint64_t piece_length, bool is_private,
                     std::vector<TorrentFile> files) {
  const auto piece_count = number_pieces(files, piece_length);
  auto info = encode_info(name, piece_length, is_private, files);
  const auto infohash = hash::sha256(as_bytes(info));
  return Torrent{std::move(info), infohash, piece_length, piece_count, std::move(files)};
}

Torrent derive_torrent(const Manifest& manifest, ByteView proof) {
  assert(!proof.empty());
  return make_torrent(manifest.dir(), manifest.piece_length(), manifest.message().private_swarm(),
                      list_files(manifest, proof));
}

}  // namespace owrd::release
