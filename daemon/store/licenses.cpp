#include "daemon/store/licenses.h"

#include "daemon/store/database.h"
#include "daemon/store/query.h"

namespace owrd::store {

Result<> Licenses::accept(const AcceptedLicense& license) {
  return database_.write("remember the terms of " + license.ref, [&](SQLite::Database& sqlite) {
    Query(sqlite,
          "INSERT INTO accepted_license (digest, ref, release_id, license, accepted) "
          "VALUES (?, ?, ?, ?, ?) ON CONFLICT (digest) DO NOTHING")
        .bind(license.digest, license.ref, license.release_id, license.license, license.accepted)
        .run();
    return Result<>(Done{});
  });
}

Result<bool> Licenses::is_accepted(const Digest& digest) {
  return database_.read("look for accepted terms", [&](SQLite::Database& sqlite) {
    Query query(sqlite, "SELECT 1 FROM accepted_license WHERE digest = ?");
    return Result<bool>(query.bind(digest).next());
  });
}

Result<std::vector<AcceptedLicense>> Licenses::all() {
  return database_.read("read the accepted terms", [](SQLite::Database& sqlite) {
    std::vector<AcceptedLicense> all;
    Query query(sqlite,
                "SELECT digest, ref, release_id, license, accepted FROM accepted_license "
                "ORDER BY accepted, digest");
    while (query.next())
      all.push_back(
          {query.digest(0), query.text(1), query.digest(2), query.text(3), query.number(4)});
    return Result<std::vector<AcceptedLicense>>(std::move(all));
  });
}

}  // namespace owrd::store
