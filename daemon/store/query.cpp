#include "daemon/store/query.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

namespace owrd::store {

Digest Query::digest(int column) {
  const auto digest = Digest::from_bytes(blob(column));
  if (!digest) throw_corrupt(digest.error().message);
  return *digest;
}

Bytes Query::blob(int column) { return to_bytes(as_bytes(text(column))); }

std::string Query::text(int column) { return statement_.getColumn(column).getString(); }

std::int64_t Query::number(int column) { return statement_.getColumn(column).getInt64(); }

std::uint64_t Query::count(int column) { return static_cast<std::uint64_t>(number(column)); }

void Query::put(int index, ByteView bytes) {
  // SQLite takes a null pointer for NULL, and an empty vector has one.
  const void* start = bytes.empty() ? static_cast<const void*>("") : bytes.data();
  statement_.bind(index, start, static_cast<int>(bytes.size()));
}

void throw_corrupt(const std::string& what) { throw SQLite::Exception(what, SQLITE_CORRUPT); }

}  // namespace owrd::store
