#include "daemon/engine/feed_files.h"

#include <algorithm>
#include <map>

#include "daemon/content/files.h"
#include "daemon/hash/merkle.h"

namespace owrd::engine {
namespace {

/// The bytes of each segment, by its path.
std::map<std::string, ByteView> cut(const FeedBytes& bytes) {
  std::map<std::string, ByteView> parts;
  ByteView feed = bytes.feed;
  ByteView attestations = bytes.attestations;
  for (const auto& segment : release::feed_segments(feed.size(), attestations.size())) {
    auto& rest = segment.path.starts_with("feed") ? feed : attestations;
    parts.emplace(segment.path, rest.first(static_cast<std::size_t>(segment.length)));
    rest = rest.subspan(static_cast<std::size_t>(segment.length));
  }
  return parts;
}

bool is_there(const std::filesystem::path& directory, const std::string& path, ByteView bytes) {
  const auto there = content::read_file(directory, path, bytes.size());
  return there && std::equal(bytes.begin(), bytes.end(), there->begin(), there->end());
}

}  // namespace

std::filesystem::path feed_directory(const std::filesystem::path& store, const Digest& infohash) {
  return store / "feeds" / infohash.to_hex();
}

Result<> write_feed(const std::filesystem::path& directory, const FeedBytes& bytes) {
  if (const auto made = content::make_directory(directory); !made) return made;
  for (const auto& [path, part] : cut(bytes)) {
    if (is_there(directory, path, part)) continue;
    if (const auto written = content::write_file(directory, path, part); !written) return written;
  }
  return Done{};
}

Result<std::vector<bool>> write_known_segments(const std::filesystem::path& directory,
                                               const std::vector<release::FeedSegment>& segments,
                                               const std::vector<Digest>& roots,
                                               const FeedBytes& known) {
  if (const auto made = content::make_directory(directory); !made) return made.error();
  const auto parts = cut(known);
  std::vector<bool> written(segments.size(), false);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const auto part = parts.find(segments[i].path);
    if (part == parts.end() || part->second.size() != segments[i].length ||
        hash::small_file_root(part->second) != roots[i])
      continue;
    const auto done = content::write_file(directory, segments[i].path, part->second);
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
    auto& whole = segment.path.starts_with("feed") ? bytes.feed : bytes.attestations;
    whole.insert(whole.end(), part->begin(), part->end());
  }
  return bytes;
}

}  // namespace owrd::engine
