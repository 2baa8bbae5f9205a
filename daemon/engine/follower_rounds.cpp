// The follower's rounds: all sources are asked for the newest head.

#include <algorithm>
#include <utility>

#include "daemon/engine/follower.h"
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

}  // namespace

void Follower::refresh(std::shared_ptr<RoundObserver> observer) {
  if (round_)
    join_round();
  else
    begin_round();
  round_->observers.push_back(std::move(observer));
}

/// Who has answered may know more by now, and who joins has not heard it.
void Follower::join_round() {
  round_->began = now();
  round_->told.clear();
  ask_dht();
  ask_locations();
}

void Follower::begin_round() {
  round_ = Round{now()};
  ask_dht();
  ask_locations();
}

/// All that are not being asked.
void Follower::ask_dht() {
  if (!around_.settings.swarm.dht()) return;
  for (const auto& locator : publisher().root().locators())
    if (round_->open.insert(source_of(locator)).second) ask_dht(locator);
  for (const auto& anchor : publisher().root().anchors())
    if (round_->open.insert(source_of(anchor)).second) ask_dht(anchor);
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
  round_->looking[locator] = source_of(locator);
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
    if (!round_->open.insert(url).second) continue;
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
  if (!may_say_more(source, answer)) round_->open.erase(source);
  round_->has_good_answer = round_->has_good_answer || answer.is_good();
  const auto told = round_->told.find(source);
  const bool is_told = told != round_->told.end() && told->second.sequence == answer.sequence &&
                       told->second.problem == answer.problem;
  if (is_told) return;
  round_->told.insert_or_assign(source, answer);
  const auto observers = round_->observers;
  for (const auto& observer : observers)
    if (observer->on_answer) observer->on_answer(answer);
}

/// One node of the DHT is not the DHT: what it gave first may be old, and what is still being
/// looked for or fetched newer.
bool Follower::may_say_more(const std::string& source, const SourceAnswer& answer) const {
  for (const auto& [key, looked_for] : round_->looking)
    if (looked_for == source) return true;
  for (const auto& [infohash, fetch] : fetches_)
    for (const auto& candidate : fetch.candidates) {
      const bool is_newer = !answer.is_good() || candidate.head.sequence() > answer.sequence;
      if (is_newer && candidate.sources.count(source) != 0) return true;
    }
  return false;
}

void Follower::end_lookup(const trust::PublicKey& key) {
  asking_again_.erase(key);
  if (round_) round_->looking.erase(key);
}

/// Their keys may be none of the publisher's any more, so that nobody hears of their end.
void Follower::forget_lookups() {
  asking_again_.clear();
  if (!round_) return;
  for (const auto& [key, source] : std::exchange(round_->looking, {})) round_->open.erase(source);
}

void Follower::name_the_silent() {
  const auto silent = round_->open;
  for (const auto& source : silent) {
    const bool is_fetching =
        std::any_of(fetches_.begin(), fetches_.end(), [&source](const auto& entry) {
          const auto& candidates = entry.second.candidates;
          return std::any_of(candidates.begin(), candidates.end(), [&source](const auto& each) {
            return each.sources.count(source) != 0;
          });
        });
    answered(source, {publisher().petname, source, 0, false,
                      is_fetching ? "the feed of the head that it gave has not come in time"
                                  : "it has not answered in time"});
  }
}

void Follower::step_round() {
  if (!asking_again_.empty() && now() >= next_ask_again_) {
    next_ask_again_ = now() + kAskAgain;
    for (const auto& locator : std::exchange(asking_again_, {})) ask_dht(locator);
  }
  if (now() - round_->began >= kRoundPatience) {
    name_the_silent();
    end_round();
  } else if (round_->open.empty()) {
    end_round();
  }
}

void Follower::on_dht_nothing(const trust::PublicKey& locator) {
  if (!round_) return;
  // A lookup among no nodes finds nothing; there may be some soon.
  if (around_.link.dht_nodes() == 0 && now() - round_->began < kDhtPatience) {
    asking_again_.insert(locator);
    next_ask_again_ = now() + kAskAgain;
    return;
  }
  end_lookup(locator);
  const auto source = source_of(locator);
  answered(source, {publisher().petname, source, 0, false, "nothing was found there"});
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

}  // namespace owrd::engine
