#pragma once

#include <cstdint>
#include <vector>

#include "daemon/core/bytes.h"
#include "daemon/core/digest.h"
#include "daemon/core/result.h"

namespace owrd::store {

class Database;

/// What somebody says of a release: the envelope, and what it is found by.
struct StoredStatement {
  Digest id;  ///< SHA-256 of the payload.
  Digest publisher_id;
  Digest release_id;
  Bytes author_key;         ///< Ed25519, 32 bytes.
  bool is_own = false;      ///< It was made here.
  std::int64_t issued = 0;  ///< Unix seconds, as its author says.
  std::int64_t received = 0;
  Bytes envelope;
};

/// How much is kept of what was not made here. For authors whose keys are pinned as mirrors' the
/// first limit counts alone.
struct StatementRoom {
  std::size_t of_author = 5;  ///< On one release.
  std::size_t of_release = 200;
  std::size_t in_all = 4096;
  std::uint64_t bytes = 16ull * 1024 * 1024;
};

/// The part of the store that holds statements. As Store: one thread; every change is one
/// transaction, durable when it returns.
class Statements {
 public:
  explicit Statements(Database& database) : database_(database) {}

  enum class Kept { New, Known, NoRoom };
  /// One that is here already is left as it is, and becomes one's own if it comes as such. Without
  /// room nothing makes way for a newcomer: whoever floods cannot drive out what was said before.
  /// What is one's own always has room.
  Result<Kept> save(const StoredStatement& statement, const StatementRoom& room);
  Result<bool> contains(const Digest& id);

  /// The newest first.
  Result<std::vector<StoredStatement>> of_release(const Digest& release_id);
  Result<std::vector<StoredStatement>> all();
  /// The envelopes of what is one's own, then of the newest.
  Result<std::vector<Bytes>> first_of_release(const Digest& release_id, std::size_t most);
  Result<std::vector<Bytes>> first_of_publisher(const Digest& publisher_id, std::size_t most);

  /// What statements are of.
  struct Subject {
    Digest publisher_id;
    Digest release_id;
  };
  Result<std::vector<Subject>> subjects();
  Result<> remove_release(const Digest& release_id);

 private:
  Database& database_;
};

}  // namespace owrd::store
