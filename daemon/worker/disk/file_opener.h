#pragma once

#include <mutex>

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

/// Asks the daemon, which knows where the files lie and opens them; waits for its answer.
class DaemonOpener final : public FileOpener {
 public:
  /// @param socket Blocking; swarm.proto says what goes over it.
  explicit DaemonOpener(Descriptor socket) : socket_(std::move(socket)) {}
  Descriptor open(const Layout& layout, lt::file_index_t file, Access access, int& error) override;

 private:
  std::mutex mutex_;  ///< One question at a time.
  Descriptor socket_;
};

}  // namespace owrd::worker::disk
