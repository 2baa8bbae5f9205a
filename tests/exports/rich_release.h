#pragma once

#include "daemon/exports/exported.h"
#include "daemon/release/manifest.h"
#include "daemon/trust/attestation.h"
#include "tests/release/fixtures.h"

/// A made-up release whose publisher says nearly everything that can be said.
namespace owrd::exports::testing {

/// Every file of it, odd names and empty files among them.
std::vector<release::testing::Content> rich_contents();
v1::Manifest rich_message();
release::Manifest rich_manifest();
Origin rich_origin();

/// A release of which only the least is said.
release::Manifest bare_manifest();

/// Of the rich release, by the mirror whose key is `key`.
trust::Attestation attestation_by(const trust::SecretKey& key);

}  // namespace owrd::exports::testing
