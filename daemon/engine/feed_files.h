#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/bytes.h"
#include "daemon/core/result.h"
#include "daemon/release/feed_torrent.h"
#include "owrd/v1/release.pb.h"

/// A feed as the files of its torrent, in a directory of its own. For jobs.
namespace owrd::engine {

struct FeedBytes {
  Bytes feed;  ///< Or, of the torrent of a publisher's roots, the file of these.
  Bytes attestations;
};

/// The feed that comes with the bundle's head, if it does.
std::optional<FeedBytes> feed_in(const v1::Bundle& bundle);

/// Where the files of the torrent lie.
std::filesystem::path feed_directory(const std::filesystem::path& store, const Digest& infohash);

/// Writes the segments that are not there as they should be.
Result<> write_feed(const std::filesystem::path& directory,
                    const std::vector<release::FeedSegment>& segments, const FeedBytes& bytes);

/// Writes those segments whose roots these bytes have, by the segments' places, and gives which
/// they are. `roots` are by file, in the torrent's order.
Result<std::vector<bool>> write_known_segments(const std::filesystem::path& directory,
                                               const std::vector<release::FeedSegment>& segments,
                                               const std::vector<Digest>& roots,
                                               const FeedBytes& known);

Result<FeedBytes> read_feed(const std::filesystem::path& directory,
                            const std::vector<release::FeedSegment>& segments);

}  // namespace owrd::engine
