#pragma once

#include <string>
#include <vector>

#include "cli/keyring.h"
#include "daemon/trust/envelope.h"
#include "daemon/trust/root.h"

namespace owrd::cli {

/// What release keys are to sign for.
struct SigningTask {
  const trust::Root& root;  ///< The publisher's newest.
  std::string petname;
  std::string model;
};

/// The keys of the keyring to sign with: those that are named, or the only ones that fit. Together
/// they are enough for the release role, or for one scope of the model. Untrusted when a named one
/// may not sign, NotFound when there are too few, InvalidInput when there is a choice to make.
Result<std::vector<trust::KeyFile>> choose_release_keys(const Keyring& keyring,
                                                        const SigningTask& task,
                                                        const std::vector<std::string>& names);

/// The envelope, signed by each of the keys.
std::string seal_with(trust::PayloadKind kind, ByteView payload,
                      const std::vector<trust::SecretKey>& keys);

}  // namespace owrd::cli
