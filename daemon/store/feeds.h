#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/bytes.h"
#include "daemon/core/digest.h"
#include "daemon/core/result.h"

namespace owrd::store {

class Database;

/// A head that was believed, with what it pins.
struct StoredFeed {
  Bytes head;  ///< The envelope.
  Bytes feed;
  Bytes attestations;         ///< Empty: none.
  std::int64_t accepted = 0;  ///< Unix seconds.
  std::string source;         ///< "dht", "peer 192.0.2.1:6881", "https://…", "bundle", "own"
};

/// What of a listed release can be searched for.
struct SearchableRelease {
  std::uint64_t record;
  std::string model;
  std::string version;
  std::string license;
  std::string summary;
};

struct SearchHit {
  Digest publisher_id;
  std::uint64_t record;
};

/// A root as it came.
struct RootSighting {
  std::int64_t seen;  ///< Unix seconds; 0 when it is not known.
  std::string source;
};

/// Two signed objects of which only one can be true.
struct StoredEvidence {
  std::string kind;
  std::string detail;
  std::string source;
  std::int64_t found = 0;
  std::uint64_t root_version = 0;  ///< The newest that was known then.
  Bytes first;
  Bytes second;
};

/// The part of the store that holds what publishers say: roots, heads, feeds and contradictions.
/// As Store: one thread; every change is one transaction, durable when it returns.
class Feeds {
 public:
  explicit Feeds(Database& database) : database_(database) {}

  struct Accepted {
    /// Those that the store has not, in order.
    std::vector<Bytes> new_roots = {};
    /// Nothing: only the roots.
    std::optional<StoredFeed> feed = {};
    /// The head and the feed go: a new root has given the head key to another.
    bool forgets_feed = false;
    /// Of the feed's releases those that are not indexed yet; or all of them, and the others go.
    std::vector<SearchableRelease> releases = {};
    bool reindexes = false;
  };
  /// All of it or nothing. NotFound when the publisher is not pinned.
  Result<> accept(const Digest& publisher_id, const Accepted& accepted, std::int64_t now,
                  const std::string& source);
  Result<std::optional<StoredFeed>> find(const Digest& publisher_id);
  /// Of version 1 first.
  Result<std::vector<RootSighting>> sightings(const Digest& publisher_id);

  /// The releases that have all these words, each as the beginning of one; the best first.
  Result<std::vector<SearchHit>> search(const std::vector<std::string>& words, std::size_t limit);

  /// What is kept already is not kept twice; of one publisher no more than the first 100.
  Result<> add_evidence(const Digest& publisher_id, const StoredEvidence& evidence);
  /// The oldest first.
  Result<std::vector<StoredEvidence>> evidence(const Digest& publisher_id);

 private:
  Database& database_;
};

}  // namespace owrd::store
