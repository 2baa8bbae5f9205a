#pragma once

#include <libtorrent/error_code.hpp>
#include <memory>

#include "daemon/worker/disk/layout.h"
#include "daemon/worker/disk/open_files.h"
#include "daemon/worker/disk/open_pieces.h"

namespace owrd::worker::disk {

/// Reads all of the place, which has no padding, or says why there is less. On a disk thread.
/// @return The bytes that were read.
int read(const std::shared_ptr<const Layout>& layout, const Layout::Place& place, char* into,
         OpenFiles& files, lt::storage_error& error);

/// Reads the blocks of `piece` that have no leaf yet, and hashes them. On a disk thread.
void read_leaves(const std::shared_ptr<const Layout>& layout, const Layout::Place& piece,
                 OpenPieces::Leaves& leaves, OpenFiles& files, lt::storage_error& error);

}  // namespace owrd::worker::disk
