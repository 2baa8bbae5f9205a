#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "daemon/core/bytes.h"
#include "daemon/core/digest.h"
#include "daemon/core/result.h"
#include "daemon/trust/envelope.h"
#include "daemon/trust/key.h"
#include "daemon/trust/root_rules.h"
#include "owrd/v1/trust.pb.h"

namespace owrd::trust {

class Root;

/// A root that keeps the rules and fits into its place: who signed it is another question.
struct UnsignedRoot {
  v1::Root message;
  RootParts parts;
};
/// Reads the payload of version 1 or, after `previous`, of the version that follows it: that is of
/// the same publisher, has exactly the next version, is not issued before it, uses no key for
/// something else and takes back no revocation. BadSignature when it does not follow.
Result<UnsignedRoot> read_root_payload(ByteView payload, const Root* previous);

/// A publisher's root that has proven itself: well-formed, and signed by its own root keys up to
/// their threshold. Whether it continues a chain is RootChain's question.
class Root {
 public:
  /// Verifies version 1, whose publisher id is the hash of its own payload.
  static Result<Root> verify_first(ByteView envelope);
  /// Verifies the version that follows `previous`, which the thresholds of both must sign.
  static Result<Root> verify_next(ByteView envelope, const Root& previous);

  const Digest& publisher_id() const { return publisher_id_; }
  const v1::Root& message() const { return message_; }
  const Bytes& raw() const { return raw_; }
  std::uint64_t version() const { return message_.version(); }
  std::int64_t issued() const { return message_.issued(); }
  std::int64_t expires() const { return message_.expires(); }
  const KeyRole& root_role() const { return parts_.root; }
  const KeyRole& release_role() const { return parts_.release; }
  const std::vector<ScopedRole>& scopes() const { return parts_.scopes; }
  const std::optional<PublicKey>& head_key() const { return parts_.head; }
  const std::vector<PublicKey>& locators() const { return parts_.locators; }
  const std::vector<PublicKey>& anchors() const { return parts_.anchors; }
  /// By key id: the first record of the feed for which the key does not count.
  const std::map<Digest, std::uint64_t>& revoked() const { return parts_.revoked; }
  /// Every key that the root lists, and what it is for.
  const std::map<PublicKey, KeyUse>& uses() const { return parts_.uses; }
  /// SHA-256 of the payload: two roots are one when it is the same, whoever signed them.
  const Digest& payload_digest() const { return payload_digest_; }
  /// Of its own root keys, those whose signatures are valid.
  const std::set<PublicKey>& signers() const { return signers_; }

 private:
  Root(Digest publisher_id, UnsignedRoot root, Envelope envelope, std::set<PublicKey> signers);
  Digest publisher_id_;
  v1::Root message_;
  RootParts parts_;
  Bytes raw_;
  Digest payload_digest_;
  std::set<PublicKey> signers_;
};

/// No key of `later` had another use in `earlier`: a release key stays believed for what it signed
/// when it retires, so it must never become a key that is kept online.
Result<> check_uses(const Root& earlier, const std::map<PublicKey, KeyUse>& later);

}  // namespace owrd::trust
