#include "tests/support/made_torrent.h"

#include <fstream>
#include <iterator>
#include <random>

#include "daemon/core/bencode.h"
#include "daemon/core/bytes.h"
#include "daemon/hash/merkle.h"
#include "daemon/hash/sha256.h"
#include "tests/support/fake_swarm.h"

namespace owrd::swarm {
namespace {

void write_file(const std::filesystem::path& path, const std::string& content) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The dictionary of the folder that `path` lies in, and its last element.
Bencode::Dictionary& descend(Bencode::Dictionary& tree, std::string& path) {
  const auto slash = path.find('/');
  if (slash == std::string::npos) return tree;
  const std::string folder = path.substr(0, slash);
  path.erase(0, slash + 1);
  auto& below = tree.try_emplace(folder, Bencode::Dictionary()).first->second;
  return descend(below.dictionary(), path);
}

}  // namespace

MadeTorrent make_torrent(const std::map<std::string, std::string>& files,
                         std::uint32_t piece_length) {
  MadeTorrent torrent;
  Bencode::Dictionary tree;
  std::uint32_t piece = 0;
  for (const auto& [path, content] : files) {
    hash::FileHasher hasher(content.size(), piece_length);
    hasher.update(as_bytes(content));
    const auto digests = hasher.finish();
    Bencode::Dictionary facts;
    facts.emplace("length", Bencode(static_cast<std::int64_t>(content.size())));
    if (digests.pieces_root) facts.emplace("pieces root", Bencode(digests.pieces_root->to_field()));
    Bencode::Dictionary file;
    file.emplace("", Bencode(std::move(facts)));
    std::string name = path;
    auto& folder = descend(tree, name);
    folder.emplace(name, Bencode(std::move(file)));
    if (digests.layer.size() > 1) {
      v1::SwarmAdd::PieceLayer layer;
      layer.set_root(digests.pieces_root->to_field());
      for (const auto& hash : digests.layer) layer.mutable_hashes()->append(hash.to_field());
      torrent.layers.push_back(layer);
    }
    const auto count = static_cast<std::uint32_t>(digests.layer.size());
    torrent.files.push_back({path, content, piece, count});
    piece += count;
  }
  Bencode::Dictionary info;
  info.emplace("file tree", Bencode(std::move(tree)));
  info.emplace("meta version", Bencode(std::int64_t{2}));
  info.emplace("name", Bencode(std::string("made")));
  info.emplace("piece length", Bencode(std::int64_t{piece_length}));
  torrent.info = Bencode(std::move(info)).encode();
  torrent.infohash = hash::sha256(as_bytes(torrent.info)).to_field();
  torrent.piece_count = piece;
  return torrent;
}

void MadeTorrent::write(const std::filesystem::path& directory) const {
  for (const auto& file : files) write_file(directory / file.path, file.content);
}

void MadeTorrent::write_empty(const std::filesystem::path& directory) const {
  std::filesystem::create_directories(directory);
  for (const auto& file : files)
    if (file.content.empty()) write_file(directory / file.path, {});
}

bool MadeTorrent::is_at(const std::filesystem::path& directory) const {
  for (const auto& file : files)
    if (read_file(directory / file.path) != file.content) return false;
  return true;
}

v1::SwarmCommand MadeTorrent::add(std::uint64_t id, const std::filesystem::path& directory) const {
  v1::SwarmCommand command;
  auto& add = *command.mutable_add();
  add.set_id(id);
  add.set_infohash(infohash);
  add.set_info(info);
  add.set_directory(directory.string());
  for (const auto& file : files) add.add_paths(file.path);
  for (const auto& layer : layers) *add.add_layers() = layer;
  for (std::uint32_t i = 0; i < files.size(); ++i) add.add_wanted_files(i);
  return command;
}

v1::SwarmCommand MadeTorrent::seed(std::uint64_t id, const std::filesystem::path& directory) const {
  auto command = add(id, directory);
  std::set<std::uint32_t> all;
  for (std::uint32_t piece = 0; piece < piece_count; ++piece) all.insert(piece);
  command.mutable_add()->set_have(to_bitmap(all));
  command.mutable_add()->set_upload_only(true);
  command.mutable_add()->clear_wanted_files();
  return command;
}

std::string make_content(std::size_t size, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::string content(size, '\0');
  for (auto& byte : content) byte = static_cast<char>(random() & 0xff);
  return content;
}

}  // namespace owrd::swarm
