#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/bytes.h"
#include "daemon/core/digest.h"
#include "daemon/core/result.h"
#include "daemon/store/feeds.h"
#include "daemon/store/licenses.h"
#include "daemon/store/mirrors.h"
#include "daemon/store/statements.h"

namespace owrd::store {

struct PinnedPublisher {
  Digest id;
  std::string petname;
  std::int64_t pinned = 0;        ///< Unix seconds.
  std::vector<Bytes> roots = {};  ///< Envelopes, version 1 first.
};

/// What the operator wants of a release.
enum class Intent { Get, Seed, Keep, Paused };
/// Who may remove its files: the store made them, or they were given (published in place, adopted,
/// got to a directory).
enum class Ownership { Store, Given };

struct SeedLimit {
  std::uint64_t ratio_permille = 0;  ///< 0 is no limit.
  std::uint64_t seconds = 0;         ///< 0 is no limit.
  friend bool operator==(const SeedLimit&, const SeedLimit&) = default;
};

/// One release: the exact proof and what goes with it.
struct StoredRelease {
  Digest release_id;
  Digest publisher_id;
  std::string model;
  std::string version;
  Bytes proof;  ///< release.owrd, byte for byte.
  Digest infohash;
  std::filesystem::path directory;
  Ownership ownership = Ownership::Store;
  Intent intent = Intent::Get;
  /// After completion: seed (then how long) or keep. Meaningful while intent is Get or Paused.
  bool seed_after = false;
  SeedLimit seed_limit = {};
  std::vector<std::string> include = {};
  std::vector<std::string> exclude = {};
  std::vector<std::string> peers = {};
  std::vector<std::string> trackers = {};
  std::vector<std::string> reuse = {};  ///< Directories to look in for what is missing.
  /// Rules of the audit that hand over nothing else (see weights/README.md), or what comes before
  /// their first dot.
  std::vector<std::string> allow = {};
  bool super_seeding = false;
  std::int64_t added = 0;      ///< Unix seconds.
  std::int64_t completed = 0;  ///< Unix seconds; 0 while it is not.
  std::uint64_t uploaded = 0;
  std::uint64_t downloaded = 0;
  std::uint64_t reused = 0;  ///< Bytes that were on the disk already.
};

/// What is known of one file, by its index in the torrent (release.owrd counts).
struct StoredFile {
  std::uint32_t index;
  Bytes have = {};  ///< One bit a piece, as in swarm.proto; durable on disk before it stands here.
  bool verified =
      false;  ///< owrd's own hash of the whole file agreed; then the identity below is that file's.
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t modified_ns = 0;
};

/// A transfer of which only the infohash is known yet: what was asked for.
struct PendingGet {
  Digest infohash;
  std::string magnet;
  std::filesystem::path directory;  ///< Empty for a place in the store.
  std::vector<std::string> include = {};
  std::vector<std::string> exclude = {};
  std::vector<std::string> peers = {};
  std::vector<std::string> reuse = {};
  std::vector<std::string> allow = {};
  std::optional<SeedLimit> seed = {};  ///< Nothing: as the configuration says.
  std::int64_t added = 0;              ///< Unix seconds.
};

/// What survives a restart: SQLite in WAL mode, and the directory it lies in. Used from one thread.
/// Every function that changes something is one transaction, durable when it returns.
class Store {
 public:
  /// Opens (or makes) the store in `directory`. Busy, naming the other's pid, when another process
  /// has it; Config when the database was written by a newer owrd; NoSpace, Io, Denied, Corrupt.
  static Result<std::unique_ptr<Store>> open(const std::filesystem::path& directory);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  const std::filesystem::path& directory() const;

  /// Live as long as the store.
  Feeds& feeds();
  Mirrors& mirrors();
  Licenses& licenses();
  Statements& statements();

  /// AlreadyExists when the petname or the id is taken.
  Result<> add_publisher(const PinnedPublisher& publisher);
  Result<> rename_publisher(const Digest& id, const std::string& petname);
  Result<> remove_publisher(const Digest& id);
  Result<std::optional<PinnedPublisher>> find_publisher(const Digest& id);
  Result<std::optional<PinnedPublisher>> find_publisher(const std::string& petname);
  Result<std::vector<PinnedPublisher>> publishers();

  /// AlreadyExists when the release id, the infohash, or (publisher, model, version) is taken.
  Result<> add_release(const StoredRelease& release, const std::vector<StoredFile>& files);
  /// Replaces everything but the proof, its digests and names. NotFound.
  Result<> update_release(const StoredRelease& release);
  Result<> remove_release(const Digest& release_id);
  Result<std::optional<StoredRelease>> find_release(const Digest& release_id);
  Result<std::optional<StoredRelease>> find_release(const Digest& publisher_id,
                                                    const std::string& model,
                                                    const std::string& version);
  Result<std::vector<StoredRelease>> releases();
  Result<std::vector<StoredFile>> files(const Digest& release_id);
  /// Inserts or replaces these files' rows, and the counters.
  Result<> save_progress(const Digest& release_id, const std::vector<StoredFile>& files,
                         std::uint64_t uploaded, std::uint64_t downloaded);

  Result<> save_pending(const PendingGet& pending);
  Result<> remove_pending(const Digest& infohash);
  Result<std::vector<PendingGet>> pending();

  /// Small values of the daemon's own, such as the DHT's nodes.
  Result<> set_value(const std::string& key, const Bytes& value);
  Result<std::optional<Bytes>> value(const std::string& key);

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace owrd::store
