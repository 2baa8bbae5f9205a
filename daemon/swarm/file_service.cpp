#include "daemon/swarm/file_service.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "daemon/core/datagram.h"

namespace owrd::swarm {
namespace {

enum class Access { Read, Write };

/// A worker that asks without end must not keep the loop from everything else.
constexpr int kRequestsAtOnce = 32;

constexpr int kFolder = O_PATH | O_DIRECTORY | O_CLOEXEC;
/// O_NONBLOCK: a named pipe that somebody put there must not stop anybody.
constexpr int kFile = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;

Descriptor open_directory(const std::string& path, Access access) {
  Descriptor directory(::open(path.c_str(), kFolder));
  if (directory.is_open() || errno != ENOENT || access == Access::Read) return directory;
  std::error_code ignored;  // The second attempt tells.
  std::filesystem::create_directories(path, ignored);
  return Descriptor(::open(path.c_str(), kFolder));
}

Descriptor open_folder(const Descriptor& parent, const std::string& name, Access access) {
  Descriptor folder(::openat(parent.get(), name.c_str(), kFolder | O_NOFOLLOW));
  if (folder.is_open() || errno != ENOENT || access == Access::Read) return folder;
  if (::mkdirat(parent.get(), name.c_str(), 0777) != 0 && errno != EEXIST) return {};
  return Descriptor(::openat(parent.get(), name.c_str(), kFolder | O_NOFOLLOW));
}

Descriptor open_below(Descriptor folder, const std::string& path, Access access) {
  std::size_t begin = 0;
  for (std::size_t end; (end = path.find('/', begin)) != path.npos; begin = end + 1) {
    folder = open_folder(folder, path.substr(begin, end - begin), access);
    if (!folder.is_open()) return {};
  }
  return Descriptor(::openat(folder.get(), path.c_str() + begin,
                             kFile | (access == Access::Write ? O_RDWR | O_CREAT : O_RDONLY),
                             0666));
}

bool is_regular(const Descriptor& file) {
  struct stat status = {};
  return ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode);
}

FileService::Opened open_regular(const std::string& directory, const std::string& path,
                                 Access access) {
  auto folder = open_directory(directory, access);
  if (!folder.is_open()) return {{}, errno};
  auto file = open_below(std::move(folder), path, access);
  if (!file.is_open()) return {{}, errno};
  if (!is_regular(file)) return {{}, EINVAL};
  return {std::move(file), 0};
}

}  // namespace

void FileService::take_places(v1::SwarmAdd& add) {
  auto& torrent = torrents_[add.id()];
  torrent.directory = std::move(*add.mutable_directory());
  torrent.final_directory = std::move(*add.mutable_final_directory());
  torrent.paths.assign(add.paths().begin(), add.paths().end());
  torrent.final_files.insert(add.final_files().begin(), add.final_files().end());
  if (!add.upload_only())
    torrent.writable_files.insert(add.wanted_files().begin(), add.wanted_files().end());
  add.clear_directory();
  add.clear_final_directory();
  add.clear_paths();
  add.clear_final_files();
}

FileService::Opened FileService::open(const v1::SwarmFileRequest& request) const {
  const auto torrent = torrents_.find(request.torrent());
  if (torrent == torrents_.end()) return {{}, ENOENT};
  const auto& files = torrent->second;
  if (request.file() >= files.paths.size() || files.paths[request.file()].empty())
    return {{}, EPERM};
  const bool is_final = files.final_files.count(request.file()) != 0;
  if (request.write() && (is_final || files.writable_files.count(request.file()) == 0))
    return {{}, EPERM};
  return open_regular(is_final ? files.final_directory : files.directory,
                      files.paths[request.file()], request.write() ? Access::Write : Access::Read);
}

Result<> FileService::serve(int socket) const {
  for (int served = 0; served < kRequestsAtOnce; ++served) {
    const auto datagram = receive_datagram(socket);
    if (!datagram) return datagram.error();
    if (!*datagram) return Done{};
    v1::SwarmFileRequest request;
    if (!request.ParseFromString((*datagram)->bytes))
      return Error{ErrorCode::Corrupt, "asked for a file in words that are none"};
    const auto opened = open(request);
    v1::SwarmFileReply reply;
    reply.set_error(opened.error);
    if (const auto sent = send_datagram(socket, reply.SerializeAsString(), opened.file); !sent)
      return sent.error();
  }
  return Done{};
}

}  // namespace owrd::swarm
