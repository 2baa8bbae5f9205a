#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/bytes.h"
#include "daemon/core/digest.h"
#include "daemon/release/torrent.h"
#include "daemon/trust/head.h"
#include "daemon/trust/mutable_item.h"
#include "daemon/trust/root_chain.h"

/// A publisher's feed as a torrent: its bytes and those of the attestations, each cut into files of
/// one piece. So a file's root is its piece's hash, and an update fetches what was appended and no
/// more.
namespace owrd::release {

/// Of a segment; and the torrent's piece length.
constexpr std::uint64_t kSegmentBytes = 32 * 1024;

/// What a head says of a file with these bytes.
trust::FeedFile describe_file(ByteView bytes);

/// One file of the torrent.
struct FeedSegment {
  std::string path;  ///< "feed-0000.owrd", "attestations-0000.owrd", "roots-0000.owrd"
  std::uint64_t length;
};
/// Whether it is a part of the attestations, and not of the torrent's main file.
bool is_of_attestations(std::string_view path);
/// In the torrent's order: attestations first.
std::vector<FeedSegment> feed_segments(const trust::Head& head);
std::vector<FeedSegment> feed_segments(std::uint64_t feed_bytes, std::uint64_t attestations_bytes);

/// Derived from the bytes, never received. Its name is "owrd-feed-" and the first 16 digits of the
/// publisher's id.
Torrent derive_feed_torrent(const Digest& publisher_id, ByteView feed, ByteView attestations);

/// The .owrp that an anchor points to: the publisher's roots and nothing else.
Bytes encode_roots_file(const trust::RootChain& roots);
std::vector<FeedSegment> roots_segments(std::uint64_t bytes);
/// Its torrent, "owrd-roots-" and the same digits, in segments alike.
Torrent derive_roots_torrent(const Digest& publisher_id, ByteView file);
/// What an anchor of the newest root says.
trust::AnchorTarget anchor_target(const trust::RootChain& roots);

}  // namespace owrd::release
