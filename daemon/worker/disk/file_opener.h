#pragma once

#include "daemon/core/system.h"
#include "daemon/worker/disk/layout.h"

namespace owrd::worker::disk {

enum class Access { Read, Write };

/// Where descriptors come from. Called on the disk threads.
class FileOpener {
 public:
  virtual ~FileOpener() = default;

  /// A regular file. For Access::Write it is made when it is not there, folders above it too.
  /// @param error Gets the errno when the descriptor that is returned is not open.
  virtual Descriptor open(const Layout& layout, lt::file_index_t file, Access access,
                          int& error) = 0;
};

/// Opens by name, and follows no symbolic link below the torrent's directory.
class DirectoryOpener final : public FileOpener {
 public:
  Descriptor open(const Layout& layout, lt::file_index_t file, Access access, int& error) override;
};

}  // namespace owrd::worker::disk
