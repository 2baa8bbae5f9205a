#include <array>
#include <utility>

#include "daemon/store/impl.h"
#include "daemon/store/query.h"

namespace owrd::store {
namespace {

using List = std::vector<std::string> StoredRelease::*;
constexpr std::array<std::pair<const char*, List>, 6> kLists{{
    {"include", &StoredRelease::include},
    {"exclude", &StoredRelease::exclude},
    {"peer", &StoredRelease::peers},
    {"tracker", &StoredRelease::trackers},
    {"reuse", &StoredRelease::reuse},
    {"allow", &StoredRelease::allow},
}};

constexpr const char* kSelect =
    "SELECT id, publisher_id, model, version, proof, infohash, directory, ownership, intent, "
    "seed_after, "
    "ratio_permille, seed_seconds, super_seeding, added, completed, uploaded, downloaded, reused "
    "FROM release ";

std::string select(const char* condition) { return std::string(kSelect) + condition; }

const char* name_of(Intent intent) {
  switch (intent) {
    case Intent::Get:
      return "get";
    case Intent::Seed:
      return "seed";
    case Intent::Keep:
      return "keep";
    case Intent::Paused:
      return "paused";
  }
  return "";
}

Intent parse_intent(const std::string& name) {
  for (const auto intent : {Intent::Get, Intent::Seed, Intent::Keep, Intent::Paused})
    if (name == name_of(intent)) return intent;
  throw_corrupt("a release has the intent \"" + name + "\"");
}

const char* name_of(Ownership ownership) {
  return ownership == Ownership::Store ? "store" : "given";
}

Ownership parse_ownership(const std::string& name) {
  for (const auto ownership : {Ownership::Store, Ownership::Given})
    if (name == name_of(ownership)) return ownership;
  throw_corrupt("a release has the ownership \"" + name + "\"");
}

void read_lists(SQLite::Database& sqlite, StoredRelease& release) {
  Query query(sqlite,
              "SELECT value FROM release_list WHERE release_id = ? AND kind = ? ORDER BY position");
  for (const auto& [kind, list] : kLists) {
    query.bind(release.release_id, kind);
    while (query.next()) (release.*list).push_back(query.text(0));
  }
}

void replace_lists(SQLite::Database& sqlite, const StoredRelease& release) {
  Query(sqlite, "DELETE FROM release_list WHERE release_id = ?").bind(release.release_id).run();
  Query query(sqlite,
              "INSERT INTO release_list (release_id, kind, position, value) VALUES (?, ?, ?, ?)");
  for (const auto& [kind, list] : kLists) {
    const auto& values = release.*list;
    for (std::size_t i = 0; i < values.size(); ++i)
      query.bind(release.release_id, kind, i, values[i]).run();
  }
}

StoredRelease release_at(SQLite::Database& sqlite, Query& row) {
  StoredRelease release{row.digest(0), row.digest(1), row.text(2), row.text(3),
                        row.blob(4),   row.digest(5), row.text(6)};
  release.ownership = parse_ownership(row.text(7));
  release.intent = parse_intent(row.text(8));
  release.seed_after = row.flag(9);
  release.seed_limit = {row.count(10), row.count(11)};
  release.super_seeding = row.flag(12);
  release.added = row.number(13);
  release.completed = row.number(14);
  release.uploaded = row.count(15);
  release.downloaded = row.count(16);
  release.reused = row.count(17);
  read_lists(sqlite, release);
  return release;
}

Result<std::optional<StoredRelease>> one_release(SQLite::Database& sqlite, Query& query) {
  if (!query.next()) return std::optional<StoredRelease>();
  return std::optional<StoredRelease>(release_at(sqlite, query));
}

bool exists(SQLite::Database& sqlite, const Digest& release_id) {
  Query query(sqlite, "SELECT 1 FROM release WHERE id = ?");
  return query.bind(release_id).next();
}

Error no_release(const Digest& id) {
  return {ErrorCode::NotFound, "no release sha256:" + id.to_hex() + " is in the store"};
}

// Which of the three things that are written once is taken, in words.
Result<> check_free(SQLite::Database& sqlite, const StoredRelease& release) {
  const auto taken = [](const std::string& what) {
    return Error{ErrorCode::AlreadyExists, what + " is in the store already"};
  };
  const std::string label = release.model + ":" + release.version;
  if (exists(sqlite, release.release_id))
    return taken("the release sha256:" + release.release_id.to_hex() + " (" + label + ")");

  Query named(sqlite,
              "SELECT id FROM release WHERE publisher_id = ? AND model = ? AND version = ?");
  if (named.bind(release.publisher_id, release.model, release.version).next())
    return Error{ErrorCode::AlreadyExists,
                 "the version " + label + " of this publisher is in the store already, as sha256:" +
                     named.digest(0).to_hex(),
                 "a version is written once: publish other content under a new version"};

  Query spread(sqlite, "SELECT id FROM release WHERE infohash = ?");
  if (spread.bind(release.infohash).next())
    return taken("the infohash " + release.infohash.to_hex() +
                 " (of sha256:" + spread.digest(0).to_hex() + ")");
  return Done{};
}

Result<> check_pinned(SQLite::Database& sqlite, const Digest& publisher_id) {
  Query query(sqlite, "SELECT 1 FROM publisher WHERE id = ?");
  if (query.bind(publisher_id).next()) return Done{};
  return Error{ErrorCode::NotFound, "no publisher " + publisher_id.to_hex() + " is pinned",
               "pin it first: owrd publisher add FILE"};
}

void insert_release(SQLite::Database& sqlite, const StoredRelease& release) {
  Query(sqlite,
        "INSERT INTO release (id, publisher_id, model, version, proof, infohash, directory, "
        "ownership, intent, "
        "seed_after, ratio_permille, seed_seconds, super_seeding, added, completed, uploaded, "
        "downloaded, reused) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(release.release_id, release.publisher_id, release.model, release.version, release.proof,
            release.infohash, release.directory.native(), name_of(release.ownership),
            name_of(release.intent), release.seed_after, release.seed_limit.ratio_permille,
            release.seed_limit.seconds, release.super_seeding, release.added, release.completed,
            release.uploaded, release.downloaded, release.reused)
      .run();
  replace_lists(sqlite, release);
}

void save_files(SQLite::Database& sqlite, const Digest& release_id,
                const std::vector<StoredFile>& files) {
  Query query(
      sqlite,
      "INSERT OR REPLACE INTO file (release_id, file_index, have, verified, device, inode, size, "
      "modified_ns) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  for (const auto& file : files)
    query
        .bind(release_id, file.index, file.have, file.verified, file.device, file.inode, file.size,
              file.modified_ns)
        .run();
}

}  // namespace

Result<> Store::add_release(const StoredRelease& release, const std::vector<StoredFile>& files) {
  return impl_->database->write(
      "add the release " + release.model + ":" + release.version,
      [&](SQLite::Database& sqlite) -> Result<> {
        if (const auto free = check_free(sqlite, release); !free) return free;
        if (const auto pinned = check_pinned(sqlite, release.publisher_id); !pinned) return pinned;
        insert_release(sqlite, release);
        save_files(sqlite, release.release_id, files);
        return Done{};
      });
}

Result<> Store::update_release(const StoredRelease& release) {
  return impl_->database->write(
      "update the release " + release.model + ":" + release.version,
      [&](SQLite::Database& sqlite) -> Result<> {
        Query query(
            sqlite,
            "UPDATE release SET directory = ?, ownership = ?, intent = ?, seed_after = ?, "
            "ratio_permille = ?, seed_seconds = ?, super_seeding = ?, added = ?, completed = ?, "
            "uploaded = ?, downloaded = ?, reused = ? WHERE id = ?");
        const int changed =
            query
                .bind(release.directory.native(), name_of(release.ownership),
                      name_of(release.intent), release.seed_after,
                      release.seed_limit.ratio_permille, release.seed_limit.seconds,
                      release.super_seeding, release.added, release.completed, release.uploaded,
                      release.downloaded, release.reused, release.release_id)
                .run();
        if (changed == 0) return no_release(release.release_id);
        replace_lists(sqlite, release);
        return Done{};
      });
}

Result<> Store::remove_release(const Digest& release_id) {
  return impl_->database->write("remove the release sha256:" + release_id.to_hex(),
                                [&](SQLite::Database& sqlite) -> Result<> {
                                  Query query(sqlite, "DELETE FROM release WHERE id = ?");
                                  if (query.bind(release_id).run() == 0)
                                    return no_release(release_id);
                                  return Done{};
                                });
}

Result<std::optional<StoredRelease>> Store::find_release(const Digest& release_id) {
  return impl_->database->read("read the release sha256:" + release_id.to_hex(),
                               [&](SQLite::Database& sqlite) {
                                 Query query(sqlite, select("WHERE id = ?").c_str());
                                 return one_release(sqlite, query.bind(release_id));
                               });
}

Result<std::optional<StoredRelease>> Store::find_release(const Digest& publisher_id,
                                                         const std::string& model,
                                                         const std::string& version) {
  return impl_->database->read(
      "read the release " + model + ":" + version, [&](SQLite::Database& sqlite) {
        Query query(sqlite, select("WHERE publisher_id = ? AND model = ? AND version = ?").c_str());
        return one_release(sqlite, query.bind(publisher_id, model, version));
      });
}

Result<std::vector<StoredRelease>> Store::releases() {
  return impl_->database->read("read the releases", [](SQLite::Database& sqlite) {
    std::vector<StoredRelease> all;
    Query query(sqlite, select("ORDER BY added, id").c_str());
    while (query.next()) all.push_back(release_at(sqlite, query));
    return Result<std::vector<StoredRelease>>(std::move(all));
  });
}

Result<std::vector<StoredFile>> Store::files(const Digest& release_id) {
  return impl_->database->read(
      "read the files of sha256:" + release_id.to_hex(), [&](SQLite::Database& sqlite) {
        std::vector<StoredFile> all;
        Query query(sqlite,
                    "SELECT file_index, have, verified, device, inode, size, modified_ns FROM file "
                    "WHERE release_id = ? ORDER BY file_index");
        query.bind(release_id);
        while (query.next())
          all.push_back(StoredFile{static_cast<std::uint32_t>(query.number(0)), query.blob(1),
                                   query.flag(2), query.count(3), query.count(4), query.count(5),
                                   query.number(6)});
        return Result<std::vector<StoredFile>>(std::move(all));
      });
}

Result<> Store::save_progress(const Digest& release_id, const std::vector<StoredFile>& files,
                              std::uint64_t uploaded, std::uint64_t downloaded) {
  return impl_->database->write(
      "save the progress of sha256:" + release_id.to_hex(),
      [&](SQLite::Database& sqlite) -> Result<> {
        Query query(sqlite, "UPDATE release SET uploaded = ?, downloaded = ? WHERE id = ?");
        if (query.bind(uploaded, downloaded, release_id).run() == 0) return no_release(release_id);
        save_files(sqlite, release_id, files);
        return Done{};
      });
}

}  // namespace owrd::store
