#pragma once

#include <cstdint>
#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/torrent_info.hpp>
#include <string>
#include <vector>

#include "daemon/core/result.h"
#include "daemon/worker/availability.h"
#include "owrd/v1/swarm.pb.h"

namespace owrd::worker {

/// A file as the daemon counts them (padding is no file), and libtorrent's name for it.
struct TorrentFile {
  lt::file_index_t index;
  std::string
      path;  ///< From the info dictionary, byte for byte; not as libtorrent would repair it.
  std::int64_t length;
  std::string root;  ///< 32 bytes; of an empty file, nothing.
  int first_piece;
  int piece_count;
};

/// Largest info dictionary that is relayed: the daemon's own torrents stay far below it.
constexpr std::size_t kMaxInfoBytes = std::size_t{8} * 1024 * 1024;

/// The files of a torrent that owrd can carry: v2 alone, no symlinks or other attributes, no links
/// to other torrents (libtorrent 2.0.8 follows those to the wrong file), every path below the
/// directory.
Result<std::vector<TorrentFile>> list_files(const lt::torrent_info& torrent);

/// Refuses an info that does not hash to the infohash. `layers` may be incomplete.
Result<std::shared_ptr<lt::torrent_info>> load_torrent(const v1::SwarmAdd& add);

/// One bit a piece, the first in the highest bit of the first byte.
std::string to_bitmap(const Pieces& pieces);
/// Empty means none; otherwise the length must be exact.
Result<Pieces> parse_bitmap(const std::string& bitmap, int piece_count);

/// Piece priorities that fetch exactly the wanted files; indices beyond the last file count for
/// nothing. Never file priorities: with those libtorrent keeps stray pieces in a file of its own.
std::vector<lt::download_priority_t> make_priorities(
    const std::vector<TorrentFile>& files,
    const google::protobuf::RepeatedField<std::uint32_t>& wanted, int piece_count);

/// What is passed to the session: nothing checked and nothing created on disk by libtorrent, no
/// scheduling but ours.
lt::add_torrent_params make_params(const v1::SwarmAdd& add,
                                   std::shared_ptr<lt::torrent_info> torrent,
                                   const std::vector<TorrentFile>& files, Pieces have,
                                   bool use_pex);

}  // namespace owrd::worker
