#pragma once

#include <string_view>

#include "daemon/exports/json.h"
#include "daemon/release/manifest.h"
#include "daemon/trust/attestation.h"

/// in-toto Statements v1 about a release (in-toto/attestation, spec/v1/statement.md). Only for this
/// room's own sources.
namespace owrd::exports {

Json statement(Json subjects, std::string_view predicate_type, Json predicate);

/// The files that make up the release: predicate release/v0.1.
Json release_statement(const release::Manifest& manifest);

/// That a benchmark ran to its end and what it gave: predicate test-result/v0.1, which knows no
/// measured values, so that metric and value are annotations of the configuration.
Json benchmark_statement(const release::Manifest& manifest, const v1::Benchmark& benchmark);

/// What an audit found: predicate test-result/v0.1; its findings are the tests. Only for audits
/// that were run.
Json audit_statement(const release::Manifest& manifest, const v1::Audit& audit);

/// A mirror's word that it holds the release: predicate svr/v0.1.
Json attestation_statement(const release::Manifest& manifest,
                           const trust::Attestation& attestation);

}  // namespace owrd::exports
