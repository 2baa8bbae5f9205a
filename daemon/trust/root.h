#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/result.h"
#include "daemon/trust/envelope.h"
#include "daemon/trust/key.h"
#include "owrd/v1/trust.pb.h"

namespace owrd::trust {

/// Keys of which `threshold` must sign.
struct KeyRole {
  std::set<PublicKey> keys;
  std::uint32_t threshold = 0;
};

/// A role that signs releases of the models whose names match.
struct ScopedRole {
  std::vector<std::string> models;  ///< Names with '*'.
  KeyRole role;
};

/// A publisher's root that has proven itself: well-formed, and signed by its own root keys up to
/// their threshold. Whether it continues a chain is RootChain's question.
class Root {
 public:
  /// Verifies version 1, whose publisher id is the hash of its own payload.
  static Result<Root> verify_first(ByteView envelope);

  const Digest& publisher_id() const { return publisher_id_; }
  const v1::Root& message() const { return message_; }
  const Bytes& raw() const { return raw_; }
  std::uint64_t version() const { return message_.version(); }
  std::int64_t issued() const { return message_.issued(); }
  std::int64_t expires() const { return message_.expires(); }
  const KeyRole& root_role() const { return root_; }
  const KeyRole& release_role() const { return release_; }
  const std::vector<ScopedRole>& scopes() const { return scopes_; }
  const std::optional<PublicKey>& head_key() const { return head_; }
  const std::vector<PublicKey>& locators() const { return locators_; }
  const std::vector<PublicKey>& anchors() const { return anchors_; }
  /// By key id: the first record of the feed for which the key does not count.
  const std::map<Digest, std::uint64_t>& revoked() const { return revoked_; }
  /// Of its own root keys, those whose signatures are valid.
  const std::set<PublicKey>& signers() const { return signers_; }
};

/// The most roots that a chain may have; TUF's clients stop there too.
constexpr std::size_t kMostRoots = 256;

/// A publisher's roots from version 1 on: each follows the one before it by exactly one version and
/// is signed by the thresholds of both (TUF 1.0.34 section 5.3). Never empty. Takes no clock:
/// expiry counts for the last one alone, and only for what is fresh.
class RootChain {
 public:
  /// Version 1 first. The error names the version at fault.
  static Result<RootChain> verify(const std::vector<Bytes>& envelopes);

  /// Appends the next root, or leaves all as it was.
  Result<> extend(ByteView envelope);

  const Digest& publisher_id() const { return roots_.front().publisher_id(); }
  const Root& first() const { return roots_.front(); }
  const Root& newest() const { return roots_.back(); }
  const std::vector<Root>& roots() const { return roots_; }
  std::vector<Bytes> raw() const;

 private:
  explicit RootChain(std::vector<Root> roots) : roots_(std::move(roots)) {}
  std::vector<Root> roots_;
};

/// What a publisher decides about a root.
struct RootPlan {
  std::string display_name;
  std::vector<std::string> contacts;
  std::int64_t issued = 0;   ///< Unix seconds.
  std::int64_t expires = 0;  ///< Unix seconds.
  struct NamedKey {
    PublicKey key;
    std::string label;
  };
  struct PlannedRole {
    std::vector<NamedKey> keys;
    std::uint32_t threshold = 1;
  };
  struct PlannedScope {
    std::vector<std::string> models;
    PlannedRole role;
  };
  PlannedRole root;
  PlannedRole release;
  std::vector<PlannedScope> scopes;
  std::optional<PublicKey> head;
  std::vector<PublicKey> locators;
  std::vector<NamedKey> anchors;
  std::vector<std::string> locations;
  std::map<Digest, std::uint64_t> revoked;  ///< As Root::revoked().
};
/// What the root says, to be changed for its successor.
RootPlan plan_of(const Root& root);
/// The payload of version 1, or of the version that follows `previous`. Fails as the root itself
/// would be refused.
Result<Bytes> make_root_payload(const RootPlan& plan, const Root* previous);

/// A root that not enough keys have signed yet: the envelope and what it lacks.
struct RootDraft {
  Bytes envelope;  ///< With the signatures so far, perhaps none.
  v1::Root message;
  Digest payload_digest;
  struct Missing {
    std::uint64_t root_version;  ///< Whose root role it is.
    std::uint32_t threshold;
    std::set<PublicKey> signed_by;
    std::set<PublicKey> could_sign;  ///< Those that have not.
    bool is_met() const { return signed_by.size() >= threshold; }
  };
  /// Of the draft's own root role and, after version 1, of the one before it.
  std::vector<Missing> needs;
  bool is_complete() const;
};
/// Checks a draft that follows `previous` (null: version 1). Signatures that are not valid are
/// refused; that some are missing is not an error.
Result<RootDraft> read_root_draft(ByteView envelope, const Root* previous);
/// A draft without signatures.
Bytes make_root_draft(ByteView payload);
/// Adds a signature. AlreadyExists when this key has signed, Untrusted when it may not.
Result<Bytes> sign_root_draft(ByteView envelope, const Root* previous, const SecretKey& key);

/// How a release is signed.
struct ReleaseSigners {
  std::set<PublicKey> keys;    ///< Those that count.
  std::uint64_t root_version;  ///< The root by which they do: the newest that will.
  bool by_scope;               ///< By a scope of that root, not by its release role.
};
/// May this manifest (or notice) be believed as the publisher's: enough distinct keys of the
/// release role, or of one scope that matches `model`, of one root of the chain signed it. A key
/// that a later root leaves out has retired: what it signed stays believed. One that a root
/// revokes counts only for what the feed lists before the record named there; `listed` is where the
/// feed lists this, or nothing. Takes no clock: what was signed stays valid.
///
/// Untrusted when the keys are not the publisher's or are revoked, BadSignature when signatures are
/// missing or wrong.
Result<ReleaseSigners> verify_release(const Envelope& envelope, std::string_view model,
                                      const RootChain& chain,
                                      std::optional<std::uint64_t> listed);

/// Whether a name matches a pattern in which '*' stands for any characters.
bool matches_glob(std::string_view pattern, std::string_view name);

}  // namespace owrd::trust
