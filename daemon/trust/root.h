#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "daemon/core/result.h"
#include "daemon/trust/envelope.h"
#include "daemon/trust/key.h"
#include "owrd/v1/trust.pb.h"

namespace owrd::trust {

/// A publisher's root that has proven itself: well-formed, and signed by its own root keys up to
/// their threshold.
class Root {
 public:
  /// Verifies version 1, whose publisher id is the hash of its own payload.
  static Result<Root> verify_first(ByteView envelope);

  const Digest& publisher_id() const { return publisher_id_; }
  const v1::Root& message() const { return message_; }
  const Bytes& raw() const { return raw_; }
  std::uint64_t version() const { return message_.version(); }
  std::int64_t expires() const { return message_.expires(); }
  const std::set<PublicKey>& root_keys() const { return root_keys_; }
  const std::set<PublicKey>& release_keys() const { return release_keys_; }

 private:
  Root(Digest publisher_id, v1::Root message, Bytes raw, std::set<PublicKey> root_keys,
       std::set<PublicKey> release_keys);
  Digest publisher_id_;
  v1::Root message_;
  Bytes raw_;
  std::set<PublicKey> root_keys_;
  std::set<PublicKey> release_keys_;
};

/// Checks the chain of a bundle: root 1, and nothing after it that is not understood. Gives the
/// newest.
Result<Root> verify_root_chain(const std::vector<Bytes>& envelopes);

struct NewRoot {
  std::string display_name;
  std::int64_t issued;   ///< Unix seconds.
  std::int64_t expires;  ///< Unix seconds.
  std::string key_label;
};
/// Root 1 of a publisher of one key, which is root and release key: the signed envelope.
Bytes make_first_root(const NewRoot& what, const SecretKey& key);

/// May this manifest envelope be believed as the publisher's: enough distinct release keys of its
/// root signed it. Gives the signers. Takes no clock: what was signed stays valid.
Result<std::set<PublicKey>> verify_release(const Envelope& manifest, const Root& root);

}  // namespace owrd::trust
