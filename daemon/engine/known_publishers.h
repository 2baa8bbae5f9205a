#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/core/bytes.h"
#include "daemon/core/clock.h"
#include "daemon/core/digest.h"
#include "daemon/core/result.h"
#include "daemon/release/feed_update.h"
#include "daemon/store/store.h"

namespace owrd::engine {

/// A pinned publisher and all that is believed of it, taken apart.
struct KnownPublisher {
  Digest id;
  std::string petname;
  std::int64_t pinned;       ///< Unix seconds.
  release::KnownFeed known;  ///< Roots; head and feed once a head was believed.
  Bytes attestations = {};   ///< The file that the head pins.
  std::uint32_t evidence = 0;
  std::int64_t forked_since = 0;  ///< By the newest root; 0: no contradiction is known.

  const trust::Root& root() const { return known.roots.newest(); }
};

/// The pinned publishers: what the store has of them, and what is accepted of what they say. Every
/// change is in the store when its function returns. Pointers to a publisher hold until it is
/// removed.
class KnownPublishers {
 public:
  KnownPublishers(store::Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  /// Reads all of them, and verifies their roots again. One that does not hold is left out, and why
  /// is told by fault_of(). An error when the store cannot be read.
  Result<> load();

  struct Fault {
    std::string petname;
    Error error;
  };
  /// The pinned publishers of which the store holds something damaged.
  const std::map<Digest, Fault>& faults() const { return faults_; }

  using Map = std::map<Digest, std::unique_ptr<KnownPublisher>>;
  const Map& all() const { return all_; }
  /// Null when it is not pinned.
  const KnownPublisher* find(const Digest& id) const;
  const KnownPublisher* find(const std::string& petname) const;

  /// AlreadyExists when the petname is taken.
  Result<const KnownPublisher*> pin(const trust::RootChain& roots, const std::string& petname);
  Result<> rename(const Digest& id, const std::string& petname);
  Result<> remove(Digest id);

  /// Tells whether this daemon signs with a head key; without it, it signs with none.
  void set_is_own(std::function<bool(const trust::PublicKey&)> is_own) {
    is_own_ = std::move(is_own);
  }
  /// Takes a chain that continues the known one. Head and feed go when it gives the head key to
  /// another, except to one of this daemon's own, which goes on with the feed.
  Result<> accept(const Digest& id, const trust::RootChain& roots, const std::string& source);
  Result<> accept(const Digest& id, release::FeedNews news, const std::string& source);
  /// Takes what continues the known chain, and keeps what contradicts it: BadSignature then. True
  /// when something was new.
  Result<bool> offer_roots(const Digest& id, const trust::RootChain& offered,
                           const std::string& source);
  Result<> keep(const Digest& id, const release::Fork& fork, const std::string& source);

 private:
  Result<> load_one(const store::PinnedPublisher& pinned);
  Result<> count_evidence(KnownPublisher& publisher);
  KnownPublisher& at(const Digest& id) { return *all_.at(id); }

  store::Store& store_;
  const Clock& clock_;
  Map all_;
  std::map<Digest, Fault> faults_;
  std::function<bool(const trust::PublicKey&)> is_own_ = [](const trust::PublicKey&) {
    return false;
  };
};

}  // namespace owrd::engine
