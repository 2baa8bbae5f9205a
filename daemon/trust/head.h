#pragma once

#include <cstdint>
#include <optional>

#include "daemon/core/bytes.h"
#include "daemon/core/digest.h"
#include "daemon/core/result.h"
#include "daemon/trust/envelope.h"
#include "daemon/trust/root.h"
#include "owrd/v1/trust.pb.h"

namespace owrd::trust {

/// A file of the feed's torrent, as a head pins it.
struct FeedFile {
  std::uint64_t length;
  Digest sha256;
  friend bool operator==(const FeedFile&, const FeedFile&) = default;
};

constexpr std::uint64_t kFeedLimitBytes = 16 * 1024 * 1024;
constexpr std::uint64_t kAttestationsLimitBytes = 4 * 1024 * 1024;
constexpr std::uint64_t kLastSequence = 1ull << 53;
constexpr std::int64_t kHeadLifeSeconds = 7 * 86400;
constexpr std::int64_t kLongestHeadLifeSeconds = 30 * 86400;

/// Where a publisher's feed stands: well-formed, within the limits. Whether the publisher says so
/// is verify_head()'s question.
class Head {
 public:
  /// Of an envelope; believes nothing.
  static Result<Head> parse(ByteView envelope);

  const Envelope& envelope() const { return envelope_; }
  const Digest& publisher_id() const { return publisher_id_; }
  std::uint64_t sequence() const { return message_.sequence(); }
  std::int64_t issued() const { return message_.issued(); }
  std::int64_t expires() const { return message_.expires(); }
  std::uint64_t root_version() const { return message_.root_version(); }
  const FeedFile& feed() const { return feed_; }
  const std::optional<FeedFile>& attestations() const { return attestations_; }
  const Digest& infohash() const { return infohash_; }

 private:
  Head(Envelope envelope, v1::Head message, Digest publisher_id, FeedFile feed,
       std::optional<FeedFile> attestations, Digest infohash);
  Envelope envelope_;
  v1::Head message_;
  Digest publisher_id_;
  FeedFile feed_;
  std::optional<FeedFile> attestations_;
  Digest infohash_;
};

/// Is this head the publisher's, by its newest root: signed by that root's head key, for that
/// version. Takes no clock: an expired head is still the publisher's word, only not fresh.
Result<> verify_head(const Head& head, const Root& newest);

struct NewHead {
  Digest publisher_id;
  std::uint64_t sequence;
  std::int64_t issued;
  std::int64_t expires;
  std::uint64_t root_version;
  FeedFile feed;
  std::optional<FeedFile> attestations;
  Digest infohash;
};
/// The signed envelope.
Bytes make_head(const NewHead& what, const SecretKey& key);

}  // namespace owrd::trust
