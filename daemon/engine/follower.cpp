#include "daemon/engine/follower.h"

#include <algorithm>
#include <utility>

#include "daemon/release/bundle.h"

namespace owrd::engine {
namespace {

using namespace std::chrono_literals;

/// Heads whose signature cannot be judged before their feed is there could be anybody's.
constexpr std::ptrdiff_t kMostTold = 4;
constexpr std::size_t kMostOfAll = 16;
constexpr std::size_t kMostCandidates = 8;
/// Whoever sends a feed byte by byte holds nobody up for longer.
constexpr auto kFetchPatience = std::chrono::seconds(10min);

}  // namespace

Follower::Follower(World world, const Digest& publisher_id)
    : world_(std::move(world)),
      around_(*world_.around),
      id_(publisher_id),
      random_(static_cast<unsigned>(around_.world.clock.now()) +
              std::to_integer<unsigned>(publisher_id.bytes()[0])) {
  take_up_items();
}

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

void Follower::step() {
  if (is_active_ && !round_ && now() >= next_poll_) begin_round();
  if (is_active_ && now() >= next_put_) put_items();
  const auto fetches = fetches_;
  for (const auto& [infohash, fetch] : fetches)
    if (now() < fetch.until)
      fetch.fetch->step();
    else
      fetch.fetch->give_up("its feed does not come to its end");
  for (auto& former : former_)
    if (now() >= former.until) former.seed->stop();
  std::erase_if(former_, [this](const Former& former) { return now() >= former.until; });
  if (round_) step_round();
}

void Follower::on_swarm_ready() {
  const auto looking = round_ ? round_->looking : std::map<trust::PublicKey, std::string>();
  for (const auto& [key, source] : looking) ask_dht(key);
  if (is_active_) next_put_ = now();
}

// --- What comes

void Follower::on_dht_item(const trust::MutableItem& item, bool is_authoritative) {
  asking_again_.erase(item.key);
  if (is_authoritative) end_lookup(item.key);
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
  const auto& before = publisher().known.head;
  if (before && head->sequence() == before->sequence()) keep_or_log(item);
  // The first nodes to answer may lag behind: only the end of the lookup says that nothing is new.
  if (!is_authoritative && before && head->sequence() <= before->sequence()) return;
  consider(std::move(*head), std::nullopt, source);
}

void Follower::on_anchor(const trust::MutableItem& item, bool is_authoritative) {
  asking_again_.erase(item.key);
  if (is_authoritative) end_lookup(item.key);
  const auto source = source_of(item.key);
  const auto fail = [&](const std::string& problem) {
    if (is_authoritative) answered(source, {publisher().petname, source, 0, false, problem});
  };
  const auto target = trust::read_anchor_item(item);
  if (!target) return fail(target.error().message);
  const auto known = items_.find(item.key);
  if (known == items_.end() || known->second.sequence < item.sequence)
    items_.insert_or_assign(item.key, item);
  if (target->root_version <= publisher().root().version()) {
    if (is_authoritative) answered(source, {publisher().petname, source, 0, false, ""});
    return;
  }
  if (const auto same = fetches_.find(target->infohash); same != fetches_.end()) {
    // This anchor's own answer comes with the roots.
    if (same->second.anchor != source)
      fail("the roots that it points to are being fetched already");
    return;
  }
  if (fetches_.size() >= kMostOfAll) return fail("too much is being fetched already");
  const auto fetch = std::make_shared<FeedFetch>(
      world_.around,
      FeedFetch::Wanted{target->infohash, release::roots_segments(target->roots.length)}, peers(),
      [this, target = *target, source, alive = std::weak_ptr(alive_)](Result<FeedBytes> bytes) {
        if (alive.lock()) on_roots(target, source, std::move(bytes));
      });
  auto& entry = fetches_[target->infohash];
  entry.fetch = fetch;
  entry.until = now() + kFetchPatience;
  entry.anchor = source;
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
    const auto roots = release::roots_in(*bundle);
    if (!roots) return roots.error();
    if (roots->publisher_id() != id_)
      return Error{ErrorCode::Untrusted, "it points to another publisher's roots"};
    const auto is_new = world_.publishers.offer_roots(id_, *roots, source);
    return is_new ? Result<>(Done{}) : is_new.error();
  }();
  answered(source, {publisher().petname, source, 0, static_cast<bool>(accepted),
                    accepted ? "" : accepted.error().message});
  if (!accepted) return;
  world_.on_news(id_);
  forget_lookups();
  if (round_) ask_dht();
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
  const auto too_many = [&] {
    answered(source, {publisher().petname, source, head.sequence(), false,
                      "too many heads at once, of which the feeds do not come"});
  };
  if (under_way != fetches_.end()) {
    if (!under_way->second.add(head, source)) too_many();
    return;
  }
  // What peers tell takes no place from what stands under the publisher's keys and locations.
  const bool is_told = source.rfind(kPeerSource, 0) == 0;
  const auto told = std::count_if(fetches_.begin(), fetches_.end(),
                                  [](const auto& entry) { return entry.second.is_told; });
  const bool has_room = fetches_.size() < kMostOfAll && (!is_told || told < kMostTold);
  if (!is_verified && !has_room) return too_many();
  const auto fetch = std::make_shared<FeedFetch>(
      world_.around, FeedFetch::Wanted{infohash, release::feed_segments(head), known_bytes()},
      peers(), [this, infohash, alive = std::weak_ptr(alive_)](Result<FeedBytes> bytes) {
        if (alive.lock()) on_fetched(infohash, std::move(bytes));
      });
  auto& entry = fetches_[infohash];
  entry.fetch = fetch;
  entry.until = now() + kFetchPatience;
  entry.is_told = is_told;
  entry.add(head, source);
  fetch->start();
}

bool Follower::Fetch::add(const trust::Head& head, const std::string& source) {
  const auto same = std::find_if(candidates.begin(), candidates.end(), [&](const Candidate& each) {
    return each.head.envelope().raw == head.envelope().raw;
  });
  if (same != candidates.end())
    same->sources.insert(source);
  else if (candidates.size() < kMostCandidates)
    candidates.push_back({head, {source}});
  else
    return false;
  return true;
}

void Follower::on_fetched(const Digest& infohash, Result<FeedBytes> bytes) {
  const auto found = fetches_.find(infohash);
  if (found == fetches_.end()) return;
  const auto candidates = found->second.candidates;
  // Seeds do not find each other in the DHT.
  const auto peers = found->second.fetch->endpoints();
  fetches_.erase(found);
  add_peers(peers);
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
  const auto root_before = publisher().root().version();
  auto verdict = release::judge_feed(publisher().known, head, bytes.feed, bytes.attestations,
                                     around_.world.clock.now());
  const auto accepted = verdict.news
                            ? world_.publishers.accept(id_, std::move(*verdict.news), first)
                            : Result<>(*verdict.error);
  if (!accepted) {
    for (const auto& source : sources) refuse(head, accepted.error(), verdict.fork, source);
    return;
  }
  if (publisher().root().version() != root_before) forget_lookups();
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

}  // namespace owrd::engine
