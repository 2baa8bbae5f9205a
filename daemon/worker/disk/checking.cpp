#include "daemon/worker/disk/checking.h"

#include <algorithm>
#include <cerrno>

namespace owrd::worker::disk {
namespace {

bool is_absence(const lt::error_code& error) {
  return error.value() == ENOENT || error.value() == ENOTDIR;
}

/// 0 when there is no file.
std::int64_t find_length(const std::shared_ptr<const Layout>& layout, lt::file_index_t file,
                         OpenFiles& files, lt::storage_error& error) {
  const int fd = files.get(layout, file, error);
  if (fd >= 0) return files.system().length(fd);
  if (is_absence(error.ec)) error = {};
  return 0;
}

}  // namespace

NeededBytes needed_bytes(const lt::add_torrent_params* said, const Layout& layout) {
  const bool is_seed = said && said->flags & lt::torrent_flags::seed_mode;
  if (!said || (said->have_pieces.empty() && !is_seed)) return std::nullopt;
  std::vector<std::int64_t> needed(static_cast<std::size_t>(layout.file_count()));
  if (is_seed)
    for (std::size_t i = 0; i < needed.size(); ++i) {
      const auto& file = layout.file(lt::file_index_t(static_cast<int>(i)));
      needed[i] = file.is_padding ? 0 : file.size;
    }
  for (const auto piece : said->have_pieces.range()) {
    const auto place = said->have_pieces[piece] ? layout.locate(piece) : std::nullopt;
    if (!place) continue;
    auto& bytes = needed[static_cast<std::size_t>(static_cast<int>(place->file))];
    bytes = std::max(bytes, place->offset + place->length);
  }
  return needed;
}

lt::status_t check_files(const std::shared_ptr<const Layout>& layout, const NeededBytes& needed,
                         OpenFiles& files, lt::storage_error& error) {
  for (lt::file_index_t file(0); file < lt::file_index_t(layout->file_count()); ++file) {
    if (layout->file(file).is_padding || layout->file(file).size == 0) continue;
    const auto length = find_length(layout, file, files, error);
    if (error) return lt::status_t::fatal_disk_error;
    const bool is_as_said =
        needed ? length >= (*needed)[static_cast<std::size_t>(static_cast<int>(file))]
               : length == 0;
    if (!is_as_said) return lt::status_t::need_full_check;
  }
  return lt::status_t::no_error;
}

}  // namespace owrd::worker::disk
