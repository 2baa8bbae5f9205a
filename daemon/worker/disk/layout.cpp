#include "daemon/worker/disk/layout.h"

#include <algorithm>
#include <charconv>
#include <libtorrent/file_storage.hpp>
#include <string_view>

namespace owrd::worker::disk {
namespace {

/// 0, which no torrent has, for a path that make_save_path() did not make.
std::uint64_t parse_save_path(std::string_view path) {
  std::uint64_t torrent = 0;
  if (path.starts_with('/')) std::from_chars(path.data() + 1, path.data() + path.size(), torrent);
  return torrent;
}

}  // namespace

// Absolute, or libtorrent would put the working directory before it.
std::string make_save_path(std::uint64_t torrent) {
  return std::string("/").append(std::to_string(torrent));
}

Layout::Layout(const lt::storage_params& params)
    : torrent_(parse_save_path(params.path)), piece_length_(params.files.piece_length()) {
  const auto& files = params.files;
  std::uint32_t number = 0;
  for (const auto file : files.file_range()) {
    const bool is_padding = files.pad_file_at(file);
    files_.push_back({number, files.file_size(file), is_padding});
    if (!is_padding) ++number;
    if (files.v2() && !is_padding && files.file_size(file) > 0)
      runs_.push_back({static_cast<int>(files.file_offset(file) / piece_length_), file});
  }
}

std::optional<Layout::Place> Layout::locate(lt::piece_index_t piece) const {
  const int number = static_cast<int>(piece);
  const auto after =
      std::upper_bound(runs_.begin(), runs_.end(), number,
                       [](int wanted, const Run& run) { return wanted < run.first_piece; });
  if (after == runs_.begin()) return std::nullopt;
  const auto& run = *(after - 1);
  const std::int64_t offset = std::int64_t{piece_length_} * (number - run.first_piece);
  const std::int64_t left = file(run.file).size - offset;
  if (left <= 0) return std::nullopt;
  return Place{run.file, offset, static_cast<int>(std::min<std::int64_t>(left, piece_length_)), 0};
}

std::optional<Layout::Place> Layout::locate(const lt::peer_request& request) const {
  const auto piece = locate(request.piece);
  if (!piece || request.start < 0 || request.length <= 0 || request.length > kBlockBytes ||
      request.start > piece_length_ - request.length)
    return std::nullopt;
  const int length = std::clamp(piece->length - request.start, 0, request.length);
  return Place{piece->file, piece->offset + request.start, length, request.length - length};
}

}  // namespace owrd::worker::disk
