#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/core/ref.h"
#include "daemon/engine/announcing.h"
#include "daemon/engine/following.h"
#include "daemon/engine/peer_budget.h"
#include "daemon/engine/views.h"
#include "daemon/release/naming.h"

namespace owrd::engine {

/// Who is believed and what they say: the pinned publishers with their feeds, the names in these,
/// the mirrors and the statements of others. Lives on the loop's thread.
class Registry {
 public:
  struct HeldRelease {
    Digest publisher_id;
    std::string ref;  ///< "acme/atlas:1.0"
  };
  /// What it has to know of the releases in the store.
  struct Releases {
    std::function<std::uint32_t(const Digest& publisher_id)> count;
    std::function<bool(const Digest& release_id)> is_here;
    std::function<bool(const Digest& infohash)> is_resolving;
    /// Something new is believed of the publisher.
    std::function<void(const Digest& publisher_id)> on_news;
    /// Nothing when it is not here.
    std::function<std::optional<HeldRelease>(const Digest& release_id)> find;
  };
  Registry(std::shared_ptr<Surroundings> around, Releases releases);
  ~Registry();

  /// `polls`: follows without being asked, too.
  Result<> start(bool polls);
  void step();
  /// What comes beside a release in a .owr: newer roots and a head of its publisher, if that is
  /// pinned. BadSignature when they contradict what is known, and both are kept then; Corrupt when
  /// the head and the feed do not belong together.
  Result<> take(const v1::Bundle& bundle);
  /// An object that a peer of a torrent told.
  void hear(const std::string& peer, ByteView object);

  // Publishers (registry.cpp).
  Result<PublisherView> add_publisher(ByteView bundle, const std::string& petname, bool dry_run);
  Result<std::vector<PublisherView>> publishers();
  /// By petname, or by at least 12 hex digits of the id.
  Result<PublisherView> find_publisher(const std::string& name);
  struct RemovedPublisher {
    Digest id;
    std::string petname;
    std::optional<PublisherView> view;  ///< Nothing when the store held something damaged of it.
  };
  Result<RemovedPublisher> remove_publisher(const std::string& name);

  // Their roots, heads and feeds (registry_feeds.cpp).
  Result<Announcing::PublicKeys> online_keys() { return announcing_.unused_keys(); }
  Result<PublisherView> submit_root(const v1::Bundle& bundle, const std::string& petname);
  /// Items of the DHT that the anchors of the publisher's newest root have signed; kept, and put
  /// there from here on.
  Result<PublisherView> submit_anchors(const std::string& name,
                                       const std::vector<trust::MutableItem>& items);
  /// Asks for the heads of this publisher, or of all for an empty name.
  SubscriptionPtr refresh(const std::string& name,
                          std::function<void(const SourceAnswer&)> on_answer,
                          std::function<void(Result<std::vector<PublisherView>>)> on_done);
  Result<ListedView> submit_notice(ByteView envelope);
  struct ChannelChange {
    ChannelView channel;
    std::string before;  ///< The version that it named; empty: none.
  };
  Result<ChannelChange> set_channel(const std::string& publisher, const v1::ChannelSet& setting);
  Result<std::vector<store::StoredEvidence>> evidence(const std::string& name);
  /// Puts a release that was published here into its publisher's feed, if that is this daemon's
  /// own.
  Result<> list_release(const Believed& believed);
  /// Keeps what contradicts the feed, and gives the error.
  Error keep_equivocation(const KnownPublisher& publisher, const release::ListedRelease& listed,
                          ByteView proof, const std::string& source);

  // Names (registry_names.cpp). Nothing here asks the network.
  /// Whose model it is, when the ref does not say; InvalidInput lists the candidates when there are
  /// more than one.
  Result<Ref> complete(const Ref& ref) const;
  struct Resolve {
    Ref ref;
    bool allow_stale = false;
    std::string accept_withdrawn = {};  ///< The reason that the publisher gave.
    bool allow_pre = false;             ///< What is not public yet may be chosen.
    bool for_show = false;  ///< Nothing will be fetched by it: says all, refuses nothing.
  };
  Result<ResolvedView> resolve(const Resolve& request) const;
  /// What the publisher's feed says of a release that was not asked for by name; nothing when it
  /// does not list it. Untrusted when it was withdrawn, as resolve().
  Result<std::optional<ResolvedView>> standing(const Digest& publisher_id, const Digest& release_id,
                                               const std::string& accept_withdrawn) const;
  Result<std::vector<ListedView>> list(const std::string& name) const;
  Result<std::vector<ChannelView>> channels(const std::string& name) const;
  Result<std::vector<LogView>> log(const std::string& name) const;
  struct Found {
    std::vector<ListedView> releases;
    bool is_cut;
  };
  Result<Found> search(const std::string& text, std::size_t limit);

