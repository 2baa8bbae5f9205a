#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/engine/known_publishers.h"
#include "daemon/engine/online_keys.h"

namespace owrd::engine {

/// Speaks for the publishers whose head key is here: appends to their feeds, signs heads when
/// something changes and once a day, and keeps the keys for it.
class Announcing {
 public:
  Announcing(KnownPublishers& publishers, OnlineKeys& keys, const Clock& clock,
             std::function<void(const Digest& publisher_id)> on_changed);

  struct PublicKeys {
    trust::PublicKey head;
    std::vector<trust::PublicKey> locators;
  };
  /// For the next root of a publisher: keys that no root names which is or was pinned, made as far
  /// as there are none.
  Result<PublicKeys> unused_keys();

  /// The publisher is about to be removed: its keys stay, and are no other's.
  Result<> retire_keys(const KnownPublisher& publisher);

  bool is_own(const KnownPublisher& publisher) const;
  /// Appends the record to the publisher's feed, and signs a head for it. Denied when the publisher
  /// is not this daemon's own.
  Result<> append(const Digest& publisher_id, const v1::FeedRecord& record);
  /// What is listed beside the feed from the next head on.
  Result<> set_attestations(const Digest& publisher_id, Bytes attestations);
  /// Signs the first head, or a new one when the newest is older than a day or by an earlier root,
  /// whose feed it goes on with.
  Result<> renew(const Digest& publisher_id);

 private:
  const trust::SecretKey* head_key_of(const KnownPublisher& publisher) const;
  std::uint64_t sequence_before(const KnownPublisher& publisher) const;
  Result<> publish(const KnownPublisher& publisher, release::Feed feed, Bytes attestations);
  Result<release::Feed> with_roots(release::Feed feed, const trust::RootChain& chain) const;
  Result<release::Feed> feed_of(const KnownPublisher& publisher) const;
  bool is_named(const trust::PublicKey& key) const;
  Result<std::vector<trust::PublicKey>> unused_keys(OnlineKeys::Use use, std::size_t count);

  KnownPublishers& publishers_;
  OnlineKeys& keys_;
  const Clock& clock_;
  std::function<void(const Digest&)> on_changed_;
};

}  // namespace owrd::engine
