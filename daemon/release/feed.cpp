#include "daemon/release/feed.h"

#include <algorithm>
#include <cassert>

#include "daemon/core/ref.h"
#include "daemon/core/text.h"
#include "daemon/release/manifest.h"
#include "daemon/release/record_file.h"
#include "daemon/release/torrent.h"
#include "daemon/trust/head.h"
#include "daemon/trust/release_signers.h"
#include "daemon/trust/wire_lint.h"

namespace owrd::release {
namespace {

constexpr std::string_view kMagic = "owrd-feed-1\n";
constexpr std::size_t kLongestSummary = 500;
constexpr std::size_t kLongestLicense = 200;
constexpr int kMostPeers = 8;

Error broken(const std::string& cause) { return {ErrorCode::InvalidInput, "feed: " + cause}; }

Result<v1::FeedRecord> parse_record(ByteView bytes) {
  const auto strict =
      trust::lint_wire(bytes, *v1::FeedRecord::descriptor(), trust::UnknownFields::Refuse);
  if (!strict) return strict.error();
  v1::FeedRecord record;
  if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return broken("a record is not a protobuf message");
  return record;
}

std::string name_of(const v1::ListedRelease& release) {
  return quoted(release.model() + ":" + release.version());
}

Result<> check_names(const v1::ListedRelease& release) {
  if (!is_valid_name(release.model())) return broken("invalid model name " + name_of(release));
  if (!is_valid_version(release.version()) || !is_valid_name(release.version()))
    return broken("invalid version " + name_of(release));
  if (release.bytes() == 0 || release.bytes() > (1ull << 46))
    return broken(name_of(release) + " has an impossible size");
  if (release.summary().size() > kLongestSummary || !is_plain_line(release.summary()))
    return broken("the summary of " + name_of(release) + " is not one line of at most 500 bytes");
  // The list of licences grows: one that is not known here is no reason to refuse a feed.
  if (release.license().size() > kLongestLicense || !is_plain_line(release.license()))
    return broken("the licence of " + name_of(release) + " is not one line of at most 200 bytes");
  return Done{};
}

Result<> check_hints(const v1::ListedRelease& release) {
  if (release.peers_size() > kMostPeers)
    return broken(name_of(release) + " names more than 8 peers");
  if (release.trackers_size() > kMaxTrackers)
    return broken(name_of(release) + " names more than 32 trackers");
  for (const auto& peer : release.peers())
    if (const auto checked = check_endpoint(peer); !checked) return checked;
  for (const auto& tracker : release.trackers())
    if (const auto checked = check_tracker(tracker); !checked) return checked;
  return Done{};
}

/// A label that is a version cannot be a channel.
Result<> check_channel_name(const v1::ChannelSet& setting) {
  if (!is_valid_name(setting.model()))
    return broken("invalid model name " + quoted(setting.model()));
  if (!is_valid_petname(setting.channel()))
    return broken("channel " + quoted(setting.channel()) +
                  ": lower-case letters, digits, '-' and '.', a letter first");
  return Done{};
}

}  // namespace

Result<Feed> Feed::parse(ByteView bytes) {
  if (bytes.size() > trust::kFeedLimitBytes)
    return Error{ErrorCode::Corrupt, "feed: longer than 16 MiB"};
  Feed feed;
  const auto walked = for_each_record(bytes, kMagic, "feed", [&](ByteView record) -> Result<> {
    auto parsed = parse_record(record);
    const auto taken = parsed ? feed.take(std::move(*parsed)) : Result<>(parsed.error());
    if (taken) return Done{};
    return Error{ErrorCode::Corrupt, "record " + std::to_string(feed.records_.size()) +
                                         " of the feed: " + taken.error().message};
  });
  if (!walked) return walked.error();
  if (!feed.roots_) return Error{ErrorCode::Corrupt, "feed: it holds no root"};
  feed.bytes_ = to_bytes(bytes);
  for (auto& notice : feed.notices_) feed.judge(notice);
  return feed;
}

Feed Feed::begin(const trust::RootChain& roots, std::int64_t now) {
  Feed feed;
  feed.bytes_ = to_bytes(kMagic);
  for (const auto& root : roots.roots()) {
    v1::FeedRecord record;
    record.set_root(std::string(as_text(root.raw())));
    const auto appended = feed.append(std::move(record), now);
    assert(appended);
  }
  return feed;
}

Result<> Feed::append(v1::FeedRecord record, std::int64_t now) {
  record.set_added(records_.empty() ? now : std::max(now, records_.back().added()));
  const auto wire = record.SerializeAsString();
  if (wire.size() > kRecordLimitBytes) return broken("a record of more than 256 KiB");
  if (bytes_.size() + wire.size() + 4 > trust::kFeedLimitBytes)
    return Error{ErrorCode::NoSpace, "the feed is full: it cannot be longer than 16 MiB"};
  if (const auto taken = take(std::move(record)); !taken) return taken;
  append_record(bytes_, as_bytes(wire));
  if (records_.back().has_notice()) judge(notices_.back());
  if (records_.back().has_root())
    for (auto& notice : notices_) judge(notice);
  return Done{};
}

/// Takes the record, or nothing.
Result<> Feed::take(v1::FeedRecord record) {
  if (record.added() <= 0) return broken("a record has no time");
  if (!records_.empty() && record.added() < records_.back().added())
    return broken("a record is older than the one before it");
  if (!roots_ && !record.has_root()) return broken("it does not begin with a root");
  records_.push_back(std::move(record));
  const auto& kept = records_.back();
  const auto taken = [&]() -> Result<> {
    switch (kept.record_case()) {
      case v1::FeedRecord::kRoot:
        return take_root(as_bytes(kept.root()));
      case v1::FeedRecord::kRelease:
        return take_release(kept.release());
      case v1::FeedRecord::kChannel:
        return take_channel(kept.channel());
      case v1::FeedRecord::kNotice:
        return take_notice(as_bytes(kept.notice()));
      case v1::FeedRecord::RECORD_NOT_SET:
        return broken("an empty record");
    }
    return broken("an unknown record");
  }();
  if (!taken) records_.pop_back();
  return taken;
}

Result<> Feed::take_root(ByteView envelope) {
  if (roots_) return roots_->extend(envelope);
  auto chain = trust::RootChain::verify({to_bytes(envelope)});
  if (!chain) return chain.error();
  roots_ = std::move(*chain);
  return Done{};
}

Result<> Feed::take_release(const v1::ListedRelease& release) {
  if (const auto names = check_names(release); !names) return names;
  if (const auto hints = check_hints(release); !hints) return hints;
  const auto id = Digest::from_bytes(as_bytes(release.release_id()));
  const auto infohash = Digest::from_bytes(as_bytes(release.infohash()));
  if (!id || !infohash) return broken("a digest of " + name_of(release) + " is not 32 bytes");
  if (!v1::Stage_IsValid(release.stage()))
    return broken(name_of(release) + " is at a stage that needs a newer owrd");
  if (find(release.model(), release.version()))
    return Error{ErrorCode::AlreadyExists,
                 "feed: " + name_of(release) + " is listed already: a version is written once"};
  if (by_id_.count(*id) != 0)
    return broken("the release " + id->to_hex() + " is listed under another version already");
  by_version_[{release.model(), release.version()}] = releases_.size();
  by_id_[*id] = releases_.size();
  releases_.push_back({records_.size() - 1,
                       records_.back().added(),
                       roots_->newest().version(),
                       release.model(),
                       release.version(),
                       *id,
                       *infohash,
                       release.bytes(),
                       release.license(),
                       release.summary(),
                       {release.trackers().begin(), release.trackers().end()},
                       {release.peers().begin(), release.peers().end()},
                       release.stage(),
                       {release.audiences().begin(), release.audiences().end()}});
  return Done{};
}

Result<> Feed::take_channel(const v1::ChannelSet& setting) {
  if (const auto name = check_channel_name(setting); !name) return name;
  const std::pair key(setting.model(), setting.channel());
  if (setting.version().empty()) {
    if (channels_.erase(key) != 0) return Done{};
    return Error{ErrorCode::NotFound,
                 "feed: " + setting.model() + " has no channel " + quoted(setting.channel())};
  }
  if (!find(setting.model(), setting.version()))
    return Error{ErrorCode::NotFound,
                 "feed: the channel " + quoted(setting.channel()) + " cannot name " +
                     quoted(setting.model() + ":" + setting.version()) + ", which is not listed"};
  channels_.insert_or_assign(key, Channel{setting.version(), records_.back().added()});
  return Done{};
}

Result<> Feed::take_notice(ByteView envelope) {
  auto notice = trust::Notice::parse(envelope);
  if (!notice) return notice.error();
  if (notice->publisher_id() != publisher_id()) return broken("a notice of another publisher");
  const auto* release = find(notice->release_id());
  if (!release || release->model != notice->model() || release->version != notice->version())
    return broken("a notice about " + quoted(notice->model() + ":" + notice->version()) +
                  ", which is not listed so");
  notices_.push_back({records_.size() - 1, roots_->newest().version(), std::move(*notice), {}});
  return Done{};
}

void Feed::judge(ListedNotice& notice) const {
  const auto signers = trust::verify_release(notice.notice.envelope(), notice.notice.model(),
                                             *roots_, notice.record, notice.root_version);
  notice.signers = signers ? signers->keys : std::set<trust::PublicKey>();
}

const ListedRelease* Feed::find(std::string_view model, std::string_view version) const {
  const auto found = by_version_.find(std::pair(std::string(model), std::string(version)));
  return found == by_version_.end() ? nullptr : &releases_[found->second];
}

const ListedRelease* Feed::find(const Digest& release_id) const {
  const auto found = by_id_.find(release_id);
  return found == by_id_.end() ? nullptr : &releases_[found->second];
}

bool Feed::continues(const Feed& other) const {
  return bytes_.size() >= other.bytes_.size() &&
         std::equal(other.bytes_.begin(), other.bytes_.end(), bytes_.begin());
}

}  // namespace owrd::release
