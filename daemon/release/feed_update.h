#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/core/bytes.h"
#include "daemon/core/result.h"
#include "daemon/release/feed.h"
#include "daemon/trust/head.h"
#include "daemon/trust/root_chain.h"

/// May a head, and the feed that it pins, take the place of what is known of a publisher? Pure: the
/// rules against rollback, freeze, mix-and-match and equivocation (TUF 1.0.34 section 5).
namespace owrd::release {

/// What is known of a publisher: its roots from the day it was pinned, the rest since a head was
/// first believed.
struct KnownFeed {
  trust::RootChain roots;
  std::optional<trust::Head> head = {};
  std::optional<Feed> feed = {};
};

/// Two signed things of which only one can be true: a publisher, or somebody with its keys, says
/// different things to different people.
struct Fork {
  std::string kind;    ///< "two heads of one sequence"
  std::string detail;  ///< One sentence.
  Bytes first;         ///< What was known before.
  Bytes second;
};

/// What becomes of a head that somebody offers.
struct HeadVerdict {
  enum class Kind {
    Known,    ///< It is the one that is known.
    Older,    ///< Nothing new, as a source that lags behind has it.
    Refused,  ///< See `error`.
    Wanted,   ///< Its feed is to be judged next.
  };
  Kind kind;
  std::optional<Error> error = {};
  std::optional<Fork> fork = {};  ///< With some refusals.
};
/// Judges a head before its feed is fetched, by as much as can be known then: one by a root that is
/// not known yet is Wanted. `now` is Unix seconds.
HeadVerdict judge_head(const KnownFeed& known, const trust::Head& head, std::int64_t now);

/// Whether these are the feed and the attestations that the head pins. `attestations` is empty when
/// there are none.
Result<> check_pinned(const trust::Head& head, ByteView feed, ByteView attestations);

/// A head that is believed, with its feed and all roots.
struct FeedNews {
  trust::RootChain roots;
  trust::Head head;
  Feed feed;
  Bytes attestations;
  /// A root has given the head key to somebody else: what the old key said of sequences and records
  /// counts no more (TUF 1.0.34 section 5.3.11).
  bool starts_anew;
};
struct FeedVerdict {
  std::optional<FeedNews> news;  ///< Nothing: see `error`.
  std::optional<Error> error = {};
  std::optional<Fork> fork = {};
};
/// Judges the feed of a head that is Wanted. `attestations` is empty when the head pins none.
FeedVerdict judge_feed(const KnownFeed& known, const trust::Head& head, ByteView feed,
                       ByteView attestations, std::int64_t now);

/// The longer one of two chains of one publisher, of which one continues the other. A Fork when
/// they part; first is always the known one.
struct RootsVerdict {
  std::optional<trust::RootChain> roots;
  std::optional<Fork> fork = {};
};
RootsVerdict join_roots(const trust::RootChain& known, const trust::RootChain& offered);

/// Whether what is known can be relied on as the newest.
enum class Freshness { None, Fresh, Stale, Expired };
struct FreshnessSince {
  Freshness freshness;
  std::int64_t since;  ///< Unix seconds.
};
/// Stale from half of the head's life on: its publisher signs anew each day.
FreshnessSince freshness_of(const KnownFeed& known, std::int64_t now);

}  // namespace owrd::release
