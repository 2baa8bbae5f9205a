#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "daemon/core/result.h"
#include "daemon/core/system.h"
#include "owrd/v1/swarm.pb.h"

namespace owrd::swarm {

/// Opens for the worker what it asks for: files of its torrents, by number, to be read, or to be
/// written where the torrent is to fetch them. No name comes from the worker.
class FileService {
 public:
  struct Opened {
    Descriptor file;
    int error = 0;  ///< An errno when the file is not open.
  };

  /// Takes the places of the torrent's files out of the command: they are not the worker's to know.
  void take_places(v1::SwarmAdd& add);
  /// The torrent is gone.
  void forget(std::uint64_t torrent) { torrents_.erase(torrent); }
  /// The worker is gone.
  void forget_all() { torrents_.clear(); }

  /// A regular file, reached through no symbolic link below the torrent's directory. To be written
  /// it is made when it is not there, folders above it too. EPERM for what the worker may not have.
  /// Any thread may call it while nobody changes the torrents.
  Opened open(const v1::SwarmFileRequest& request) const;

  /// Answers requests that wait on the non-blocking socket, not without end. An error when nothing
  /// sensible can be expected of the other side any more.
  Result<> serve(int socket) const;

 private:
  struct Torrent {
    std::string directory;
    std::string final_directory;
    std::vector<std::string> paths;
    std::set<std::uint32_t> final_files;
    std::set<std::uint32_t> writable_files;
  };
  std::map<std::uint64_t, Torrent> torrents_;
};

}  // namespace owrd::swarm
