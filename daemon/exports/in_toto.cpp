#include "daemon/exports/in_toto.h"

#include "daemon/exports/dsse_json.h"
#include "daemon/exports/statements.h"

namespace owrd::exports {
namespace {

std::string line_of(const Json& statement, const trust::SecretKey* signer) {
  return compact(signer == nullptr ? statement : signed_statement(statement, *signer)) + "\n";
}

std::vector<Json> publishers_statements(const release::Manifest& manifest) {
  std::vector<Json> out{release_statement(manifest)};
  for (const auto& benchmark : manifest.message().benchmarks())
    out.push_back(benchmark_statement(manifest, benchmark));
  for (const auto& audit : manifest.message().audits())
    if (audit.result() != v1::AUDIT_RESULT_NOT_RUN) out.push_back(audit_statement(manifest, audit));
  return out;
}

}  // namespace

Result<Exported> in_toto(const release::Manifest& manifest,
                         const std::vector<trust::Attestation>& attestations,
                         const trust::SecretKey* signer) {
  std::string text;
  for (const auto& statement : publishers_statements(manifest)) text += line_of(statement, signer);
  for (const auto& attestation : attestations) {
    if (attestation.release_id() != manifest.release_id())
      return Error{ErrorCode::InvalidInput,
                   "in-toto: an attestation is of another release, sha256:" +
                       attestation.release_id().to_hex(),
                   "give attestations of sha256:" + manifest.release_id().to_hex() + " alone"};
    const bool is_own = signer != nullptr && signer->public_key() == attestation.mirror_key();
    text += line_of(attestation_statement(manifest, attestation), is_own ? signer : nullptr);
  }
  return Exported{signer == nullptr ? "application/jsonl" : "application/vnd.in-toto.bundle",
                  manifest.dir() + ".intoto.jsonl", to_bytes(text)};
}

}  // namespace owrd::exports
