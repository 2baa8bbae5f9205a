#include <string_view>

#include "daemon/store/impl.h"
#include "daemon/store/query.h"

namespace owrd::store {
namespace {

std::vector<Bytes> roots_of(SQLite::Database& sqlite, const Digest& publisher_id) {
  std::vector<Bytes> roots;
  Query query(sqlite,
              "SELECT envelope FROM publisher_root WHERE publisher_id = ? ORDER BY version");
  query.bind(publisher_id);
  while (query.next()) roots.push_back(query.blob(0));
  return roots;
}

PinnedPublisher publisher_at(SQLite::Database& sqlite, Query& row) {
  const Digest id = row.digest(0);
  return {id, row.text(1), row.number(2), roots_of(sqlite, id)};
}

std::optional<PinnedPublisher> one_publisher(SQLite::Database& sqlite, Query& query) {
  if (!query.next()) return std::nullopt;
  return publisher_at(sqlite, query);
}

std::optional<std::string> petname_of(SQLite::Database& sqlite, const Digest& id) {
  Query query(sqlite, "SELECT petname FROM publisher WHERE id = ?");
  if (!query.bind(id).next()) return std::nullopt;
  return query.text(0);
}

bool is_taken(SQLite::Database& sqlite, const std::string& petname) {
  Query query(sqlite, "SELECT 1 FROM publisher WHERE petname = ?");
  return query.bind(petname).next();
}

Error petname_taken(const std::string& petname) {
  return {ErrorCode::AlreadyExists, "the petname \"" + petname + "\" is taken by another publisher",
          "choose another: owrd publisher add FILE --as PETNAME"};
}

Error not_pinned(const Digest& id) {
  return {ErrorCode::NotFound, "no publisher " + id.to_hex() + " is pinned"};
}

}  // namespace

Result<> Store::add_publisher(const PinnedPublisher& publisher) {
  return impl_->database->write(
      "add the publisher " + publisher.petname, [&](SQLite::Database& sqlite) -> Result<> {
        if (const auto petname = petname_of(sqlite, publisher.id))
          return Error{ErrorCode::AlreadyExists, "the publisher " + publisher.id.to_hex() +
                                                     " is pinned already, as " + *petname};
        if (is_taken(sqlite, publisher.petname)) return petname_taken(publisher.petname);

        Query(sqlite, "INSERT INTO publisher (id, petname, pinned) VALUES (?, ?, ?)")
            .bind(publisher.id, publisher.petname, publisher.pinned)
            .run();
        Query root(sqlite,
                   "INSERT INTO publisher_root (publisher_id, version, envelope, seen) "
                   "VALUES (?, ?, ?, ?)");
        for (std::size_t i = 0; i < publisher.roots.size(); ++i)
          root.bind(publisher.id, i + 1, publisher.roots[i], publisher.pinned).run();
        return Done{};
      });
}

Result<> Store::rename_publisher(const Digest& id, const std::string& petname) {
  return impl_->database->write(
      "rename a publisher to " + petname, [&](SQLite::Database& sqlite) -> Result<> {
        const auto before = petname_of(sqlite, id);
        if (!before) return not_pinned(id);
        if (*before != petname && is_taken(sqlite, petname)) return petname_taken(petname);
        Query(sqlite, "UPDATE publisher SET petname = ? WHERE id = ?").bind(petname, id).run();
        Query(sqlite, "UPDATE listed SET petname = ? WHERE publisher_id = ?")
            .bind(petname, id.to_hex())
            .run();
        return Done{};
      });
}

Result<> Store::remove_publisher(const Digest& id) {
  return impl_->database->write(
      "remove the publisher " + id.to_hex(), [&](SQLite::Database& sqlite) -> Result<> {
        const auto petname = petname_of(sqlite, id);
        if (!petname) return not_pinned(id);
        Query owned(sqlite, "SELECT count(*) FROM release WHERE publisher_id = ?");
        owned.bind(id).next();
        if (const auto count = owned.number(0); count != 0)
          return Error{ErrorCode::InvalidInput,
                       "the publisher " + *petname + " has " + std::to_string(count) +
                           (count == 1 ? " release" : " releases") + " in the store",
                       "remove them first: owrd ls, then owrd rm REF"};
        Query(sqlite, "DELETE FROM publisher WHERE id = ?").bind(id).run();
        Query(sqlite, "DELETE FROM listed WHERE publisher_id = ?").bind(id.to_hex()).run();
        return Done{};
      });
}

Result<std::optional<PinnedPublisher>> Store::find_publisher(const Digest& id) {
  return impl_->database->read("read the publisher " + id.to_hex(), [&](SQLite::Database& sqlite) {
    Query query(sqlite, "SELECT id, petname, pinned FROM publisher WHERE id = ?");
    return Result<std::optional<PinnedPublisher>>(one_publisher(sqlite, query.bind(id)));
  });
}

Result<std::optional<PinnedPublisher>> Store::find_publisher(const std::string& petname) {
  return impl_->database->read("read the publisher " + petname, [&](SQLite::Database& sqlite) {
    Query query(sqlite, "SELECT id, petname, pinned FROM publisher WHERE petname = ?");
    return Result<std::optional<PinnedPublisher>>(one_publisher(sqlite, query.bind(petname)));
  });
}

Result<std::vector<PinnedPublisher>> Store::publishers() {
  return impl_->database->read("read the publishers", [](SQLite::Database& sqlite) {
    std::vector<PinnedPublisher> all;
    Query query(sqlite, "SELECT id, petname, pinned FROM publisher ORDER BY petname");
    while (query.next()) all.push_back(publisher_at(sqlite, query));
    return Result<std::vector<PinnedPublisher>>(std::move(all));
  });
}

}  // namespace owrd::store
