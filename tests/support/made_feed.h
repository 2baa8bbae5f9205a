#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/release/feed.h"
#include "daemon/release/feed_torrent.h"
#include "daemon/release/feed_update.h"
#include "daemon/trust/head.h"
#include "daemon/trust/root_chain.h"
#include "daemon/trust/root_plan.h"
#include "tests/trust/make.h"

/// A publisher as a test moves it: its keys, its roots, its feed, and the heads that it signs.
namespace owrd::release {

struct Announced {
  trust::Head head;
  Bytes feed;
  Bytes attestations;
};

class MadeFeed {
 public:
  static constexpr std::int64_t kStart = 1'790'000'000;

  /// Root keys 1 to 3, of which two must sign; release keys 11 and 12, one of which must; head key
  /// 21 and locator key 31. `change` may alter that before root 1 is signed.
  explicit MadeFeed(const std::string& name = "acme", int keys = 0,
                    const std::function<void(MadeFeed&)>& change = {})
      : keys_(keys) {
    plan.display_name = name;
    plan.issued = kStart - 1000;
    plan.expires = kStart + 365 * 86400;
    plan.root = {{named(1), named(2), named(3)}, 2};
    plan.release = {{named(11), named(12)}, 1};
    plan.head = key(21).public_key();
    plan.locators = {key(31).public_key()};
    if (change) change(*this);
    roots.push_back(trust::seal(trust::PayloadKind::Root, *trust::make_root_payload(plan, nullptr),
                                {&key(1), &key(2)}));
    feed = Feed::begin(chain(), kStart);
  }

  /// The same key for the same number, of this publisher.
  const trust::SecretKey& key(int number) const {
    const auto seed = keys_ + number;
    auto found = made_.find(seed);
    if (found == made_.end()) found = made_.emplace(seed, trust::make_key(seed)).first;
    return found->second;
  }
  trust::RootPlan::NamedKey named(int number) const {
    return {key(number).public_key(), "key " + std::to_string(number)};
  }
  trust::RootChain chain() const { return *trust::RootChain::verify(roots); }
  Digest id() const { return chain().publisher_id(); }

  /// The next root, by `plan` as it is now, into the chain and the feed.
  void rotate(const std::vector<int>& signers = {1, 2}) {
    std::vector<const trust::SecretKey*> keys;
    for (const auto number : signers) keys.push_back(&key(number));
    const auto before = chain();
    plan.issued += 1;
    roots.push_back(trust::seal(trust::PayloadKind::Root,
                                *trust::make_root_payload(plan, &before.newest()), keys));
    v1::FeedRecord record;
    record.set_root(std::string(as_text(roots.back())));
    append(record);
  }

  static v1::FeedRecord listing(const std::string& model, const std::string& version, int seed) {
    v1::FeedRecord record;
    auto& listed = *record.mutable_release();
    listed.set_model(model);
    listed.set_version(version);
    listed.set_release_id(trust::digest_of(seed).to_field());
    listed.set_infohash(trust::digest_of(seed + 100).to_field());
    listed.set_bytes(1000);
    return record;
  }
  static v1::FeedRecord channel(const std::string& model, const std::string& channel,
                                const std::string& version) {
    v1::FeedRecord record;
    record.mutable_channel()->set_model(model);
    record.mutable_channel()->set_channel(channel);
    record.mutable_channel()->set_version(version);
    return record;
  }
  v1::FeedRecord notice(v1::NoticeKind kind, const std::string& model, const std::string& version,
                        int signer = 11) const {
    v1::Notice message;
    message.set_publisher_id(id().to_field());
    message.set_kind(kind);
    message.set_model(model);
    message.set_version(version);
    message.set_release_id(feed->find(model, version)->release_id.to_field());
    message.set_reason(v1::NOTICE_REASON_SECURITY);
    message.set_text("it is broken");
    message.set_issued(kStart);
    v1::FeedRecord record;
    record.set_notice(std::string(as_text(trust::seal(
        trust::PayloadKind::Notice, *trust::make_notice_payload(message), {&key(signer)}))));
    return record;
  }
  void append(const v1::FeedRecord& record) {
    const auto appended = feed->append(record, now);
    ASSERT_TRUE(appended) << appended.error().message;
  }
  void list(const std::string& model, const std::string& version, int seed) {
    append(listing(model, version, seed));
  }

  /// The next head of the feed as it is, signed by key `signer`.
  Announced announce(int signer = 21) {
    ++sequence;
    return announce_as(sequence, signer);
  }
  Announced announce_as(std::uint64_t number, int signer = 21) const {
    const auto torrent = derive_feed_torrent(id(), feed->bytes(), attestations);
    const trust::NewHead what{
        id(),
        number,
        now,
        now + trust::kHeadLifeSeconds,
        chain().newest().version(),
        describe_file(feed->bytes()),
        attestations.empty() ? std::nullopt : std::optional(describe_file(attestations)),
        torrent.infohash};
    return {*trust::Head::parse(trust::make_head(what, key(signer))), feed->bytes(), attestations};
  }

  trust::RootPlan plan;
  std::vector<Bytes> roots;
  std::optional<Feed> feed;
  Bytes attestations;
  std::uint64_t sequence = 0;
  std::int64_t now = kStart;

 private:
  int keys_;
  mutable std::map<int, trust::SecretKey> made_;
};

/// A follower's knowledge, as it judges and takes what it is offered.
class MadeFollower {
 public:
  explicit MadeFollower(const MadeFeed& publisher)
      : known{*trust::RootChain::verify({publisher.roots.front()})} {}

  FeedVerdict offer(const Announced& what) {
    auto verdict = judge_feed(known, what.head, what.feed, what.attestations, now);
    if (verdict.news) {
      known.roots = verdict.news->roots;
      known.head = verdict.news->head;
      known.feed = verdict.news->feed;
    }
    return verdict;
  }
  HeadVerdict look(const Announced& what) const { return judge_head(known, what.head, now); }

  KnownFeed known;
  std::int64_t now = MadeFeed::kStart;
};

}  // namespace owrd::release
