#include "daemon/store/feeds.h"

#include "daemon/store/database.h"
#include "daemon/store/query.h"

namespace owrd::store {
namespace {

constexpr std::uint64_t kMostEvidence = 100;

bool is_pinned(SQLite::Database& sqlite, const Digest& publisher_id) {
  Query query(sqlite, "SELECT 1 FROM publisher WHERE id = ?");
  return query.bind(publisher_id).next();
}

void append_roots(SQLite::Database& sqlite, const Digest& publisher_id,
                  const std::vector<Bytes>& roots, std::int64_t now, const std::string& source) {
  Query last(sqlite, "SELECT coalesce(max(version), 0) FROM publisher_root WHERE publisher_id = ?");
  last.bind(publisher_id).next();
  auto version = last.number(0);
  Query add(sqlite,
            "INSERT INTO publisher_root (publisher_id, version, envelope, seen, source) "
            "VALUES (?, ?, ?, ?, ?)");
  for (const auto& root : roots) add.bind(publisher_id, ++version, root, now, source).run();
}

void save_feed(SQLite::Database& sqlite, const Digest& publisher_id, const StoredFeed& feed) {
  Query(sqlite,
        "INSERT OR REPLACE INTO feed (publisher_id, head, feed, attestations, accepted, source) "
        "VALUES (?, ?, ?, ?, ?, ?)")
      .bind(publisher_id, feed.head, feed.feed, feed.attestations, feed.accepted, feed.source)
      .run();
}

void index(SQLite::Database& sqlite, const Digest& publisher_id,
           const std::vector<SearchableRelease>& releases) {
  Query name(sqlite, "SELECT petname FROM publisher WHERE id = ?");
  name.bind(publisher_id).next();
  const auto petname = name.text(0);
  const auto id = publisher_id.to_hex();
  Query add(sqlite,
            "INSERT INTO listed (petname, model, version, license, summary, publisher_id, record) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)");
  for (const auto& each : releases)
    add.bind(petname, each.model, each.version, each.license, each.summary, id, each.record).run();
}

/// In FTS5's language: all of these strings, whatever is in them, each a beginning.
std::string match_of(const std::vector<std::string>& words) {
  std::string match;
  for (const auto& word : words) {
    match += match.empty() ? "\"" : " AND \"";
    for (const char c : word) match += c == '"' ? std::string("\"\"") : std::string(1, c);
    match += "\" *";
  }
  return match;
}

}  // namespace

Result<> Feeds::accept(const Digest& publisher_id, const Accepted& accepted, std::int64_t now,
                       const std::string& source) {
  return database_.write(
      "accept what the publisher " + publisher_id.to_hex() + " says",
      [&](SQLite::Database& sqlite) -> Result<> {
        if (!is_pinned(sqlite, publisher_id))
          return Error{ErrorCode::NotFound, "no publisher " + publisher_id.to_hex() + " is pinned"};
        append_roots(sqlite, publisher_id, accepted.new_roots, now, source);
        if (accepted.forgets_feed)
          Query(sqlite, "DELETE FROM feed WHERE publisher_id = ?").bind(publisher_id).run();
        if (accepted.feed) save_feed(sqlite, publisher_id, *accepted.feed);
        if (accepted.reindexes || accepted.forgets_feed)
          Query(sqlite, "DELETE FROM listed WHERE publisher_id = ?")
              .bind(publisher_id.to_hex())
              .run();
        index(sqlite, publisher_id, accepted.releases);
        return Done{};
      });
}

Result<std::optional<StoredFeed>> Feeds::find(const Digest& publisher_id) {
  return database_.read("read the feed of " + publisher_id.to_hex(), [&](SQLite::Database& sqlite) {
    Query query(sqlite,
                "SELECT head, feed, attestations, accepted, source FROM feed "
                "WHERE publisher_id = ?");
    if (!query.bind(publisher_id).next()) return Result<std::optional<StoredFeed>>(std::nullopt);
    return Result<std::optional<StoredFeed>>(
        StoredFeed{query.blob(0), query.blob(1), query.blob(2), query.number(3), query.text(4)});
  });
}

Result<std::vector<RootSighting>> Feeds::sightings(const Digest& publisher_id) {
  return database_.read(
      "read the roots of " + publisher_id.to_hex(), [&](SQLite::Database& sqlite) {
        std::vector<RootSighting> all;
        Query query(
            sqlite,
            "SELECT seen, source FROM publisher_root WHERE publisher_id = ? ORDER BY version");
        query.bind(publisher_id);
        while (query.next()) all.push_back({query.number(0), query.text(1)});
        return Result<std::vector<RootSighting>>(std::move(all));
      });
}

Result<std::vector<SearchHit>> Feeds::search(const std::vector<std::string>& words,
                                             std::size_t limit) {
  return database_.read(
      "search the feeds", [&](SQLite::Database& sqlite) -> Result<std::vector<SearchHit>> {
        std::vector<SearchHit> hits;
        Query query(sqlite,
                    "SELECT publisher_id, record FROM listed WHERE listed MATCH ? "
                    "ORDER BY rank LIMIT ?");
        query.bind(match_of(words), limit);
        while (query.next()) {
          const auto id = Digest::from_hex(query.text(0));
          if (!id) throw_corrupt("a publisher's id in the search index");
          hits.push_back({*id, query.count(1)});
        }
        return hits;
      });
}

Result<> Feeds::add_evidence(const Digest& publisher_id, const StoredEvidence& evidence) {
  return database_.write(
      "keep evidence about " + publisher_id.to_hex(), [&](SQLite::Database& sqlite) -> Result<> {
        Query kept(sqlite, "SELECT count(*) FROM evidence WHERE publisher_id = ?");
        kept.bind(publisher_id).next();
        if (kept.count(0) >= kMostEvidence) return Done{};
        Query(sqlite,
              "INSERT OR IGNORE INTO evidence (publisher_id, kind, detail, source, found, "
              "root_version, first, second) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
            .bind(publisher_id, evidence.kind, evidence.detail, evidence.source, evidence.found,
                  evidence.root_version, evidence.first, evidence.second)
            .run();
        return Done{};
      });
}

Result<std::vector<StoredEvidence>> Feeds::evidence(const Digest& publisher_id) {
  return database_.read(
      "read the evidence about " + publisher_id.to_hex(), [&](SQLite::Database& sqlite) {
        std::vector<StoredEvidence> all;
        Query query(sqlite,
                    "SELECT kind, detail, source, found, root_version, first, second FROM evidence "
                    "WHERE publisher_id = ? ORDER BY found, rowid");
        query.bind(publisher_id);
        while (query.next())
          all.push_back({query.text(0), query.text(1), query.text(2), query.number(3),
                         query.count(4), query.blob(5), query.blob(6)});
        return Result<std::vector<StoredEvidence>>(std::move(all));
      });
}

}  // namespace owrd::store
