#include "daemon/engine/feed_files.h"

#include <algorithm>

#include "daemon/content/files.h"
#include "daemon/hash/merkle.h"

namespace owrd::engine {
namespace {

/// The bytes of each segment; fewer than its length where there are no more.
std::vector<ByteView> cut(const std::vector<release::FeedSegment>& segments,
                          const FeedBytes& bytes) {
  std::vector<ByteView> parts;
  ByteView main = bytes.feed;
  ByteView attestations = bytes.attestations;
  for (const auto& segment : segments) {
    auto& rest = release::is_of_attestations(segment.path) ? attestations : main;
    const auto length = std::min(rest.size(), static_cast<std::size_t>(segment.length));
    parts.push_back(rest.first(length));
    rest = rest.subspan(length);
  }
  return parts;
}

bool is_there(const std::filesystem::path& directory, const std::string& path, ByteView bytes) {
  const auto there = content::read_file(directory, path, bytes.size());
  return there && std::equal(bytes.begin(), bytes.end(), there->begin(), there->end());
}

}  // namespace

std::optional<FeedBytes> feed_in(const v1::Bundle& bundle) {
  if (bundle.feed().empty()) return std::nullopt;
  return FeedBytes{to_bytes(bundle.feed()), to_bytes(bundle.attestations())};
}

std::filesystem::path feed_directory(const std::filesystem::path& store, const Digest& infohash) {
  return store / "feeds" / infohash.to_hex();
}

Result<> write_feed(const std::filesystem::path& directory,
                    const std::vector<release::FeedSegment>& segments, const FeedBytes& bytes) {
  if (const auto made = content::make_directory(directory); !made) return made;
  const auto parts = cut(segments, bytes);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (is_there(directory, segments[i].path, parts[i])) continue;
    const auto written = content::write_file(directory, segments[i].path, parts[i]);
    if (!written) return written;
  }
  return Done{};
}

Result<std::vector<bool>> write_known_segments(const std::filesystem::path& directory,
                                               const std::vector<release::FeedSegment>& segments,
                                               const std::vector<Digest>& roots,
                                               const FeedBytes& known) {
  if (const auto made = content::make_directory(directory); !made) return made.error();
  const auto parts = cut(segments, known);
  std::vector<bool> written(segments.size(), false);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (parts[i].size() != segments[i].length || hash::small_file_root(parts[i]) != roots[i])
      continue;
    const auto done = content::write_file(directory, segments[i].path, parts[i]);
    if (!done) return done.error();
    written[i] = true;
  }
  return written;
}

Result<FeedBytes> read_feed(const std::filesystem::path& directory,
                            const std::vector<release::FeedSegment>& segments) {
  FeedBytes bytes;
  for (const auto& segment : segments) {
    const auto part = content::read_file(directory, segment.path, segment.length);
    if (!part) return part.error();
    auto& whole = release::is_of_attestations(segment.path) ? bytes.attestations : bytes.feed;
    whole.insert(whole.end(), part->begin(), part->end());
  }
  return bytes;
}

}  // namespace owrd::engine