  // Mirrors (registry_mirrors.cpp).
  Result<MirrorView> add_mirror(const std::string& key, const std::string& name);
  Result<std::vector<MirrorView>> mirrors();
  Result<MirrorView> remove_mirror(const std::string& name);
  /// This daemon's own; made when it is first asked for.
  Result<trust::PublicKey> mirror_key();
  /// The same, without making one.
  std::optional<trust::PublicKey> known_mirror_key() const;
  /// Signs that all of the release was hashed now, and keeps and spreads it.
  Result<AttestationView> attest(const Believed& believed);
  Result<std::vector<AttestationView>> attestations(const Digest& release_id);
  /// Whether so many of the pinned mirrors, of those in `from` (empty: all), could ever attest
  /// anything. NotFound names the one in `from` that is not pinned.
  Result<> check_attesters(std::uint32_t needed, const std::vector<std::string>& from);
  /// The names of the pinned mirrors that attest it, of those in `from` (empty: all), this daemon's
  /// own apart. Untrusted when they are fewer than `needed`.
  Result<std::vector<std::string>> require_attestations(const Digest& release_id,
                                                        std::uint32_t needed,
                                                        const std::vector<std::string>& from);
  /// When this daemon's own attestation of the release expires; 0 when there is none that holds.
  Result<std::int64_t> attested_until(const Digest& release_id);
  /// What the peers of a release's torrent are told: the publisher's head, attestations, and
  /// statements.
  std::vector<Bytes> objects_for(const Digest& publisher_id, const Digest& release_id);

  // Statements (registry_statements.cpp).
  /// Keeps what was signed here, and tells it at once. NotFound when nobody here knows the release.
  Result<StatementView> submit_statement(ByteView envelope);
  /// Of a release, or all; the newest first.
  Result<std::vector<StatementView>> statements(const std::optional<Digest>& release_id);

  const KnownPublisher* find(const std::string& petname) const;
  Follower* follower(const Digest& publisher_id) { return following_.find(publisher_id); }

 private:
  Result<const KnownPublisher*> find_by_name(const std::string& name) const;
  PublisherView describe(const KnownPublisher& publisher);
  ListedView describe(const KnownPublisher& publisher, const release::ListedRelease& listed) const;
  std::vector<NoticeView> notices_of(const KnownPublisher& publisher, const Digest& id) const;
  NoticeView describe(const KnownPublisher& publisher, const release::ListedNotice& notice) const;
  LogView describe(const KnownPublisher& publisher, std::size_t number) const;
  ChannelView describe(const KnownPublisher& publisher, const std::string& model,
                       const std::string& channel, const std::string& version,
                       std::int64_t set) const;
  Result<> take(const KnownPublisher& publisher, const trust::RootChain& roots,
                const v1::Bundle& bundle);
  Result<> rename(const KnownPublisher& publisher, const std::string& petname);
  Result<> check_offered(const KnownPublisher& publisher, const v1::ChannelSet& setting) const;
  Result<> check_unshared(const trust::RootChain& chain) const;
  void clear_up_feeds();
  void renew_heads();
  bool concerns(const trust::Attestation& attestation) const;
  void on_changed_here(const Digest& publisher_id);
  void take_attestations(const KnownPublisher& publisher);
  Result<> keep(const trust::Attestation& attestation);
  void hand_on_attestations();
  /// This daemon's own, of the publisher's releases.
  std::vector<Bytes> own_attestations(const Digest& publisher_id);
  /// What a release that is here, or that its publisher's feed lists, is called.
  std::optional<std::string> name_of(const Digest& publisher_id, const Digest& release_id) const;
  Result<> check_statement(const trust::Statement& statement) const;
  StatementView describe(trust::Statement statement, const std::vector<MirrorView>& pinned) const;
  void hear(const std::string& peer, const trust::Statement& statement);
  void log_no_room(const trust::Statement& statement);
  void tell_peers_of(const Digest& publisher_id);
  void hand_on_statements();
  void forget_statements();
  void add_statements(const Result<std::vector<Bytes>>& statements, std::vector<Bytes>& objects);
  void add_statements_on(const Digest& release_id, std::vector<Bytes>& objects);
  /// What the peers of a feed are told beside its head.
  std::vector<Bytes> objects_for_feed(const Digest& publisher_id);
  Result<std::vector<ListedView>> of_name(const std::string& name) const;
  std::int64_t now() const { return around_.world.clock.now(); }

  const std::shared_ptr<Surroundings> surroundings_;
  Surroundings& around_;
  const Releases releases_;
  KnownPublishers& publishers_;
  OnlineKeys keys_;
  Announcing announcing_;
  Following following_;
  /// Attestations have come that are not handed on beside the feeds yet.
  bool has_new_attestations_ = true;
  std::chrono::steady_clock::time_point next_handing_on_{};
  std::chrono::steady_clock::time_point next_renewal_{};
  /// New statements that each peer may bring within an hour.
  PeerBudget statement_budget_{20, std::chrono::hours(1)};
  /// The publishers on whose releases statements have come that are not handed on yet.
  std::set<Digest> untold_;
  std::chrono::steady_clock::time_point next_telling_{};
  std::chrono::steady_clock::time_point next_forgetting_{};
  std::chrono::steady_clock::time_point next_no_room_{};
};

}  // namespace owrd::engine
