#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Transaction.h>

#include <filesystem>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "daemon/core/result.h"

namespace owrd::store {

/// The SQL of each version of the schema, first to last: step n brings version n to version n + 1,
/// and an empty database is version 0.
std::vector<const char*> schema_steps();

/// The database file, open, and of the newest schema. SQLite's exceptions end here.
class Database {
 public:
  /// `directory` names the store in errors. Config when the file is of a newer schema than `steps`
  /// know.
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file,
                                                const std::filesystem::path& directory,
                                                const std::vector<const char*>& steps);

  /// Calls `work(SQLite::Database&)`, which returns a Result. `doing` completes "could not ".
  template <class Work>
  std::invoke_result_t<Work, SQLite::Database&> read(const std::string& doing, Work work) {
    try {
      return work(sqlite_);
    } catch (const SQLite::Exception& exception) {
      return error_of(exception, doing);
    }
  }

  /// Likewise, as one transaction: committed and on disk when it returns success, else without any
  /// effect.
  template <class Work>
  std::invoke_result_t<Work, SQLite::Database&> write(const std::string& doing, Work work) {
    return read(doing, [&work](SQLite::Database& sqlite) {
      SQLite::Transaction transaction(sqlite, SQLite::TransactionBehavior::IMMEDIATE);
      auto result = work(sqlite);
      if (result) transaction.commit();
      return result;
    });
  }

 private:
  Database(const std::filesystem::path& file, std::filesystem::path directory);
  Result<> prepare(const std::vector<const char*>& steps);
  Error error_of(const SQLite::Exception& exception, const std::string& doing);

  std::filesystem::path directory_;
  SQLite::Database sqlite_;
};

}  // namespace owrd::store
