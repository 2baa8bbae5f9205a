#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/core/bytes.h"
#include "daemon/core/digest.h"
#include "daemon/core/result.h"
#include "daemon/trust/notice.h"
#include "daemon/trust/root_chain.h"
#include "owrd/v1/release.pb.h"

namespace owrd::release {

/// A release as a feed lists it.
struct ListedRelease {
  std::uint64_t record;        ///< Its number in the feed, from 0.
  std::int64_t listed;         ///< Unix seconds.
  std::uint64_t root_version;  ///< Of the newest root before it.
  std::string model;
  std::string version;
  Digest release_id;
  Digest infohash;
  std::uint64_t bytes;
  std::string license;
  std::string summary;
  std::vector<std::string> trackers;
  std::vector<std::string> peers;
  v1::Stage stage;             ///< By its manifest; standing_of() tells what it is by now.
  std::vector<int> audiences;  ///< v1::Audience.
};

/// What a channel names, from its latest setting.
struct Channel {
  std::string version;
  std::int64_t set;  ///< Unix seconds.
};

/// A notice in a feed.
struct ListedNotice {
  std::uint64_t record;
  std::uint64_t root_version;  ///< Of the newest root before it.
  trust::Notice notice;
  /// The release keys that signed it. Empty when they do not suffice, or are revoked by now: then
  /// the notice says nothing.
  std::set<trust::PublicKey> signers;
  bool is_believed() const { return !signers.empty(); }
};

/// A publisher's feed, taken apart: append-only records, each of which refers only to those before
/// it. It keeps the rules; that it is the publisher's, a head says.
///
/// A version is listed once. The roots in it form a chain from version 1 on.
class Feed {
 public:
  /// Corrupt names the record at fault, and what is wrong with it.
  static Result<Feed> parse(ByteView bytes);
  /// A feed of nothing but the roots.
  static Feed begin(const trust::RootChain& roots, std::int64_t now);

  /// Adds a record, or leaves all as it was. The time is `now`, or the last record's if that is
  /// later. InvalidInput, AlreadyExists and so on when the record breaks a rule.
  Result<> append(v1::FeedRecord record, std::int64_t now);

  const Bytes& bytes() const { return bytes_; }
  const std::vector<v1::FeedRecord>& records() const { return records_; }
  const trust::RootChain& roots() const { return *roots_; }
  const Digest& publisher_id() const { return roots_->publisher_id(); }
  /// In the order in which they were listed.
  const std::vector<ListedRelease>& releases() const { return releases_; }
  const std::vector<ListedNotice>& notices() const { return notices_; }
  /// By model and channel.
  const std::map<std::pair<std::string, std::string>, Channel>& channels() const {
    return channels_;
  }

  const ListedRelease* find(std::string_view model, std::string_view version) const;
  const ListedRelease* find(const Digest& release_id) const;

  /// Whether this begins with all of the other, byte for byte.
  bool continues(const Feed& other) const;

 private:
  Feed() = default;
  Result<> take(v1::FeedRecord record);
  Result<> take_root(ByteView envelope);
  Result<> take_release(const v1::ListedRelease& release);
  Result<> take_channel(const v1::ChannelSet& setting);
  Result<> take_notice(ByteView envelope);
  /// Whether it is believed; a later root may revoke who signed an earlier notice.
  void judge(ListedNotice& notice) const;

  Bytes bytes_;
  std::vector<v1::FeedRecord> records_;
  std::optional<trust::RootChain> roots_;
  std::vector<ListedRelease> releases_;
  std::map<std::pair<std::string, std::string>, std::size_t, std::less<>> by_version_;
  std::map<Digest, std::size_t> by_id_;
  std::map<std::pair<std::string, std::string>, Channel> channels_;
  std::vector<ListedNotice> notices_;
};

}  // namespace owrd::release
