#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "daemon/core/result.h"
#include "daemon/trust/key.h"

namespace owrd::engine {

/// The secret keys that a daemon has of its own, each a key file (mode 0600) in a directory of the
/// store: those that sign heads, those that place them in the DHT, and the one with which it
/// attests. It never holds a publisher's root or release key.
class OnlineKeys {
 public:
  enum class Use { Head, Locator, Mirror };

  /// `passphrase` opens and protects the files; empty: they are not encrypted.
  OnlineKeys(std::filesystem::path directory, std::string passphrase)
      : directory_(std::move(directory)), passphrase_(std::move(passphrase)) {}

  /// Reads all keys. A file that cannot be opened is an error that names it.
  Result<> load();
  /// Makes a key of this use; its file is on disk when this returns.
  Result<trust::SecretKey> make(Use use);
  /// Remembers, on disk, that something was signed for a publisher with the key.
  Result<> set_used(Use use, const trust::PublicKey& key);
  bool is_used(Use use, const trust::PublicKey& key) const;
  /// Null when it is not here.
  const trust::SecretKey* find(Use use, const trust::PublicKey& key) const;
  const std::map<trust::PublicKey, trust::SecretKey>& all(Use use) const;

 private:
  std::filesystem::path directory_;
  std::string passphrase_;
  std::map<Use, std::map<trust::PublicKey, trust::SecretKey>> keys_;
  std::set<std::string> used_;  ///< By name.
};

}  // namespace owrd::engine
