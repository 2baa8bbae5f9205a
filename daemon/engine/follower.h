#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/engine/feed_fetch.h"
#include "daemon/engine/feed_seed.h"
#include "daemon/engine/known_publishers.h"
#include "daemon/engine/online_keys.h"
#include "daemon/engine/transfer.h"
#include "daemon/trust/mutable_item.h"

namespace owrd::engine {

/// How the sources that are peers begin.
constexpr std::string_view kPeerSource = "peer ";

/// What one source answered when it was asked for a publisher's head.
struct SourceAnswer {
  std::string petname;
  std::string source;          ///< "dht, slot 1", "https://…", "peer 192.0.2.1:6881", "bundle"
  std::uint64_t sequence = 0;  ///< Of the head that it gave; 0: none.
  bool is_news = false;        ///< It was newer than what was known, and is believed.
  std::string problem;         ///< Why it is not believed, or that there was none; may be empty.
  /// It is what is known already, or newer: whoever waits has something to rely on.
  bool is_good() const { return sequence != 0 && problem.empty(); }
};

/// Whoever waits for a round.
struct RoundObserver {
  std::function<void(const SourceAnswer&)> on_answer;
  /// Every source has answered, or too much time has passed.
  std::function<void()> on_done;
};

/// Keeps up with one pinned publisher: asks all sources for its head, fetches the feed of a newer
/// one, judges it, and then seeds it and hands it on. All sources are equal: whatever is newest and
/// verifies wins, and a bad one never stops the others.
class Follower {
 public:
  struct World {
    std::shared_ptr<Surroundings> around;
    KnownPublishers& publishers;
    const OnlineKeys& keys;
    std::function<void(const Digest& publisher_id)> on_news;
    /// What the peers of the publisher's feed are told beside its head.
    std::function<std::vector<Bytes>(const Digest& publisher_id)> objects_for;
  };
  Follower(World world, const Digest& publisher_id);
  ~Follower();

  /// Seeds what is known and polls from here on by itself.
  void activate();
  /// Lets go of all torrents, and takes their files away.
  void stop();
  /// Asks all sources now; joins the round that is under way.
  void refresh(std::shared_ptr<RoundObserver> observer);
  /// A head that came by itself, perhaps with what it pins.
  void offer(ByteView head, std::optional<FeedBytes> bytes, const std::string& source);
  /// What is known has changed by what was done here: hand it on.
  void on_changed_here();
  /// Items under the anchors of the newest root, to be kept and put into the DHT from here on.
  Result<> set_anchors(const std::vector<trust::MutableItem>& items);
  /// Tells the peers of the feed what there is to tell, once more.
  void tell();
  /// Endpoints where the feed may be had.
  void add_peers(const std::vector<std::string>& peers);

  void step();
  void on_swarm_ready();
  void on_dht_item(const trust::MutableItem& item, bool is_authoritative);
  void on_anchor(const trust::MutableItem& item, bool is_authoritative);
  /// The lookup found nothing.
  void on_dht_nothing(const trust::PublicKey& locator);
  /// How many nodes took what was put; with none, it is tried again soon.
  void on_dht_stored(std::int64_t sequence, std::uint32_t nodes);
  /// All sources have been asked since the start.
  bool has_asked() const { return has_asked_; }
  /// When its sources were asked and one answered well: Unix seconds; 0: not since the start.
  std::int64_t last_checked() const { return last_checked_; }

 private:
  using Steady = std::chrono::steady_clock::time_point;
  struct Round {
    Steady began;
    std::set<std::string> open = {};  ///< The sources that have not answered.
    /// Look-ups in the DHT that are not over, and the sources that they are.
    std::map<trust::PublicKey, std::string> looking = {};
    std::map<std::string, SourceAnswer> told = {};  ///< The last answer of each source.
    std::vector<std::shared_ptr<RoundObserver>> observers = {};
    bool has_good_answer = false;
  };
  struct Fetch {
    struct Candidate {
      trust::Head head;
      std::set<std::string> sources;
    };
    std::shared_ptr<FeedFetch> fetch = {};
    Steady until = {};
    std::vector<Candidate> candidates = {};  ///< None of a file of roots.
    std::string anchor = {};                 ///< The source that named it, of a file of roots.
    bool is_told = false;                    ///< By a peer, who may be anybody.
    /// False when there are too many already.
    bool add(const trust::Head& head, const std::string& source);
  };

  const KnownPublisher& publisher() const { return *world_.publishers.find(id_); }
  Steady now() const { return around_.world.clock.steady_now(); }

  void begin_round();
  void join_round();
  void ask_dht();
  void ask_dht(const trust::PublicKey& locator);
  std::string source_of(const trust::PublicKey& locator) const;
  void ask_locations();
  void on_location(const std::string& url, Result<Bytes> file);
  void answered(const std::string& source, SourceAnswer answer);
  bool may_say_more(const std::string& source, const SourceAnswer& answer) const;
  void end_lookup(const trust::PublicKey& key);
  void forget_lookups();
  void name_the_silent();
  void step_round();
  void end_round();
  void plan_next_poll(bool was_good);

  void consider(trust::Head head, std::optional<FeedBytes> bytes, const std::string& source);
  void fetch(trust::Head head, const std::string& source);
  void on_fetched(const Digest& infohash, Result<FeedBytes> bytes);
  void judge(const trust::Head& head, const FeedBytes& bytes, const std::set<std::string>& sources);
  void refuse(const trust::Head& head, const Error& error, const std::optional<release::Fork>& fork,
              const std::string& source);
  void on_roots(const trust::AnchorTarget& target, const std::string& source,
                Result<FeedBytes> bytes);
  FeedBytes known_bytes() const;

  void seed();
  void seed_roots();
  std::shared_ptr<FeedSeed> make_seed(release::Torrent torrent, FeedBytes bytes);
  void put_anchors();
  std::vector<trust::PublicKey> places() const;
  void put_items();
  Result<> keep(const trust::MutableItem& item);
  void keep_or_log(const trust::MutableItem& item);
  void hand_on(const trust::MutableItem& item);
  void take_up_items();
  void put(const trust::MutableItem& item);
  std::vector<std::string> peers() const;

  const World world_;
  Surroundings& around_;
  const Digest id_;
  bool is_active_ = false;
  std::optional<Round> round_;
  std::map<Digest, Fetch> fetches_;  ///< By infohash.
  std::set<trust::PublicKey> asking_again_;
  std::shared_ptr<FeedSeed> seed_;
  std::shared_ptr<FeedSeed> roots_seed_;
  struct Former {
    std::shared_ptr<FeedSeed> seed;
    Steady until;
  };
  std::vector<Former> former_;
  std::map<trust::PublicKey, trust::MutableItem> items_;  ///< The newest seen, by its key.
  std::map<trust::PublicKey, std::int64_t> kept_;         ///< The sequences of those in the store.
  std::vector<std::string> peers_;
  Steady next_poll_{};
  Steady next_put_{};
  Steady next_ask_again_{};
  unsigned failures_ = 0;
  std::int64_t last_checked_ = 0;
  bool has_asked_ = false;
  std::minstd_rand random_;
  /// What jobs and fetches hold weakly.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace owrd::engine
