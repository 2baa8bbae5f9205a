#pragma once

#include <cstdint>
#include <libtorrent/error_code.hpp>
#include <list>
#include <map>
#include <memory>
#include <utility>

#include "daemon/core/system.h"
#include "daemon/worker/disk/file_opener.h"
#include "daemon/worker/disk/file_system.h"
#include "daemon/worker/disk/layout.h"

namespace owrd::worker::disk {

/// The error of an errno at a file.
lt::storage_error make_error(int number, lt::file_index_t file, lt::operation_t operation);

/// The files that one disk thread has open, for reading or for writing. When there are too many,
/// the one that was used least recently is closed.
class OpenFiles {
 public:
  OpenFiles(FileSystem& system, FileOpener& opener, Access access, std::size_t limit);

  /// An open descriptor, good until the next call; or -1, and why.
  int get(const std::shared_ptr<const Layout>& layout, lt::file_index_t file,
          lt::storage_error& error);
  /// To be called for every range that was written to what get() gave: begins its way to the disk
  /// every few megabytes.
  void note_written(const Layout& layout, lt::file_index_t file, std::int64_t offset,
                    std::int64_t length);
  /// After an error: whoever tries again opens it anew, for the cause may be gone.
  void close(const Layout& layout, lt::file_index_t file);
  /// All files of a torrent.
  void close(const Layout& layout);

  FileSystem& system() { return system_; }

 private:
  using Key = std::pair<const Layout*, lt::file_index_t>;
  struct File {
    Key key;
    std::shared_ptr<const Layout> layout;  ///< While it lives, no other has its address.
    Descriptor descriptor;
    /// Written and not yet sent on its way: these bytes, all of them in this range.
    std::int64_t dirty_bytes = 0;
    std::int64_t dirty_begin = 0;
    std::int64_t dirty_end = 0;
  };
  using Files = std::list<File>;

  FileSystem& system_;
  FileOpener& opener_;
  Access access_;
  std::size_t limit_;
  Files files_;  ///< The one used last is the first.
  std::map<Key, Files::iterator> by_key_;
};

}  // namespace owrd::worker::disk
