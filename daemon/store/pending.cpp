#include <array>
#include <utility>

#include "daemon/store/impl.h"
#include "daemon/store/query.h"
#include "daemon/store/store.h"

namespace owrd::store {
namespace {

using List = std::vector<std::string> PendingGet::*;
constexpr std::array<std::pair<const char*, List>, 5> kLists{{
    {"include", &PendingGet::include},
    {"exclude", &PendingGet::exclude},
    {"peer", &PendingGet::peers},
    {"reuse", &PendingGet::reuse},
    {"allow", &PendingGet::allow},
}};

void add_lists(SQLite::Database& sqlite, const PendingGet& pending) {
  Query query(sqlite,
              "INSERT INTO pending_list (infohash, kind, position, value) VALUES (?, ?, ?, ?)");
  for (const auto& [kind, list] : kLists) {
    const auto& values = pending.*list;
    for (std::size_t i = 0; i < values.size(); ++i)
      query.bind(pending.infohash, kind, i, values[i]).run();
  }
}

void read_lists(SQLite::Database& sqlite, PendingGet& pending) {
  Query query(sqlite,
              "SELECT value FROM pending_list WHERE infohash = ? AND kind = ? ORDER BY position");
  for (const auto& [kind, list] : kLists) {
    query.bind(pending.infohash, kind);
    while (query.next()) (pending.*list).push_back(query.text(0));
  }
}

}  // namespace

Result<> Store::save_pending(const PendingGet& pending) {
  return impl_->database->write(
      "save the transfer of " + pending.infohash.to_hex(), [&](SQLite::Database& sqlite) {
        Query(sqlite, "DELETE FROM pending WHERE infohash = ?").bind(pending.infohash).run();
        const auto seed = pending.seed.value_or(SeedLimit{});
        Query(sqlite,
              "INSERT INTO pending (infohash, magnet, directory, says_seed, ratio_permille, "
              "seed_seconds, added) VALUES (?, ?, ?, ?, ?, ?, ?)")
            .bind(pending.infohash, pending.magnet, pending.directory.string(),
                  pending.seed.has_value(), seed.ratio_permille, seed.seconds, pending.added)
            .run();
        add_lists(sqlite, pending);
        return Result<>(Done{});
      });
}

Result<> Store::remove_pending(const Digest& infohash) {
  return impl_->database->write(
      "remove the transfer of " + infohash.to_hex(), [&](SQLite::Database& sqlite) {
        Query(sqlite, "DELETE FROM pending WHERE infohash = ?").bind(infohash).run();
        return Result<>(Done{});
      });
}

Result<std::vector<PendingGet>> Store::pending() {
  return impl_->database->read("read the transfers", [](SQLite::Database& sqlite) {
    std::vector<PendingGet> all;
    Query query(
        sqlite,
        "SELECT infohash, magnet, directory, says_seed, ratio_permille, seed_seconds, added "
        "FROM pending ORDER BY added, infohash");
    while (query.next()) {
      PendingGet pending{query.digest(0), query.text(1), query.text(2)};
      if (query.flag(3)) pending.seed = SeedLimit{query.count(4), query.count(5)};
      pending.added = query.number(6);
      read_lists(sqlite, pending);
      all.push_back(std::move(pending));
    }
    return Result<std::vector<PendingGet>>(std::move(all));
  });
}

}  // namespace owrd::store
