#include "daemon/store/statements.h"

#include "daemon/store/database.h"
#include "daemon/store/query.h"

namespace owrd::store {
namespace {

using Kept = Statements::Kept;

bool contains(SQLite::Database& sqlite, const Digest& id) {
  return Query(sqlite, "SELECT 1 FROM statement WHERE id = ?").bind(id).next();
}

std::uint64_t count(Query& query) {
  query.next();
  return query.count(0);
}

bool has_room(SQLite::Database& sqlite, const StoredStatement& statement,
              const StatementRoom& room) {
  Query of_author(sqlite,
                  "SELECT count(*) FROM statement "
                  "WHERE release_id = ? AND author_key = ? AND is_own = 0");
  if (count(of_author.bind(statement.release_id, statement.author_key)) >= room.of_author)
    return false;
  Query pinned(sqlite, "SELECT 1 FROM mirror WHERE key = ?");
  if (pinned.bind(statement.author_key).next()) return true;
  Query in_all(sqlite,
               "SELECT count(*), coalesce(sum(length(envelope)), 0) FROM statement "
               "WHERE is_own = 0");
  if (count(in_all) >= room.in_all) return false;
  if (in_all.count(1) + statement.envelope.size() > room.bytes) return false;
  Query strangers(sqlite,
                  "SELECT count(*) FROM statement WHERE release_id = ? AND is_own = 0 "
                  "AND author_key NOT IN (SELECT key FROM mirror)");
  return count(strangers.bind(statement.release_id)) < room.of_release;
}

void insert(SQLite::Database& sqlite, const StoredStatement& statement) {
  Query(sqlite,
        "INSERT INTO statement (id, publisher_id, release_id, author_key, is_own, issued, "
        "received, envelope) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(statement.id, statement.publisher_id, statement.release_id, statement.author_key,
            statement.is_own ? 1 : 0, statement.issued, statement.received, statement.envelope)
      .run();
}

constexpr const char* kOfRelease =
    "SELECT id, publisher_id, release_id, author_key, is_own, issued, received, envelope "
    "FROM statement WHERE release_id = ? ORDER BY issued DESC, id";
constexpr const char* kAll =
    "SELECT id, publisher_id, release_id, author_key, is_own, issued, received, envelope "
    "FROM statement ORDER BY issued DESC, id";
constexpr const char* kFirstOfRelease =
    "SELECT envelope FROM statement WHERE release_id = ? "
    "ORDER BY is_own DESC, issued DESC, id LIMIT ?";
constexpr const char* kFirstOfPublisher =
    "SELECT envelope FROM statement WHERE publisher_id = ? "
    "ORDER BY is_own DESC, issued DESC, id LIMIT ?";

Result<std::vector<StoredStatement>> take_all(Query& query) {
  std::vector<StoredStatement> all;
  while (query.next())
    all.push_back({query.digest(0), query.digest(1), query.digest(2), query.blob(3), query.flag(4),
                   query.number(5), query.number(6), query.blob(7)});
  return all;
}

Result<std::vector<Bytes>> take_first(Database& database, const char* sql, const Digest& of,
                                      std::size_t most) {
  return database.read("read statements", [&](SQLite::Database& sqlite) {
    std::vector<Bytes> envelopes;
    Query query(sqlite, sql);
    query.bind(of, most);
    while (query.next()) envelopes.push_back(query.blob(0));
    return Result<std::vector<Bytes>>(std::move(envelopes));
  });
}

}  // namespace

Result<Kept> Statements::save(const StoredStatement& statement, const StatementRoom& room) {
  return database_.write("keep a statement", [&](SQLite::Database& sqlite) -> Result<Kept> {
    if (store::contains(sqlite, statement.id)) {
      if (statement.is_own)
        Query(sqlite, "UPDATE statement SET is_own = 1 WHERE id = ?").bind(statement.id).run();
      return Kept::Known;
    }
    if (!statement.is_own && !has_room(sqlite, statement, room)) return Kept::NoRoom;
    insert(sqlite, statement);
    return Kept::New;
  });
}

Result<bool> Statements::contains(const Digest& id) {
  return database_.read("look for a statement", [&](SQLite::Database& sqlite) {
    return Result<bool>(store::contains(sqlite, id));
  });
}

Result<std::vector<StoredStatement>> Statements::of_release(const Digest& release_id) {
  return database_.read("read the statements on " + release_id.to_hex(),
                        [&](SQLite::Database& sqlite) {
                          Query query(sqlite, kOfRelease);
                          return take_all(query.bind(release_id));
                        });
}

Result<std::vector<StoredStatement>> Statements::all() {
  return database_.read("read the statements", [](SQLite::Database& sqlite) {
    Query query(sqlite, kAll);
    return take_all(query);
  });
}

Result<std::vector<Bytes>> Statements::first_of_release(const Digest& release_id,
                                                        std::size_t most) {
  return take_first(database_, kFirstOfRelease, release_id, most);
}

Result<std::vector<Bytes>> Statements::first_of_publisher(const Digest& publisher_id,
                                                          std::size_t most) {
  return take_first(database_, kFirstOfPublisher, publisher_id, most);
}

Result<std::vector<Statements::Subject>> Statements::subjects() {
  return database_.read("read what statements are of", [](SQLite::Database& sqlite) {
    std::vector<Subject> subjects;
    Query query(sqlite, "SELECT DISTINCT publisher_id, release_id FROM statement");
    while (query.next()) subjects.push_back({query.digest(0), query.digest(1)});
    return Result<std::vector<Subject>>(std::move(subjects));
  });
}

Result<> Statements::remove_release(const Digest& release_id) {
  return database_.write(
      "remove the statements on " + release_id.to_hex(), [&](SQLite::Database& sqlite) -> Result<> {
        Query(sqlite, "DELETE FROM statement WHERE release_id = ?").bind(release_id).run();
        return Done{};
      });
}

}  // namespace owrd::store
