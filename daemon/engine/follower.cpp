#include "daemon/engine/follower.h"

#include <algorithm>
#include <utility>

#include "daemon/release/bundle.h"

namespace owrd::engine {
namespace {

using namespace std::chrono_literals;

constexpr auto kRoundPatience = 45s;
constexpr auto kAskAgain = 1s;
/// While the DHT may still be finding its first nodes.
constexpr auto kDhtPatience = 20s;
constexpr auto kPollInterval = std::chrono::seconds(15min);
constexpr unsigned kMostDoublings = 4;
/// Nodes may forget an item after two hours (BEP 44).
constexpr auto kPutInterval = std::chrono::seconds(40min);
constexpr auto kPutAgain = 5s;
/// For followers who still are in the swarm of the feed before.
constexpr auto kFormerLife = std::chrono::seconds(24h);
constexpr std::size_t kMostFormer = 3;
/// In the DHT, by roots before the newest.
constexpr std::size_t kMostFormerPlaces = 12;
/// Heads whose signature cannot be judged before their feed is there could be anybody's.
constexpr std::size_t kMostFetches = 4;
constexpr std::size_t kMostCandidates = 8;
/// Whoever sends a feed byte by byte holds nobody up for longer.
constexpr auto kFetchPatience = std::chrono::seconds(10min);

}  // namespace

Follower::Follower(World world, const Digest& publisher_id)
    : world_(std::move(world)),
      around_(*world_.around),
      id_(publisher_id),
      random_(static_cast<unsigned>(around_.world.clock.now()) +
              std::to_integer<unsigned>(publisher_id.bytes()[0])) {}

Follower::~Follower() {
  for (const auto& [infohash, fetch] : fetches_) fetch.fetch->stop();
}

void Follower::activate() {
  if (std::exchange(is_active_, true)) return;
  next_poll_ = now();
  next_put_ = now();
  seed();
}

void Follower::stop() {
  if (round_) end_round();
  for (const auto& [infohash, fetch] : std::exchange(fetches_, {})) fetch.fetch->stop();
  for (const auto& former : std::exchange(former_, {})) former.seed->stop();
  if (const auto seed = std::exchange(seed_, nullptr)) seed->stop();
  if (const auto seed = std::exchange(roots_seed_, nullptr)) seed->stop();
}

// --- Rounds

void Follower::refresh(std::shared_ptr<RoundObserver> observer) {
  if (!round_) begin_round();
  round_->observers.push_back(std::move(observer));
}

void Follower::begin_round() {
  round_ = Round{now(), {}, {}};
  ask_dht();
  ask_locations();
}

void Follower::ask_dht() {
  if (!around_.settings.swarm.dht()) return;
  const auto locators = publisher().root().locators();
  asking_again_.clear();
  for (const auto& locator : locators) {
    round_->open.insert(source_of(locator));
    ask_dht(locator);
  }
  for (const auto& anchor : publisher().root().anchors()) {
    round_->open.insert(source_of(anchor));
    ask_dht(anchor);
  }
}

/// Each key is a place of its own in the DHT.
std::string Follower::source_of(const trust::PublicKey& locator) const {
  const auto& anchors = publisher().root().anchors();
  const auto anchor = std::find(anchors.begin(), anchors.end(), locator);
  if (anchor != anchors.end()) return "dht, anchor " + std::to_string(anchor - anchors.begin() + 1);
  const auto& locators = publisher().root().locators();
  const auto place = std::find(locators.begin(), locators.end(), locator) - locators.begin();
  return locators.size() < 2 ? "dht" : "dht, slot " + std::to_string(place + 1);
}

void Follower::ask_dht(const trust::PublicKey& locator) {
  asking_again_.insert(locator);
  if (!around_.link.ensure_ready()) return;
  const auto& anchors = publisher().root().anchors();
  const bool is_anchor = std::find(anchors.begin(), anchors.end(), locator) != anchors.end();
  v1::SwarmCommand command;
  command.mutable_dht_get()->set_public_key(std::string(as_text(locator.bytes())));
  command.mutable_dht_get()->set_salt(
      std::string(is_anchor ? trust::kAnchorSalt : trust::kHeadSalt));
  around_.link.send(command);
}

void Follower::ask_locations() {
  for (const auto& url : publisher().root().message().locations()) {
    round_->open.insert(url);
    around_.world.jobs.run<Bytes>(
        [url, fetch = around_.world.fetch_https](const content::JobContext&) {
          return fetch(url, release::kBundleLimitBytes);
        },
        [this, url, alive = std::weak_ptr(alive_)](Result<Bytes> file) {
          if (alive.lock()) on_location(url, std::move(file));
        });
  }
}

void Follower::on_location(const std::string& url, Result<Bytes> file) {
  const auto fail = [&](const Error& error) {
    answered(url, {publisher().petname, url, 0, false, error.message});
  };
  if (!file) return fail(file.error());
  const auto bundle = release::parse_bundle(*file);
  if (!bundle) return fail(bundle.error());
  if (bundle->head().empty()) return fail({ErrorCode::NotFound, "the file there holds no head"});
  offer(as_bytes(bundle->head()), feed_in(*bundle), url);
}

void Follower::answered(const std::string& source, SourceAnswer answer) {
  if (!round_) return;
  const auto observers = round_->observers;
  for (const auto& observer : observers)
    if (observer->on_answer) observer->on_answer(answer);
  round_->has_good_answer = round_->has_good_answer || answer.is_good();
  round_->open.erase(source);
}

void Follower::end_round() {
  const auto round = std::exchange(round_, std::nullopt);
  asking_again_.clear();
  has_asked_ = true;
  if (round->has_good_answer) last_checked_ = around_.world.clock.now();
  plan_next_poll(round->has_good_answer);
  for (const auto& observer : round->observers)
    if (observer->on_done) observer->on_done();
}

/// With jitter, so that not all followers ask at once; less often while nobody answers.
void Follower::plan_next_poll(bool was_good) {
  failures_ = was_good ? 0 : std::min(failures_ + 1, kMostDoublings);
  const auto interval = kPollInterval * (1u << failures_);
  const auto spread = std::uniform_int_distribution<std::int64_t>(-20, 20)(random_);
  next_poll_ = now() + interval + interval * spread / 100;
}

void Follower::step() {
  if (is_active_ && !round_ && now() >= next_poll_) begin_round();
  if (is_active_ && now() >= next_put_) put_items();
  if (round_ && !asking_again_.empty() && now() >= next_ask_again_) {
    next_ask_again_ = now() + kAskAgain;
    for (const auto& locator : std::exchange(asking_again_, {})) ask_dht(locator);
  }
  const auto fetches = fetches_;
  for (const auto& [infohash, fetch] : fetches)
    if (now() < fetch.until)
      fetch.fetch->step();
    else
      fetch.fetch->give_up("its feed does not come to its end");
  for (auto& former : former_)
    if (now() >= former.until) former.seed->stop();
  std::erase_if(former_, [this](const Former& former) { return now() >= former.until; });
  if (round_ && (round_->open.empty() || now() - round_->began >= kRoundPatience)) end_round();
}

void Follower::on_swarm_ready() {
  if (round_) ask_dht();
  if (is_active_) next_put_ = now();
}

// --- What comes

void Follower::on_dht_item(const trust::MutableItem& item, bool is_authoritative) {
  asking_again_.erase(item.key);
  const auto source = source_of(item.key);
  auto head = trust::read_head_item(item);
  if (!head) {
    if (is_authoritative)
      answered(source, {publisher().petname, source, 0, false, head.error().message});
    return;
  }
  const auto known = items_.find(item.key);
  if (known == items_.end() || known->second.sequence < item.sequence)
    items_.insert_or_assign(item.key, item);
  // The first nodes to answer may lag behind: only the end of the lookup says that nothing is new.
  const auto& before = publisher().known.head;
  if (!is_authoritative && before && head->sequence() <= before->sequence()) return;
  consider(std::move(*head), std::nullopt, source);
}

void Follower::on_anchor(const trust::MutableItem& item, bool is_authoritative) {
  asking_again_.erase(item.key);
  const auto source = source_of(item.key);
  const auto fail = [&](const std::string& problem) {
    if (is_authoritative) answered(source, {publisher().petname, source, 0, false, problem});
  };
  const auto target = trust::read_anchor_item(item);
  if (!target) return fail(target.error().message);
  const auto known = items_.find(item.key);
  if (known == items_.end() || known->second.sequence < item.sequence)
    items_.insert_or_assign(item.key, item);
  if (target->root_version <= publisher().root().version())
    return fail("it points to root " + std::to_string(target->root_version) + ", which is known");
  if (fetches_.count(target->infohash) != 0 || fetches_.size() >= kMostFetches) return;
  const auto fetch = std::make_shared<FeedFetch>(
      world_.around,
      FeedFetch::Wanted{target->infohash, release::roots_segments(target->roots.length)}, peers(),
      [this, target = *target, source, alive = std::weak_ptr(alive_)](Result<FeedBytes> bytes) {
        if (alive.lock()) on_roots(target, source, std::move(bytes));
      });
  auto& entry = fetches_[target->infohash];
  entry.fetch = fetch;
  entry.until = now() + kFetchPatience;
  fetch->start();
}

/// Proven by themselves; then the head is looked for where the newest of them says.
void Follower::on_roots(const trust::AnchorTarget& target, const std::string& source,
                        Result<FeedBytes> bytes) {
  fetches_.erase(target.infohash);
  const auto accepted = [&]() -> Result<> {
    if (!bytes) return bytes.error();
    if (release::describe_file(bytes->feed) != target.roots)
      return Error{ErrorCode::Corrupt, "its torrent holds another file than it names"};
    const auto bundle = release::parse_bundle(bytes->feed);
    if (!bundle) return bundle.error();
    std::vector<Bytes> roots;
    for (const auto& root : bundle->roots()) roots.push_back(to_bytes(root));
    const auto chain = trust::RootChain::verify(roots);
    if (!chain) return chain.error();
    if (chain->publisher_id() != id_)
      return Error{ErrorCode::Untrusted, "it points to another publisher's roots"};
    auto joined = release::join_roots(publisher().known.roots, *chain);
    if (joined.fork) {
      if (const auto kept = world_.publishers.keep(id_, *joined.fork, source); !kept) return kept;
      return Error{ErrorCode::BadSignature, joined.fork->detail};
    }
    return world_.publishers.accept(id_, *joined.roots, source);
  }();
  answered(source, {publisher().petname, source, 0, static_cast<bool>(accepted),
                    accepted ? "" : accepted.error().message});
  if (!accepted) return;
  world_.on_news(id_);
  if (round_) ask_dht();
}

void Follower::on_dht_nothing(const trust::PublicKey& locator) {
  if (!round_) return;
  // A lookup among no nodes finds nothing; there may be some soon.
  if (around_.link.dht_nodes() == 0 && now() - round_->began < kDhtPatience) {
    asking_again_.insert(locator);
    next_ask_again_ = now() + kAskAgain;
    return;
  }
  asking_again_.erase(locator);
  const auto source = source_of(locator);
  answered(source, {publisher().petname, source, 0, false, "nothing was found there"});
}

void Follower::offer(ByteView envelope, std::optional<FeedBytes> bytes, const std::string& source) {
  auto head = trust::Head::parse(envelope);
  if (!head) return answered(source, {publisher().petname, source, 0, false, head.error().message});
  consider(std::move(*head), std::move(bytes), source);
}

void Follower::consider(trust::Head head, std::optional<FeedBytes> bytes,
                        const std::string& source) {
  const auto& known = publisher();
  const auto verdict = release::judge_head(known.known, head, around_.world.clock.now());
  using Kind = release::HeadVerdict::Kind;
  switch (verdict.kind) {
    case Kind::Refused:
      return refuse(head, *verdict.error, verdict.fork, source);
    case Kind::Known:
      return answered(source, {known.petname, source, head.sequence(), false, ""});
    case Kind::Older:
      return answered(source, {known.petname, source, head.sequence(), false,
                               "older than head " + std::to_string(known.known.head->sequence()) +
                                   ", which is known"});
    case Kind::Wanted:
      break;
  }
  if (bytes) return judge(head, *bytes, {source});
  if (known.known.head && head.infohash() == known.known.head->infohash())
    return judge(head, known_bytes(), {source});
  fetch(std::move(head), source);
}

void Follower::refuse(const trust::Head& head, const Error& error,
                      const std::optional<release::Fork>& fork, const std::string& source) {
  if (fork) {
    around_.world.log(publisher().petname + ": " + fork->detail + " (from " + source + ")");
    if (const auto kept = world_.publishers.keep(id_, *fork, source); !kept)
      around_.world.log(kept.error().message);
  }
  answered(source, {publisher().petname, source, head.sequence(), false, error.message});
}

/// Of one infohash there is one fetch, whoever's heads name it; each is judged by itself then.
void Follower::fetch(trust::Head head, const std::string& source) {
  const auto infohash = head.infohash();
  const bool is_verified = head.root_version() == publisher().root().version();
  const auto under_way = fetches_.find(infohash);
  if (under_way != fetches_.end()) return under_way->second.add(std::move(head), source);
  if (!is_verified && fetches_.size() >= kMostFetches)
    return answered(source, {publisher().petname, source, head.sequence(), false,
                             "too many heads at once, of which the feeds do not come"});
  const auto fetch = std::make_shared<FeedFetch>(
      world_.around, FeedFetch::Wanted{infohash, release::feed_segments(head), known_bytes()},
      peers(), [this, infohash, alive = std::weak_ptr(alive_)](Result<FeedBytes> bytes) {
        if (alive.lock()) on_fetched(infohash, std::move(bytes));
      });
  auto& entry = fetches_[infohash];
  entry.fetch = fetch;
  entry.until = now() + kFetchPatience;
  entry.add(std::move(head), source);
  fetch->start();
}

void Follower::Fetch::add(trust::Head head, const std::string& source) {
  const auto same = std::find_if(candidates.begin(), candidates.end(), [&](const Candidate& each) {
    return each.head.envelope().raw == head.envelope().raw;
  });
  if (same != candidates.end())
    same->sources.insert(source);
  else if (candidates.size() < kMostCandidates)
    candidates.push_back({std::move(head), {source}});
}

void Follower::on_fetched(const Digest& infohash, Result<FeedBytes> bytes) {
  const auto found = fetches_.find(infohash);
  if (found == fetches_.end()) return;
  const auto candidates = found->second.candidates;
  fetches_.erase(found);
  for (const auto& candidate : candidates) {
    if (bytes) {
      judge(candidate.head, *bytes, candidate.sources);
      continue;
    }
    for (const auto& source : candidate.sources) refuse(candidate.head, bytes.error(), {}, source);
  }
}

void Follower::judge(const trust::Head& head, const FeedBytes& bytes,
                     const std::set<std::string>& sources) {
  const auto first = *sources.begin();
  auto verdict = release::judge_feed(publisher().known, head, bytes.feed, bytes.attestations,
                                     around_.world.clock.now());
  const auto accepted = verdict.news
                            ? world_.publishers.accept(id_, std::move(*verdict.news), first)
                            : Result<>(*verdict.error);
  if (!accepted) {
    for (const auto& source : sources) refuse(head, accepted.error(), verdict.fork, source);
    return;
  }
  seed();
  put_items();
  world_.on_news(id_);
  for (const auto& source : sources)
    answered(source, {publisher().petname, source, head.sequence(), true, ""});
}

FeedBytes Follower::known_bytes() const {
  const auto& known = publisher();
  return {known.known.feed ? known.known.feed->bytes() : Bytes(), known.attestations};
}

// --- Handing on

void Follower::on_changed_here() {
  is_active_ = true;
  seed();
  put_items();
}

void Follower::seed() {
  const auto& known = publisher();
  if (!known.known.head || !is_active_) return;
  if (!seed_ || seed_->infohash() != known.known.head->infohash()) {
    if (seed_) former_.push_back({seed_, now() + kFormerLife});
    if (former_.size() > kMostFormer) {
      former_.front().seed->stop();
      former_.erase(former_.begin());
    }
    const auto bytes = known_bytes();
    seed_ = make_seed(release::derive_feed_torrent(id_, bytes.feed, bytes.attestations), bytes);
  }
  seed_roots();
  tell();
}

std::shared_ptr<FeedSeed> Follower::make_seed(release::Torrent torrent, FeedBytes bytes) {
  const auto seed = std::make_shared<FeedSeed>(
      world_.around, std::move(torrent), std::move(bytes),
      [&around = around_](const std::string& peer, ByteView object) { around.hear(peer, object); });
  seed->add_peers(peers());
  seed->start();
  return seed;
}

/// What anchors point to, for those who slept through a change of roots.
void Follower::seed_roots() {
  const auto& roots = publisher().known.roots;
  if (roots.newest().anchors().empty() || !is_active_) return;
  const auto file = release::encode_roots_file(roots);
  auto torrent = release::derive_roots_torrent(id_, file);
  if (roots_seed_ && roots_seed_->infohash() == torrent.infohash) return;
  if (roots_seed_) roots_seed_->stop();
  roots_seed_ = make_seed(std::move(torrent), FeedBytes{file, {}});
}

void Follower::tell() {
  if (!seed_) return;
  auto objects = world_.objects_for(id_);
  objects.insert(objects.begin(), publisher().known.head->envelope().raw);
  seed_->tell(objects);
  if (roots_seed_) roots_seed_->tell(objects);
  for (const auto& former : former_) former.seed->tell(objects);
}

/// Where the head is put: where the newest root says, and, by who has their keys, where the roots
/// before it said, for those who know no newer one.
std::vector<trust::PublicKey> Follower::places() const {
  const auto& roots = publisher().known.roots.roots();
  auto places = roots.back().locators();
  const auto most = places.size() + kMostFormerPlaces;
  for (auto root = std::next(roots.rbegin()); root != roots.rend(); ++root)
    for (const auto& locator : root->locators()) {
      const bool is_named = std::find(places.begin(), places.end(), locator) != places.end();
      if (!is_named && places.size() < most && world_.keys.find(OnlineKeys::Use::Locator, locator))
        places.push_back(locator);
    }
  return places;
}

/// Whoever has the locator's key signs; anybody else hands on what was signed.
void Follower::put_items() {
  next_put_ = now() + kPutInterval;
  const auto& known = publisher();
  if (!known.known.head || !around_.settings.swarm.dht() || !around_.link.ensure_ready()) return;
  const auto& head = *known.known.head;
  for (const auto& locator : places()) {
    if (const auto* key = world_.keys.find(OnlineKeys::Use::Locator, locator)) {
      const auto item = trust::sign_mutable_item(*key, trust::kHeadSalt,
                                                 static_cast<std::int64_t>(head.sequence()),
                                                 trust::encode_head_item(head));
      if (item)
        put(*item);
      else
        around_.world.log(item.error().message);
      continue;
    }
    const auto item = items_.find(locator);
    if (item != items_.end() &&
        static_cast<std::uint64_t>(item->second.sequence) == head.sequence())
      put(item->second);
  }
  put_anchors();
}

void Follower::put_anchors() {
  for (const auto& anchor : publisher().root().anchors())
    if (const auto item = items_.find(anchor); item != items_.end()) put(item->second);
}

void Follower::set_anchors(const std::vector<trust::MutableItem>& items) {
  for (const auto& item : items) items_.insert_or_assign(item.key, item);
  if (!is_active_) return;
  seed_roots();
  if (around_.link.ensure_ready()) put_anchors();
}

void Follower::put(const trust::MutableItem& item) {
  v1::SwarmCommand command;
  auto& put = *command.mutable_dht_put();
  put.set_public_key(std::string(as_text(item.key.bytes())));
  put.set_salt(item.salt);
  put.set_sequence(item.sequence);
  put.set_value(std::string(as_text(item.value)));
  put.set_signature(std::string(as_text(item.signature)));
  around_.link.send(command);
}

void Follower::on_dht_stored(std::int64_t sequence, std::uint32_t nodes) {
  const auto& head = publisher().known.head;
  const bool is_current = head && static_cast<std::uint64_t>(sequence) == head->sequence();
  if (is_current && nodes == 0 && is_active_)
    next_put_ = std::min(next_put_, now() + std::chrono::seconds(kPutAgain));
}

void Follower::add_peers(const std::vector<std::string>& peers) {
  peers_.insert(peers_.end(), peers.begin(), peers.end());
  if (seed_) seed_->add_peers(peers);
  for (const auto& [infohash, fetch] : fetches_) fetch.fetch->add_peers(peers);
}

/// Where the feed may be had: where it was had before, and where the publisher's daemon says it is.
std::vector<std::string> Follower::peers() const {
  auto peers = peers_;
  if (seed_)
    for (const auto& endpoint : seed_->endpoints()) peers.push_back(endpoint);
  const auto& feed = publisher().known.feed;
  if (feed && !feed->releases().empty()) {
    const auto& hints = feed->releases().back().peers;
    peers.insert(peers.end(), hints.begin(), hints.end());
  }
  return peers;
}

}  // namespace owrd::engine
