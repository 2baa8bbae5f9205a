#include "daemon/worker/disk/file_opener.h"

#include <cerrno>
#include <utility>

#include "daemon/core/datagram.h"
#include "owrd/v1/swarm.pb.h"

namespace owrd::worker::disk {

Descriptor DaemonOpener::open(const Layout& layout, lt::file_index_t file, Access access,
                              int& error) {
  v1::SwarmFileRequest request;
  request.set_torrent(layout.torrent());
  request.set_file(layout.file(file).number);
  request.set_write(access == Access::Write);
  error = EIO;  // The daemon does not answer.
  const std::lock_guard lock(mutex_);
  if (!send_datagram(socket_.get(), request.SerializeAsString(), {})) return {};
  auto answer = receive_datagram(socket_.get());
  v1::SwarmFileReply reply;
  if (!answer || !*answer || !reply.ParseFromString((*answer)->bytes) || !reply.has_error())
    return {};
  error = reply.error();
  // A process that has too many open loses the descriptor on its way.
  if (error == 0 && !(*answer)->descriptor.is_open()) error = EMFILE;
  return std::move((*answer)->descriptor);
}

}  // namespace owrd::worker::disk
