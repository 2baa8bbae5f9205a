#pragma once

#include <string>
#include <vector>

#include "cli/keyring.h"
#include "daemon/trust/root_plan.h"

/// Keys as people write them.
namespace owrd::cli {

using NamedKey = trust::RootPlan::NamedKey;

/// "ed25519:" and the 64 digits of a public key; nothing else.
Result<trust::PublicKey> parse_public_key(const std::string& text);
/// "ed25519:3f7a…": how owrd key export prints it.
std::string public_key_text(const trust::PublicKey& key);

/// A key for a root: one of the keyring by its name, which becomes its label, or "ed25519:…", or
/// "LABEL=ed25519:…".
Result<NamedKey> parse_key(const Keyring& keyring, const std::string& text);

/// One of `known`, by its label, its public key, its key id (at least 12 digits) or fingerprint, or
/// by the name that it has in the keyring. NotFound, with the nearest label; InvalidInput when the
/// text fits several.
Result<trust::PublicKey> find_key(const std::vector<NamedKey>& known, const Keyring& keyring,
                                  const std::string& text);

/// "k1 (3F7A 91C2 0B44 88E1)", or the fingerprint alone.
std::string name_of(const NamedKey& key);
/// The keys that a root lists, with their labels.
std::vector<NamedKey> keys_of(const v1::Root& root);

/// The hex digits of an id or a fingerprint, lower case, without "sha256:" and what groups them;
/// empty when there is anything else in it.
std::string digits_of(std::string text);

}  // namespace owrd::cli
