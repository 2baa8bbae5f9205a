#include "daemon/store/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "daemon/core/text.h"
#include "daemon/store/directory.h"
#include "daemon/store/query.h"

namespace owrd::store {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kApplicationId =
    0x4f575244;  // "OWRD", for file(1) and for telling our files from others'
// Others may look into the database with sqlite3(1) while the daemon runs.
constexpr std::chrono::milliseconds kBusyTimeout{5000};

std::int64_t number_of(SQLite::Database& sqlite, const char* sql) {
  Query query(sqlite, sql);
  return query.next() ? query.number(0) : 0;
}

bool is_ours_or_new(SQLite::Database& sqlite) {
  const auto id = number_of(sqlite, "PRAGMA application_id");
  if (id == kApplicationId) return true;
  return id == 0 && number_of(sqlite, "SELECT count(*) FROM sqlite_schema") == 0;
}

// SQLite gives its side files (-wal, -shm) the mode of the database, so that decides for all three.
int make_private_file(const fs::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return errno;
  ::close(descriptor);
  return 0;
}

}  // namespace

Database::Database(const fs::path& file, fs::path directory)
    : directory_(std::move(directory)),
      sqlite_(file.native(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOFOLLOW,
              static_cast<int>(kBusyTimeout.count())) {}

Result<std::unique_ptr<Database>> Database::open(const fs::path& file, const fs::path& directory,
                                                 const std::vector<const char*>& steps) {
  if (const int number = make_private_file(file); number != 0)
    return store_error(directory, "open " + file.filename().string(), number);
  try {
    std::unique_ptr<Database> database(new Database(file, directory));
    const auto prepared =
        database->read("open " + file.filename().string(),
                       [&](SQLite::Database&) { return database->prepare(steps); });
    if (!prepared) return prepared.error();
    return database;
  } catch (const SQLite::Exception& exception) {
    return Error{ErrorCode::Io, "store " + directory.string() + ": could not open " +
                                    file.filename().string() + ": " + exception.what()};
  }
}

Result<> Database::prepare(const std::vector<const char*>& steps) {
  if (!is_ours_or_new(sqlite_))
    return Error{ErrorCode::Corrupt,
                 "store " + directory_.string() + ": owrd.db is a database of another program"};
  const auto version = number_of(sqlite_, "PRAGMA user_version");
  const auto known = static_cast<std::int64_t>(steps.size());
  if (version > known)
    return Error{ErrorCode::Config,
                 "store " + directory_.string() + ": its database is version " +
                     std::to_string(version) + ", of a newer owrd; this owrd (" + OWRD_VERSION +
                     ") knows versions up to " + std::to_string(known),
                 "upgrade owrd, or give this one another store: OWRD_STORE=DIR"};

  // WAL with FULL: a commit is one fsync of the log, and what was committed outlives a power cut.
  sqlite_.exec(
      "PRAGMA journal_mode = WAL;"
      "PRAGMA synchronous = FULL;"
      "PRAGMA journal_size_limit = 16777216;"
      "PRAGMA foreign_keys = ON;"
      "PRAGMA trusted_schema = OFF");
  if (version == known) return Done{};
  return write("bring its database to version " + std::to_string(known),
               [&](SQLite::Database& sqlite) -> Result<> {
                 for (auto step = version; step < known; ++step)
                   sqlite.exec(steps[static_cast<std::size_t>(step)]);
                 sqlite.exec("PRAGMA application_id = " + std::to_string(kApplicationId));
                 sqlite.exec("PRAGMA user_version = " + std::to_string(known));
                 return Done{};
               });
}

Error Database::error_of(const SQLite::Exception& exception, const std::string& doing) {
  const std::string message =
      "store " + directory_.string() + ": could not " + doing + ": " + exception.what();
  const int cause = sqlite3_system_errno(sqlite_.getHandle());
  switch (exception.getErrorCode()) {
    case SQLITE_FULL:
      return {ErrorCode::NoSpace, message, "make room there: df -h " + directory_.string()};
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      if (cause != 0) return store_error(directory_, doing, cause);
      return {ErrorCode::Io, message};
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      return {ErrorCode::Denied, message,
              "see who may: ls -ld " + shell_quote(directory_.string()) + " " +
                  shell_quote((directory_ / "owrd.db").string())};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {ErrorCode::Corrupt, message,
              "stop owrdd, move " + directory_.string() +
                  "/owrd.db* away and start it again; then pin the publishers, and take in the "
                  "releases that are on disk: owrd seed DIR"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorCode::Busy, message,
              "end the other program that holds the database: fuser " + directory_.string() +
                  "/owrd.db"};
    default:
      return {ErrorCode::Internal, message};
  }
}

}  // namespace owrd::store
