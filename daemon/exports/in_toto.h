#pragma once

#include <vector>

#include "daemon/core/result.h"
#include "daemon/exports/exported.h"
#include "daemon/release/manifest.h"
#include "daemon/trust/attestation.h"
#include "daemon/trust/key.h"

namespace owrd::exports {

/// in-toto Statements v1, one JSON object per line: which files make up the release, what each
/// benchmark gave, what each audit that was run found, and what each mirror attested.
///
/// With a `signer` each statement is in a DSSE envelope that this key has signed; give one of the
/// publisher's release keys, for nobody else's word counts for these statements. Without it the
/// lines are bare statements, and nothing proves who made them. What a mirror attested is bare in
/// either case, unless the signer is that mirror: the mirror signed its own words in owrd's form.
///
/// @return InvalidInput when an attestation is of another release.
Result<Exported> in_toto(const release::Manifest& manifest,
                         const std::vector<trust::Attestation>& attestations,
                         const trust::SecretKey* signer);

}  // namespace owrd::exports
