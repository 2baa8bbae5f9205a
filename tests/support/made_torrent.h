#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "owrd/v1/swarm.pb.h"

namespace owrd::swarm {

/// A v2 torrent with its bytes, for tests.
struct MadeTorrent {
  struct File {
    std::string path;
    std::string content;
    std::uint32_t first_piece;
    std::uint32_t piece_count;
  };
  std::string info;
  std::string infohash;
  std::vector<v1::SwarmAdd::PieceLayer> layers;
  std::vector<File> files;  ///< In tree order.
  std::uint32_t piece_count;

  /// All files below `directory`, empty ones too.
  void write(const std::filesystem::path& directory) const;
  /// Only the empty ones, as the daemon does before it fetches.
  void write_empty(const std::filesystem::path& directory) const;
  bool is_at(const std::filesystem::path& directory) const;
  v1::SwarmCommand add(std::uint64_t id, const std::filesystem::path& directory) const;
  /// The same with all pieces had and nothing fetched.
  v1::SwarmCommand seed(std::uint64_t id, const std::filesystem::path& directory) const;
};

/// `files` by path; a folder's name must not be another's beginning with a character below '/'
/// after it.
MadeTorrent make_torrent(const std::map<std::string, std::string>& files,
                         std::uint32_t piece_length);

/// Bytes that look random and are the same every time.
std::string make_content(std::size_t size, std::uint32_t seed);

}  // namespace owrd::swarm
