#pragma once

#include "daemon/exports/exported.h"
#include "daemon/release/manifest.h"
#include "daemon/trust/key.h"

namespace owrd::exports {

/// An OpenSSF Model Signing bundle (OMS 1.0, ossf/model-signing-spec): every file of the release by
/// its SHA-256, in a Sigstore bundle (v0.3) with one DSSE signature. The bundle itself and
/// release.owrd are attestations about the model, and not of it: release.owrd is on the list of
/// ignored paths, as are git's own files at the top, which the format never signs.
///
/// The signature is Ed25519. The bundle format has room for it and the Sigstore algorithm registry,
/// which the specification points to, lists it; but of the keys that every implementation must
/// know there are only the NIST curves, and the Python reference implementation takes no others.
/// public_key_pem() is the key whose SHA-256 is the bundle's hint.
Exported model_signing(const release::Manifest& manifest, const trust::SecretKey& key);

}  // namespace owrd::exports
