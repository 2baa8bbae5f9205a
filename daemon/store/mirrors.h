#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/bytes.h"
#include "daemon/core/digest.h"
#include "daemon/core/result.h"

namespace owrd::store {

class Database;

/// A mirror whose attestations count here.
struct PinnedMirror {
  Bytes key;  ///< Ed25519, 32 bytes.
  std::string name;
  std::int64_t pinned = 0;  ///< Unix seconds.
};

struct StoredAttestation {
  Digest release_id;
  Bytes mirror_key;
  std::int64_t verified = 0;
  std::int64_t expires = 0;
  Bytes envelope;
};

/// The part of the store that holds mirrors and what they attest. As Store: one thread; every
/// change is one transaction, durable when it returns.
class Mirrors {
 public:
  explicit Mirrors(Database& database) : database_(database) {}

  /// AlreadyExists when the name or the key is taken.
  Result<> add(const PinnedMirror& mirror);
  Result<> remove(const std::string& name);
  /// By name.
  Result<std::vector<PinnedMirror>> all();

  /// Each replaces an earlier one of the same mirror and release; an older one changes nothing. Of
  /// mirrors that are not pinned at most `most_strangers` are kept for a release: no others come
  /// in.
  Result<> save_attestations(const std::vector<StoredAttestation>& attestations,
                             std::size_t most_strangers);
  /// Of one release, those that have not expired; the newest first.
  Result<std::vector<StoredAttestation>> attestations(const Digest& release_id, std::int64_t now);
  /// Those of pinned mirrors, of all releases, that have not expired.
  Result<std::vector<StoredAttestation>> attestations_of_pinned(std::int64_t now);
  /// Those of one mirror, of all releases, that have not expired; the newest first.
  Result<std::vector<StoredAttestation>> attestations_by(const Bytes& mirror_key, std::int64_t now);
  Result<> remove_expired(std::int64_t now);

 private:
  Database& database_;
};

}  // namespace owrd::store
