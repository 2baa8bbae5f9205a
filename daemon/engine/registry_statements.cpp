// The registry's statements: what others than their publishers say of releases.

#include <algorithm>
#include <utility>

#include "daemon/engine/registry.h"

namespace owrd::engine {
namespace {

/// How far an author's clock may be ahead.
constexpr std::int64_t kClockSlackSeconds = 86400;
/// Told to each peer, beside a head and at most 32 attestations: a connection carries 64 objects in
/// its life, and news must fit as well.
constexpr std::size_t kMostTold = 24;
constexpr auto kHandingOnInterval = std::chrono::seconds(30);
constexpr auto kForgettingInterval = std::chrono::hours(1);
constexpr auto kNoRoomInterval = std::chrono::hours(1);

store::StoredStatement stored_of(const trust::Statement& statement, bool is_own, std::int64_t now) {
  return {statement.id(),
          statement.publisher_id(),
          statement.release_id(),
          to_bytes(statement.author_key().bytes()),
          is_own,
          statement.issued(),
          now,
          statement.raw()};
}

}  // namespace

std::optional<std::string> Registry::name_of(const Digest& publisher_id,
                                             const Digest& release_id) const {
  const auto* publisher = publishers_.find(publisher_id);
  if (!publisher) return std::nullopt;
  const auto& feed = publisher->known.feed;
  if (const auto* listed = feed ? feed->find(release_id) : nullptr)
    return publisher->petname + "/" + listed->model + ":" + listed->version;
  const auto held = releases_.find(release_id);
  if (!held || held->publisher_id != publisher_id) return std::nullopt;
  return held->ref;
}

Result<> Registry::check_statement(const trust::Statement& statement) const {
  if (!publishers_.find(statement.publisher_id()))
    return Error{ErrorCode::NotFound,
                 "the statement is on a release of publisher " + statement.publisher_id().to_hex() +
                     ", who is not pinned here",
                 "owrd publisher add URL|FILE pins a publisher"};
  if (!name_of(statement.publisher_id(), statement.release_id()))
    return Error{ErrorCode::NotFound,
                 "the statement is on the release " + statement.release_id().to_hex() +
                     ", which is neither here nor listed by its publisher",
                 "owrd publisher refresh asks for the newest of the publisher's feed"};
  if (statement.issued() > now() + kClockSlackSeconds)
    return Error{ErrorCode::InvalidInput, "the statement was issued more than a day after now",
                 "the clock of this machine or its author's is wrong"};
  return Done{};
}

StatementView Registry::describe(trust::Statement statement,
                                 const std::vector<MirrorView>& pinned) const {
  StatementView view{std::move(statement)};
  const auto& what = view.statement;
  const auto name = name_of(what.publisher_id(), what.release_id());
  view.ref = name ? *name : "@sha256:" + what.release_id().to_hex();
  const auto author = std::find_if(pinned.begin(), pinned.end(), [&](const MirrorView& mirror) {
    return mirror.key == what.author_key();
  });
  if (author != pinned.end()) view.pinned_as = author->name;
  return view;
}

Result<StatementView> Registry::submit_statement(ByteView envelope) {
  auto statement = trust::Statement::verify(envelope);
  if (!statement) return statement.error();
  if (const auto fits = check_statement(*statement); !fits) return fits.error();
  const auto pinned = mirrors();
  if (!pinned) return pinned.error();
  const auto kept = around_.world.store.statements().save(
      stored_of(*statement, /*is_own=*/true, now()), store::StatementRoom());
  if (!kept) return kept.error();
  tell_peers_of(statement->publisher_id());
  return describe(std::move(*statement), *pinned);
}

Result<std::vector<StatementView>> Registry::statements(const std::optional<Digest>& release_id) {
  auto& store = around_.world.store.statements();
  const auto stored = release_id ? store.of_release(*release_id) : store.all();
  if (!stored) return stored.error();
  const auto pinned = mirrors();
  if (!pinned) return pinned.error();
  std::vector<StatementView> views;
  for (const auto& each : *stored) {
    auto statement = trust::Statement::verify(each.envelope);
    if (!statement) return statement.error();
    views.push_back(describe(std::move(*statement), *pinned));
  }
  return views;
}

/// Strangers can neither fill the store with releases that nobody here knows, nor hurry.
void Registry::hear(const std::string& peer, const trust::Statement& statement) {
  if (!check_statement(statement)) return;
  auto& store = around_.world.store.statements();
  const auto known = store.contains(statement.id());
  if (!known) return around_.world.log(known.error().message);
  if (*known || !statement_budget_.take(peer, around_.world.clock.steady_now())) return;
  const auto kept =
      store.save(stored_of(statement, /*is_own=*/false, now()), store::StatementRoom());
  if (!kept) return around_.world.log(kept.error().message);
  if (*kept == store::Statements::Kept::New) untold_.insert(statement.publisher_id());
  if (*kept == store::Statements::Kept::NoRoom) log_no_room(statement);
}

/// Once in a while: who floods the store is not to flood the log.
void Registry::log_no_room(const trust::Statement& statement) {
  const auto steady_now = around_.world.clock.steady_now();
  if (steady_now < next_no_room_) return;
  next_no_room_ = steady_now + kNoRoomInterval;
  const auto name = name_of(statement.publisher_id(), statement.release_id());
  around_.world.log("a statement on " + name.value_or("a release") +
                    " is not kept: what others say has no more room here");
}

void Registry::tell_peers_of(const Digest& publisher_id) {
  releases_.on_news(publisher_id);
  if (auto* follower = following_.find(publisher_id)) follower->tell();
}

void Registry::hand_on_statements() {
  const auto steady_now = around_.world.clock.steady_now();
  if (untold_.empty() || steady_now < next_telling_) return;
  next_telling_ = steady_now + kHandingOnInterval;
  for (const auto& id : std::exchange(untold_, {})) tell_peers_of(id);
}

/// What is said of releases that nobody here knows any more. A publisher that could not be read may
/// be read again.
void Registry::forget_statements() {
  const auto steady_now = around_.world.clock.steady_now();
  if (steady_now < next_forgetting_) return;
  next_forgetting_ = steady_now + kForgettingInterval;
  auto& store = around_.world.store.statements();
  const auto subjects = store.subjects();
  if (!subjects) return around_.world.log(subjects.error().message);
  for (const auto& subject : *subjects) {
    if (publishers_.faults().count(subject.publisher_id) != 0) continue;
    if (name_of(subject.publisher_id, subject.release_id)) continue;
    if (const auto removed = store.remove_release(subject.release_id); !removed)
      around_.world.log(removed.error().message);
  }
}

void Registry::add_statements(const Result<std::vector<Bytes>>& statements,
                              std::vector<Bytes>& objects) {
  if (!statements) return around_.world.log(statements.error().message);
  objects.insert(objects.end(), statements->begin(), statements->end());
}

void Registry::add_statements_on(const Digest& release_id, std::vector<Bytes>& objects) {
  add_statements(around_.world.store.statements().first_of_release(release_id, kMostTold), objects);
}

std::vector<Bytes> Registry::objects_for_feed(const Digest& publisher_id) {
  auto objects = own_attestations(publisher_id);
  add_statements(around_.world.store.statements().first_of_publisher(publisher_id, kMostTold),
                 objects);
  return objects;
}

}  // namespace owrd::engine
