#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/core/digest.h"
#include "daemon/core/result.h"
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

/// What a key is for. One key never has two uses, so that no signature can be taken for one of
/// another protocol, and no key of an online machine signs what offline keys do.
enum class KeyUse {
  Signing,  ///< Roots, releases or both.
  Head,
  Locator,
  Anchor,
};
/// "a signing key", "the head key" and so on.
const char* name_of(KeyUse use);

/// What a root says, taken apart.
struct RootParts {
  std::optional<Digest> publisher_id;  ///< None in version 1.
  KeyRole root;
  KeyRole release;
  std::vector<ScopedRole> scopes;
  std::optional<PublicKey> head;
  std::vector<PublicKey> locators;
  std::vector<PublicKey> anchors;
  std::map<Digest, std::uint64_t> revoked;  ///< By key id.
  std::map<PublicKey, KeyUse> uses;         ///< Of every key that the root lists.
};

/// Checks what a root says, whoever signed it and whatever came before it: its version, times,
/// names, keys and roles. Corrupt names the rule that is broken; InvalidInput says that a newer
/// owrd is needed.
Result<RootParts> check_root(const v1::Root& root);

}  // namespace owrd::trust
