#include "daemon/release/feed_update.h"

#include <algorithm>

#include "daemon/core/units.h"
#include "daemon/release/feed_torrent.h"

namespace owrd::release {
namespace {

/// How far a publisher's clock may be ahead.
constexpr std::int64_t kClockSlackSeconds = 86400;

std::string number(std::uint64_t value) { return std::to_string(value); }

HeadVerdict refused(Error error, std::optional<Fork> fork = {}) {
  return {HeadVerdict::Kind::Refused, std::move(error), std::move(fork)};
}
FeedVerdict refused_feed(Error error, std::optional<Fork> fork = {}) {
  return {std::nullopt, std::move(error), std::move(fork)};
}
HeadVerdict forked(Fork fork) {
  Error error{
      ErrorCode::BadSignature, fork.detail,
      "both are kept: owrd publisher evidence shows them; ask the publisher which is right"};
  return refused(std::move(error), std::move(fork));
}

bool has_same_head_key(const trust::Root& a, const trust::Root& b) {
  return a.head_key() == b.head_key();
}

/// What the known head says, as long as its key still speaks for the publisher.
const trust::Head* head_in_force(const KnownFeed& known, const trust::Root& newest) {
  if (!known.head) return nullptr;
  const auto& signed_by = known.roots.roots()[known.head->root_version() - 1];
  return has_same_head_key(signed_by, newest) ? &*known.head : nullptr;
}

/// By sequences, between heads of one key.
HeadVerdict compare(const trust::Head& before, const trust::Head& head) {
  using Kind = HeadVerdict::Kind;
  if (head.sequence() > before.sequence()) return {Kind::Wanted};
  if (head.sequence() < before.sequence()) return {Kind::Older};
  if (head.envelope().payload == before.envelope().payload) return {Kind::Known};
  return forked({"two heads of one sequence",
                 "the publisher signed two different heads of sequence " + number(head.sequence()),
                 before.envelope().raw, head.envelope().raw});
}

Result<> check_time(const trust::Head& head, std::int64_t now) {
  if (head.issued() <= now + kClockSlackSeconds) return Done{};
  return Error{ErrorCode::InvalidInput,
               "head " + number(head.sequence()) + " was issued on " + format_time(head.issued()) +
                   ", which is still to come: its publisher's clock " + "or this one is wrong",
               "date shows this one"};
}

bool is_file(ByteView bytes, const std::optional<trust::FeedFile>& file) {
  return file ? describe_file(bytes) == *file : bytes.empty();
}

Error does_not_fit(const std::string& what, const trust::Head& head) {
  return {ErrorCode::BadSignature,
          what + " of head " + number(head.sequence()) + " is not the one that it pins",
          "another source may have it: owrd publisher refresh"};
}

}  // namespace

HeadVerdict judge_head(const KnownFeed& known, const trust::Head& head, std::int64_t now) {
  const auto& newest = known.roots.newest();
  if (head.publisher_id() != known.roots.publisher_id())
    return refused({ErrorCode::Untrusted, "the head is of another publisher"});
  if (const auto time = check_time(head, now); !time) return refused(time.error());
  if (head.root_version() > newest.version()) return {HeadVerdict::Kind::Wanted};
  if (head.root_version() < newest.version())
    return refused({ErrorCode::BadSignature, "head " + number(head.sequence()) + " is by root " +
                                                 number(head.root_version()) + ", but root " +
                                                 number(newest.version()) +
                                                 " is known: it is out of date"});
  if (const auto verified = trust::verify_head(head, newest); !verified)
    return refused(verified.error());
  const auto* before = head_in_force(known, newest);
  return before ? compare(*before, head) : HeadVerdict{HeadVerdict::Kind::Wanted};
}

Result<> check_pinned(const trust::Head& head, ByteView feed, ByteView attestations) {
  if (!is_file(feed, head.feed())) return does_not_fit("the feed", head);
  if (!is_file(attestations, head.attestations()))
    return does_not_fit("the list of attestations", head);
  return Done{};
}

RootsVerdict join_roots(const trust::RootChain& known, const trust::RootChain& offered) {
  const auto common = std::min(known.roots().size(), offered.roots().size());
  for (std::size_t i = 0; i < common; ++i) {
    const auto& ours = known.roots()[i];
    const auto& theirs = offered.roots()[i];
    if (ours.payload_digest() == theirs.payload_digest()) continue;
    return {std::nullopt,
            Fork{"two roots of one version",
                 "the publisher signed two different roots of version " + number(i + 1), ours.raw(),
                 theirs.raw()}};
  }
  return {offered.roots().size() > known.roots().size() ? offered : known};
}

FeedVerdict judge_feed(const KnownFeed& known, const trust::Head& head, ByteView bytes,
                       ByteView attestations, std::int64_t now) {
  if (const auto pinned = check_pinned(head, bytes, attestations); !pinned)
    return refused_feed(pinned.error());
  auto feed = Feed::parse(bytes);
  if (!feed) return refused_feed(feed.error());
  if (feed->publisher_id() != known.roots.publisher_id())
    return refused_feed({ErrorCode::Untrusted, "the feed is of another publisher"});
  auto roots = join_roots(known.roots, feed->roots());
  if (!roots.roots) {
    auto verdict = forked(std::move(*roots.fork));
    return refused_feed(std::move(*verdict.error), std::move(verdict.fork));
  }

  KnownFeed with_roots{std::move(*roots.roots), known.head, {}};
  auto verdict = judge_head(with_roots, head, now);
  if (verdict.kind == HeadVerdict::Kind::Refused)
    return refused_feed(std::move(*verdict.error), std::move(verdict.fork));
  const auto& newest = with_roots.roots.newest();
  if (head.root_version() != newest.version() ||
      head.root_version() != feed->roots().newest().version())
    return refused_feed(does_not_fit("the newest root in the feed", head));
  if (head.infohash() != derive_feed_torrent(head.publisher_id(), bytes, attestations).infohash)
    return refused_feed(does_not_fit("the infohash", head));
  if (verdict.kind != HeadVerdict::Kind::Wanted)
    return refused_feed({ErrorCode::AlreadyExists,
                         "head " + number(head.sequence()) + " is not newer than what is known"});

  const bool starts_anew = known.head && !head_in_force(with_roots, newest);
  if (known.feed && !starts_anew && !feed->continues(*known.feed)) {
    auto fork =
        forked({"a feed that does not continue the one before",
                "the feed of head " + number(head.sequence()) +
                    " takes back what the feed of head " + number(known.head->sequence()) + " said",
                known.head->envelope().raw, head.envelope().raw});
    return refused_feed(std::move(*fork.error), std::move(fork.fork));
  }
  return {FeedNews{std::move(with_roots.roots), head, std::move(*feed), to_bytes(attestations),
                   starts_anew}};
}

FreshnessSince freshness_of(const KnownFeed& known, std::int64_t now) {
  if (!known.head) return {Freshness::None, 0};
  const auto& head = *known.head;
  const auto root_expires = known.roots.newest().expires();
  const auto expires = std::min(head.expires(), root_expires);
  const auto stale = std::min(head.issued() + (head.expires() - head.issued()) / 2, expires);
  if (now >= expires) return {Freshness::Expired, expires};
  if (now >= stale) return {Freshness::Stale, stale};
  return {Freshness::Fresh, head.issued()};
}

}  // namespace owrd::release
