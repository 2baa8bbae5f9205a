#pragma once

#include <set>

#include "daemon/core/result.h"
#include "daemon/trust/key.h"
#include "owrd/v1/trust.pb.h"

namespace owrd::trust {

/// The keys that a root gives each role.
struct RootKeys {
  std::set<PublicKey> root;
  std::set<PublicKey> release;
};

/// Checks what a first root says, whoever signed it: its version, times, names, keys and roles.
/// Corrupt names the rule that is broken; InvalidInput says that a newer owrd is needed.
Result<RootKeys> check_first_root(const v1::Root& root);

}  // namespace owrd::trust
