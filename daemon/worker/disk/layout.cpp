#include "daemon/worker/disk/layout.h"

#include <algorithm>
#include <libtorrent/file_storage.hpp>

namespace owrd::worker::disk {
namespace {

/// What follows "directory/" in an absolute path; empty when it lies elsewhere.
std::string below(const std::string& directory, const std::string& path) {
  const bool is_below = path.size() > directory.size() + 1 && path.starts_with(directory) &&
                        path[directory.size()] == '/';
  return is_below ? path.substr(directory.size() + 1) : std::string();
}

}  // namespace

Layout::Layout(const lt::storage_params& params)
    : directory_(params.path), piece_length_(params.files.piece_length()) {
  while (directory_.size() > 1 && directory_.ends_with('/')) directory_.pop_back();
  const auto& sizes = params.files;
  const auto& names = params.mapped_files ? *params.mapped_files : params.files;
  for (const auto file : sizes.file_range()) {
    const bool is_padding = sizes.pad_file_at(file);
    files_.push_back(
        {below(directory_, names.file_path(file, directory_)), sizes.file_size(file), is_padding});
    if (sizes.v2() && !is_padding && sizes.file_size(file) > 0)
      runs_.push_back({static_cast<int>(sizes.file_offset(file) / piece_length_), file});
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
