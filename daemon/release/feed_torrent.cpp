#include "daemon/release/feed_torrent.h"

#include <algorithm>
#include <utility>

#include "daemon/hash/merkle.h"
#include "daemon/hash/sha256.h"

namespace owrd::release {
namespace {

constexpr std::size_t kNameDigits = 16;
constexpr std::size_t kNumberDigits = 4;

void append_segments(std::vector<FeedSegment>& segments, const std::string& name,
                     std::uint64_t bytes) {
  for (std::uint64_t i = 0; i * kSegmentBytes < bytes; ++i) {
    auto number = std::to_string(i);
    number.insert(0, kNumberDigits - std::min(kNumberDigits, number.size()), '0');
    segments.push_back(
        {name + "-" + number + ".owrd", std::min(kSegmentBytes, bytes - i * kSegmentBytes)});
  }
}

}  // namespace

trust::FeedFile describe_file(ByteView bytes) { return {bytes.size(), hash::sha256(bytes)}; }

std::vector<FeedSegment> feed_segments(std::uint64_t feed_bytes, std::uint64_t attestations_bytes) {
  std::vector<FeedSegment> segments;
  append_segments(segments, "attestations", attestations_bytes);
  append_segments(segments, "feed", feed_bytes);
  return segments;
}

std::vector<FeedSegment> feed_segments(const trust::Head& head) {
  return feed_segments(head.feed().length, head.attestations() ? head.attestations()->length : 0);
}

Torrent derive_feed_torrent(const Digest& publisher_id, ByteView feed, ByteView attestations) {
  std::vector<TorrentFile> files;
  const auto segments = feed_segments(feed.size(), attestations.size());
  for (const auto& segment : segments) {
    auto& rest = segment.path.starts_with("feed") ? feed : attestations;
    const auto bytes = rest.first(static_cast<std::size_t>(segment.length));
    files.push_back({segment.path, segment.length, hash::small_file_root(bytes), 0, 0});
    rest = rest.subspan(bytes.size());
  }
  return make_torrent("owrd-feed-" + publisher_id.to_hex().substr(0, kNameDigits), kSegmentBytes,
                      /*is_private=*/false, std::move(files));
}

}  // namespace owrd::release
