#include "daemon/release/feed_torrent.h"

#include <algorithm>
#include <utility>

#include "daemon/hash/merkle.h"
#include "daemon/hash/sha256.h"
#include "daemon/release/bundle.h"

namespace owrd::release {
namespace {

constexpr std::size_t kNameDigits = 16;
constexpr std::size_t kNumberDigits = 4;
constexpr std::string_view kAttestations = "attestations";

void append_segments(std::vector<FeedSegment>& segments, const std::string& name,
                     std::uint64_t bytes) {
  for (std::uint64_t i = 0; i * kSegmentBytes < bytes; ++i) {
    auto number = std::to_string(i);
    number.insert(0, kNumberDigits - std::min(kNumberDigits, number.size()), '0');
    segments.push_back(
        {name + "-" + number + ".owrd", std::min(kSegmentBytes, bytes - i * kSegmentBytes)});
  }
}

Torrent derive(const std::string& name, const Digest& publisher_id,
               const std::vector<FeedSegment>& segments, ByteView main, ByteView attestations) {
  std::vector<TorrentFile> files;
  for (const auto& segment : segments) {
    auto& rest = is_of_attestations(segment.path) ? attestations : main;
    const auto bytes = rest.first(static_cast<std::size_t>(segment.length));
    files.push_back({segment.path, segment.length, hash::small_file_root(bytes), 0, 0});
    rest = rest.subspan(bytes.size());
  }
  return make_torrent(name + publisher_id.to_hex().substr(0, kNameDigits), kSegmentBytes,
                      /*is_private=*/false, std::move(files));
}

}  // namespace

trust::FeedFile describe_file(ByteView bytes) { return {bytes.size(), hash::sha256(bytes)}; }

std::vector<FeedSegment> feed_segments(std::uint64_t feed_bytes, std::uint64_t attestations_bytes) {
  std::vector<FeedSegment> segments;
  append_segments(segments, std::string(kAttestations), attestations_bytes);
  append_segments(segments, "feed", feed_bytes);
  return segments;
}

std::vector<FeedSegment> feed_segments(const trust::Head& head) {
  return feed_segments(head.feed().length, head.attestations() ? head.attestations()->length : 0);
}

bool is_of_attestations(std::string_view path) { return path.starts_with(kAttestations); }

std::vector<FeedSegment> roots_segments(std::uint64_t bytes) {
  std::vector<FeedSegment> segments;
  append_segments(segments, "roots", bytes);
  return segments;
}

Torrent derive_feed_torrent(const Digest& publisher_id, ByteView feed, ByteView attestations) {
  return derive("owrd-feed-", publisher_id, feed_segments(feed.size(), attestations.size()), feed,
                attestations);
}

Bytes encode_roots_file(const trust::RootChain& roots) {
  v1::Bundle bundle;
  for (const auto& root : roots.raw()) bundle.add_roots(std::string(as_text(root)));
  return encode_bundle(bundle);
}

Torrent derive_roots_torrent(const Digest& publisher_id, ByteView file) {
  return derive("owrd-roots-", publisher_id, roots_segments(file.size()), file, {});
}

trust::AnchorTarget anchor_target(const trust::RootChain& roots) {
  const auto file = encode_roots_file(roots);
  return {roots.newest().version(), describe_file(file),
          derive_roots_torrent(roots.publisher_id(), file).infohash};
}

}  // namespace owrd::release
