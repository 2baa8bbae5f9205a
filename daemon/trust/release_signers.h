#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string_view>

#include "daemon/core/result.h"
#include "daemon/trust/envelope.h"
#include "daemon/trust/key.h"
#include "daemon/trust/root_chain.h"

namespace owrd::trust {

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
/// feed lists this, or nothing. `in_force` is the version of the newest root before that record,
/// the only one that counts then: so a key that has retired, or a threshold that was raised, lets
/// nothing new into the feed. Takes no clock: what was signed stays valid.
///
/// Untrusted when the keys are not the publisher's or are revoked, BadSignature when signatures are
/// missing or wrong.
Result<ReleaseSigners> verify_release(const Envelope& envelope, std::string_view model,
                                      const RootChain& chain, std::optional<std::uint64_t> listed,
                                      std::optional<std::uint64_t> in_force = std::nullopt);

/// Whether a name matches a pattern in which '*' stands for any characters.
bool matches_glob(std::string_view pattern, std::string_view name);

}  // namespace owrd::trust
