#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <concepts>
#include <cstdint>
#include <string>

#include "daemon/core/bytes.h"
#include "daemon/core/digest.h"

namespace owrd::store {

/// One prepared statement, with owrd's types going in and out. Like SQLiteCpp's own it throws
/// SQLite::Exception; only Database::read() and write() call code that uses it.
class Query {
 public:
  Query(SQLite::Database& database, const char* sql) : statement_(database, sql) {}

  /// All parameters, in their order; they are copied.
  template <class... Values>
  Query& bind(const Values&... values) {
    statement_.reset();
    int index = 0;
    (put(++index, values), ...);
    return *this;
  }

  /// False when there is no further row.
  bool next() { return statement_.executeStep(); }
  /// For a statement that returns nothing: the number of rows that it changed.
  int run() { return statement_.exec(); }

  /// Of the current row; the first column is 0. What cannot be read as asked is SQLITE_CORRUPT.
  Digest digest(int column);
  Bytes blob(int column);
  std::string text(int column);
  std::int64_t number(int column);
  /// The same 64 bits.
  std::uint64_t count(int column);
  bool flag(int column) { return number(column) != 0; }

 private:
  void put(int index, ByteView bytes);
  void put(int index, const Digest& digest) { put(index, digest.bytes()); }
  void put(int index, const std::string& text) { statement_.bind(index, text); }
  void put(int index, const char* text) { statement_.bind(index, std::string(text)); }
  template <std::integral Number>
  void put(int index, Number number) {
    statement_.bind(index, static_cast<std::int64_t>(number));
  }

  SQLite::Statement statement_;
};

/// Says that a row is not what owrd wrote.
[[noreturn]] void throw_corrupt(const std::string& what);

}  // namespace owrd::store
