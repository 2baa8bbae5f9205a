#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/digest.h"
#include "daemon/release/layers.h"
#include "daemon/release/manifest.h"

namespace owrd::release {

/// One file of the torrent, with its place among the pieces.
struct TorrentFile {
  std::string path;
  std::uint64_t length;
  std::optional<Digest> pieces_root;
  std::uint32_t first_piece;
  std::uint32_t piece_count;
};

/// The v2 torrent of a release, derived from the manifest and the bytes of release.owrd; never
/// received.
struct Torrent {
  std::string info;  ///< Bencoded.
  Digest infohash;   ///< SHA-256 of it.
  std::uint64_t piece_length;
  std::uint32_t piece_count;
  /// In tree order, release.owrd among them.
  std::vector<TorrentFile> files;

  /// Always found: the index of release.owrd.
  std::size_t proof_index() const;
  std::optional<std::size_t> find(std::string_view path) const;
};

/// The bencoded info dictionary of a v2-only torrent (BEP 52), without anything else in it. `files`
/// are in tree order.
std::string encode_info(std::string_view name, std::uint64_t piece_length, bool is_private,
                        const std::vector<TorrentFile>& files);

/// The torrent of these files, which are in tree order; their places among the pieces follow.
Torrent make_torrent(std::string_view name, std::uint64_t piece_length, bool is_private,
                     std::vector<TorrentFile> files);

/// `proof` is release.owrd, byte for byte, whose payload is the manifest's.
Torrent derive_torrent(const Manifest& manifest, ByteView proof);

/// The most that a magnet link, a bundle or a manifest may name.
constexpr int kMaxPeers = 50;
constexpr int kMaxTrackers = 32;

/// `magnet:?xt=urn:btmh:1220…`: BEP 9 with a v2 infohash.
struct Magnet {
  Digest infohash;
  std::string name;
  std::vector<std::string> peers;     ///< x.pe
  std::vector<std::string> trackers;  ///< tr
};
/// Refuses links with a v1 infohash (urn:btih), alone or beside a v2 one, by name.
Result<Magnet> parse_magnet(std::string_view link);
std::string to_string(const Magnet& magnet);

/// "host:port", "1.2.3.4:port" or "[v6]:port".
Result<> check_endpoint(std::string_view text);
/// An announce URL: http, https or udp, with a host.
Result<> check_tracker(std::string_view url);

}  // namespace owrd::release
