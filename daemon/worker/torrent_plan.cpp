#include "daemon/worker/torrent_plan.h"

#include <libtorrent/bdecode.hpp>
#include <libtorrent/sha1_hash.hpp>
#include <libtorrent/torrent_flags.hpp>
#include <utility>

#include "daemon/core/bytes.h"
#include "daemon/hash/sha256.h"
#include "daemon/worker/disk/layout.h"

namespace owrd::worker {
namespace {

constexpr std::size_t kHashBytes = 32;
constexpr int kMaxDepth = 64;

Error refused(const std::string& why) {
  return {ErrorCode::InvalidInput, "the torrent is refused: " + why};
}

bool is_safe_element(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos;
}

/// Appends the paths of the files below `tree`, in its order. In BEP 52 a dictionary whose only key
/// is empty is a file.
Result<> collect_paths(const lt::bdecode_node& tree, const std::string& parent, int depth,
                       std::vector<std::string>& paths) {
  if (depth > kMaxDepth) return refused("its folders are nested too deep");
  for (int i = 0; i < tree.dict_size(); ++i) {
    const auto [key, node] = tree.dict_at(i);
    const std::string name(key.data(), key.size());
    if (!is_safe_element(name) || node.type() != lt::bdecode_node::dict_t)
      return refused("\"" + name + "\" is no valid name of a file or folder");
    const std::string path = parent.empty() ? name : parent + "/" + name;
    if (node.dict_find_dict("")) {
      paths.push_back(path);
    } else if (auto below = collect_paths(node, path, depth + 1, paths); !below) {
      return below;
    }
  }
  return Done{};
}

std::string bencode_string(std::string_view text) {
  return std::to_string(text.size()) + ":" + std::string(text);
}

/// The .torrent file around the exact bytes of the info dictionary.
std::string make_torrent_file(const v1::SwarmAdd& add) {
  std::map<std::string_view, std::string_view> layers;
  for (const auto& layer : add.layers()) layers.emplace(layer.root(), layer.hashes());
  std::string file = "d4:info" + add.info() + "12:piece layersd";
  for (const auto& [root, hashes] : layers) file += bencode_string(root) + bencode_string(hashes);
  return file + "ee";
}

}  // namespace

Result<std::vector<TorrentFile>> list_files(const lt::torrent_info& torrent) {
  if (torrent.info_hashes().has_v1()) return refused("it is a hybrid torrent, not v2 alone");
  if (!torrent.info_hashes().has_v2()) return refused("it is a v1 torrent");
  if (!torrent.similar_torrents().empty() || !torrent.collections().empty())
    return refused("it links to other torrents");
  std::vector<std::string> paths;
  if (auto found = collect_paths(torrent.info("file tree"), "", 0, paths); !found)
    return found.error();

  const lt::file_storage& storage = torrent.orig_files();
  std::vector<TorrentFile> files;
  for (const auto index : storage.file_range()) {
    const auto flags = storage.file_flags(index);
    if (flags & lt::file_storage::flag_pad_file) continue;
    if (files.size() >= paths.size()) return refused("its file tree cannot be understood");
    if (flags) return refused("\"" + paths[files.size()] + "\" has attributes");
    const std::int64_t length = storage.file_size(index);
    files.push_back({index, paths[files.size()], length,
                     length > 0 ? storage.root(index).to_string() : std::string(),
                     static_cast<int>(storage.file_offset(index) / storage.piece_length()),
                     length > 0 ? storage.file_num_pieces(index) : 0});
  }
  if (files.size() != paths.size()) return refused("its file tree cannot be understood");
  return files;
}

Result<std::shared_ptr<lt::torrent_info>> load_torrent(const v1::SwarmAdd& add) {
  if (hash::sha256(as_bytes(add.info())).to_field() != add.infohash())
    return refused("its info dictionary does not hash to its infohash");
  const std::string file = make_torrent_file(add);
  lt::error_code error;
  auto torrent =
      std::make_shared<lt::torrent_info>(lt::span<const char>(file), error, lt::from_span);
  if (error) return refused(error.message());
  return torrent;
}

std::string to_bitmap(const Pieces& pieces) {
  if (pieces.empty()) return {};
  return {pieces.data(), static_cast<std::size_t>(pieces.size() + 7) / 8};
}

Result<Pieces> parse_bitmap(const std::string& bitmap, int piece_count) {
  if (bitmap.empty()) return Pieces(piece_count, false);
  if (bitmap.size() != (static_cast<std::size_t>(piece_count) + 7) / 8)
    return refused("its bitmap has " + std::to_string(bitmap.size()) + " bytes for " +
                   std::to_string(piece_count) + " pieces");
  return Pieces(bitmap.data(), piece_count);
}

std::vector<lt::download_priority_t> make_priorities(
    const std::vector<TorrentFile>& files,
    const google::protobuf::RepeatedField<std::uint32_t>& wanted, int piece_count) {
  std::vector<lt::download_priority_t> priorities(static_cast<std::size_t>(piece_count),
                                                  lt::dont_download);
  for (const std::uint32_t number : wanted) {
    if (number >= files.size()) continue;
    const auto& file = files[number];
    for (int piece = file.first_piece; piece < file.first_piece + file.piece_count; ++piece)
      priorities[static_cast<std::size_t>(piece)] = lt::default_priority;
  }
  return priorities;
}

lt::add_torrent_params make_params(const v1::SwarmAdd& add,
                                   std::shared_ptr<lt::torrent_info> torrent,
                                   const std::vector<TorrentFile>& files, Pieces have,
                                   bool use_pex) {
  namespace flags = lt::torrent_flags;
  lt::add_torrent_params params;
  params.save_path = disk::make_save_path(add.id());
  params.info_hashes = lt::info_hash_t(lt::sha256_hash(add.infohash().data()));
  params.flags = flags::update_subscribe | flags::apply_ip_filter | flags::no_verify_files |
                 flags::duplicate_is_error | flags::override_trackers | flags::override_web_seeds;
  if (!use_pex) params.flags |= flags::disable_pex;
  for (const auto& tracker : add.trackers()) params.trackers.push_back(tracker);
  if (!torrent) {
    params.flags |= flags::default_dont_download;
    return params;
  }
  if (add.upload_only()) params.flags |= flags::upload_mode;
  if (add.super_seeding()) params.flags |= flags::super_seeding;
  // Without the name of the torrent before it.
  for (const auto& file : files) params.renamed_files[file.index] = file.path;
  params.piece_priorities = make_priorities(files, add.wanted_files(), torrent->num_pieces());
  params.have_pieces = std::move(have);
  params.ti = std::move(torrent);
  return params;
}

}  // namespace owrd::worker
