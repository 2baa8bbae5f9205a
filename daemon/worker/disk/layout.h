#pragma once

#include <cstddef>
#include <cstdint>
#include <libtorrent/peer_request.hpp>
#include <libtorrent/storage_defs.hpp>
#include <libtorrent/units.hpp>
#include <optional>
#include <string>
#include <vector>

namespace owrd::worker::disk {

constexpr int kBlockBytes = 16 * 1024;

/// What libtorrent is told as the place of a torrent's files, which it passes on to the disk: not
/// one on any disk, but the daemon's number of the torrent.
std::string make_save_path(std::uint64_t torrent);

/// Blocks in so many bytes of a piece.
constexpr int count_blocks(int bytes) { return (bytes + kBlockBytes - 1) / kBlockBytes; }

/// Where the bytes of one torrent lie. Every piece lies in one file and begins at a multiple of its
/// length there (BEP 52), so in a torrent that is not v2 nothing can be found.
///
/// Never changes, and refers to nothing of libtorrent's: any thread may read it and let it go.
class Layout {
 public:
  struct File {
    std::uint32_t number;  ///< Among the torrent's files, padding not counted.
    std::int64_t size;
    bool is_padding;
  };
  /// Part of a file. What a request asks for beyond the end of the file is padding: zeros that are
  /// read and never written. libtorrent 2.0.8 asks for some with the last block of a file.
  struct Place {
    lt::file_index_t file;
    std::int64_t offset;
    int length;
    int padding;
  };

  /// The path of the storage is its torrent's number, see make_save_path().
  explicit Layout(const lt::storage_params& params);

  /// Nothing when it is no request for (a part of) a block of this torrent.
  std::optional<Place> locate(const lt::peer_request& request) const;
  /// All of the piece but padding; nothing when there is no such piece.
  std::optional<Place> locate(lt::piece_index_t piece) const;

  /// The daemon's number of the torrent.
  std::uint64_t torrent() const { return torrent_; }
  const File& file(lt::file_index_t index) const {
    return files_[static_cast<std::size_t>(static_cast<int>(index))];
  }
  int file_count() const { return static_cast<int>(files_.size()); }

 private:
  struct Run {
    int first_piece;
    lt::file_index_t file;
  };

  std::uint64_t torrent_;
  int piece_length_;
  std::vector<File> files_;
  std::vector<Run> runs_;  ///< The files that have pieces, in their order.
};

}  // namespace owrd::worker::disk
