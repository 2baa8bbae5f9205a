#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "daemon/core/bytes.h"
#include "daemon/core/digest.h"
#include "daemon/core/result.h"
#include "daemon/trust/key.h"
#include "daemon/trust/root.h"

namespace owrd::trust {

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

}  // namespace owrd::trust
