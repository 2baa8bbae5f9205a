#include "daemon/store/mirrors.h"

#include "daemon/store/database.h"
#include "daemon/store/query.h"

namespace owrd::store {
namespace {

bool has_room(SQLite::Database& sqlite, const StoredAttestation& attestation,
              std::size_t most_strangers) {
  Query known(sqlite,
              "SELECT 1 FROM mirror WHERE key = ?1 UNION ALL "
              "SELECT 1 FROM attestation WHERE release_id = ?2 AND mirror_key = ?1");
  if (known.bind(attestation.mirror_key, attestation.release_id).next()) return true;
  Query strangers(sqlite,
                  "SELECT count(*) FROM attestation WHERE release_id = ? AND mirror_key NOT IN "
                  "(SELECT key FROM mirror)");
  strangers.bind(attestation.release_id).next();
  return strangers.count(0) < most_strangers;
}

void save(SQLite::Database& sqlite, const StoredAttestation& attestation) {
  Query(sqlite,
        "INSERT INTO attestation (release_id, mirror_key, verified, expires, envelope) "
        "VALUES (?, ?, ?, ?, ?) ON CONFLICT (release_id, mirror_key) DO UPDATE SET "
        "verified = excluded.verified, expires = excluded.expires, envelope = excluded.envelope "
        "WHERE excluded.verified > attestation.verified")
      .bind(attestation.release_id, attestation.mirror_key, attestation.verified,
            attestation.expires, attestation.envelope)
      .run();
}

}  // namespace

Result<> Mirrors::add(const PinnedMirror& mirror) {
  return database_.write(
      "pin the mirror " + mirror.name, [&](SQLite::Database& sqlite) -> Result<> {
        Query taken(sqlite, "SELECT name FROM mirror WHERE name = ? OR key = ?");
        if (taken.bind(mirror.name, mirror.key).next())
          return Error{ErrorCode::AlreadyExists,
                       taken.text(0) == mirror.name
                           ? "a mirror \"" + mirror.name + "\" is pinned already"
                           : "this mirror is pinned already, as " + taken.text(0),
                       "owrd mirror ls"};
        Query(sqlite, "INSERT INTO mirror (key, name, pinned) VALUES (?, ?, ?)")
            .bind(mirror.key, mirror.name, mirror.pinned)
            .run();
        return Done{};
      });
}

Result<> Mirrors::remove(const std::string& name) {
  return database_.write("remove the mirror " + name, [&](SQLite::Database& sqlite) -> Result<> {
    if (Query(sqlite, "DELETE FROM mirror WHERE name = ?").bind(name).run() != 0) return Done{};
    return Error{ErrorCode::NotFound, "no mirror \"" + name + "\" is pinned here",
                 "owrd mirror ls"};
  });
}

Result<std::vector<PinnedMirror>> Mirrors::all() {
  return database_.read("read the mirrors", [](SQLite::Database& sqlite) {
    std::vector<PinnedMirror> all;
    Query query(sqlite, "SELECT key, name, pinned FROM mirror ORDER BY name");
    while (query.next()) all.push_back({query.blob(0), query.text(1), query.number(2)});
    return Result<std::vector<PinnedMirror>>(std::move(all));
  });
}

Result<> Mirrors::save_attestations(const std::vector<StoredAttestation>& attestations,
                                    std::size_t most_strangers) {
  return database_.write("keep attestations", [&](SQLite::Database& sqlite) -> Result<> {
    for (const auto& each : attestations)
      if (has_room(sqlite, each, most_strangers)) save(sqlite, each);
    return Done{};
  });
}

Result<std::vector<StoredAttestation>> Mirrors::attestations(const Digest& release_id,
                                                             std::int64_t now) {
  return database_.read("read the attestations of " + release_id.to_hex(), [&](SQLite::Database&
                                                                                   sqlite) {
    std::vector<StoredAttestation> all;
    Query query(sqlite,
                "SELECT mirror_key, verified, expires, envelope FROM "
                "attestation WHERE release_id = ? AND expires > ? "
                "ORDER BY verified DESC, mirror_key");
    query.bind(release_id, now);
    while (query.next())
      all.push_back({release_id, query.blob(0), query.number(1), query.number(2), query.blob(3)});
    return Result<std::vector<StoredAttestation>>(std::move(all));
  });
}

Result<std::vector<StoredAttestation>> Mirrors::attestations_of_pinned(std::int64_t now) {
  return database_.read("read the attestations", [&](SQLite::Database& sqlite) {
    std::vector<StoredAttestation> all;
    Query query(sqlite,
                "SELECT release_id, mirror_key, verified, expires, envelope FROM attestation "
                "WHERE expires > ? AND mirror_key IN (SELECT key FROM mirror) "
                "ORDER BY release_id, mirror_key");
    query.bind(now);
    while (query.next())
      all.push_back(
          {query.digest(0), query.blob(1), query.number(2), query.number(3), query.blob(4)});
    return Result<std::vector<StoredAttestation>>(std::move(all));
  });
}

Result<std::vector<StoredAttestation>> Mirrors::attestations_by(const Bytes& mirror_key,
                                                                std::int64_t now) {
  return database_.read("read the attestations of a mirror", [&](SQLite::Database& sqlite) {
    std::vector<StoredAttestation> all;
    Query query(sqlite,
                "SELECT release_id, verified, expires, envelope FROM attestation "
                "WHERE expires > ? AND mirror_key = ? ORDER BY verified DESC, release_id");
    query.bind(now, mirror_key);
    while (query.next())
      all.push_back({query.digest(0), mirror_key, query.number(1), query.number(2), query.blob(3)});
    return Result<std::vector<StoredAttestation>>(std::move(all));
  });
}

Result<> Mirrors::remove_expired(std::int64_t now) {
  return database_.write("forget old attestations", [&](SQLite::Database& sqlite) -> Result<> {
    Query(sqlite, "DELETE FROM attestation WHERE expires <= ?").bind(now).run();
    return Done{};
  });
}

}  // namespace owrd::store
