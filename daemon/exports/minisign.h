#pragma once

#include <string>

#include "daemon/core/result.h"
#include "daemon/exports/exported.h"
#include "daemon/trust/key.h"

namespace owrd::exports {

/// The signature of `file` as `minisign -Vm` checks it: prehashed ("ED": Ed25519 over BLAKE2b-512),
/// with the file's name, `signed_at` (Unix seconds) and `note` in the trusted comment, which is
/// signed too.
///
/// What is signed is 64 bytes of a hash, then a signature with the comment: neither can be taken
/// for an envelope, whose signed bytes begin with "DSSEv1 ".
///
/// @return InvalidInput when name or note are not each a plain line, or together too long for
/// minisign.
Result<Exported> minisign_signature(const Exported& file, std::int64_t signed_at,
                                    const std::string& note, const trust::SecretKey& key);

/// The public key as a file for `minisign -p`; its second line is what `-P` takes.
Exported minisign_public_key(const trust::PublicKey& key);

}  // namespace owrd::exports
