#pragma once

#include <cstdint>
#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/error_code.hpp>
#include <libtorrent/storage_defs.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "daemon/worker/disk/layout.h"
#include "daemon/worker/disk/open_files.h"

namespace owrd::worker::disk {

/// How long each file must be to hold the pieces that are said to be there; nothing when nothing is
/// said of any piece.
using NeededBytes = std::optional<std::vector<std::int64_t>>;
NeededBytes needed_bytes(const lt::add_torrent_params* said, const Layout& layout);

/// Compares what is on the disk, by the lengths of the files, with what is needed. Makes nothing:
/// empty files are the daemon's. On a disk thread.
lt::status_t check_files(const std::shared_ptr<const Layout>& layout, const NeededBytes& needed,
                         OpenFiles& files, lt::storage_error& error);

}  // namespace owrd::worker::disk
