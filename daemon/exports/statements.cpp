#include "daemon/exports/statements.h"

#include "daemon/core/base64.h"
#include "daemon/core/units.h"
#include "daemon/exports/names.h"

namespace owrd::exports {
namespace {

Json subject(const std::string& name, const Digest& sha256) {
  return Json{{"name", name}, {"digest", Json{{"sha256", sha256.to_hex()}}}};
}

Json files_of(const release::Manifest& manifest, bool weights_only) {
  auto out = Json::array();
  for (const auto& file : manifest.files())
    if (!weights_only || file.role == v1::FILE_ROLE_WEIGHTS)
      out.push_back(subject(file.path, file.sha256));
  return out;
}

/// The release as one thing: its id is the SHA-256 of the manifest's payload.
Json manifest_of(const release::Manifest& manifest) {
  return Json::array({subject(manifest.dir(), manifest.release_id())});
}

/// A resource that is given whole, for a ResourceDescriptor needs a URI, a digest or its content.
Json descriptor(const std::string& name, const Json& content, Json annotations) {
  Json out{{"name", name},
           {"content", to_base64(as_bytes(compact(content)))},
           {"mediaType", "application/json"}};
  if (!annotations.empty()) out["annotations"] = std::move(annotations);
  return out;
}

std::string joined(std::string first, const std::string& second) {
  if (!first.empty() && !second.empty()) first += " ";
  return first + second;
}

Json configuration_of(const v1::Benchmark& benchmark) {
  Json out = Json::object();
  add(out, "task", benchmark.task());
  add(out, "dataset", benchmark.dataset());
  add(out, "config", benchmark.config());
  add(out, "split", benchmark.split());
  add(out, "revision", benchmark.revision());
  add(out, "shots", benchmark.shots());
  add(out, "harness", benchmark.harness());
  add(out, "harnessVersion", benchmark.harness_version());
  return out;
}

Json result_of(const v1::Benchmark& benchmark) {
  Json out = Json::object();
  add(out, "metric", benchmark.metric());
  add(out, "value", benchmark.value());
  add(out, "unit", benchmark.unit());
  if (benchmark.measured() != 0) out["measured"] = format_time(benchmark.measured());
  add(out, "notes", benchmark.notes());
  return out;
}

const char* word_of(v1::AuditResult result) {
  if (result == v1::AUDIT_RESULT_PASS) return "PASSED";
  return result == v1::AUDIT_RESULT_FAIL ? "FAILED" : "WARNED";
}

/// The rules whose findings ended in `result`.
Json rules_of(const v1::Audit& audit, v1::AuditResult result) {
  auto out = Json::array();
  for (const auto& finding : audit.findings())
    if (finding.result() == result) out.push_back(joined(finding.rule(), finding.path()));
  return out;
}

}  // namespace

Json statement(Json subjects, std::string_view predicate_type, Json predicate) {
  return Json{{"_type", "https://in-toto.io/Statement/v1"},
              {"subject", std::move(subjects)},
              {"predicateType", predicate_type},
              {"predicate", std::move(predicate)}};
}

Json release_statement(const release::Manifest& manifest) {
  return statement(files_of(manifest, /*weights_only=*/false),
                   "https://in-toto.io/attestation/release/v0.1",
                   Json{{"purl", package_url(manifest)}, {"packageId", package_id(manifest)}});
}

Json benchmark_statement(const release::Manifest& manifest, const v1::Benchmark& benchmark) {
  const auto name = joined(benchmark.task(), benchmark.dataset());
  Json predicate{
      {"result", "PASSED"},
      {"configuration",
       Json::array({descriptor(name, configuration_of(benchmark), result_of(benchmark))})}};
  add(predicate, "url", benchmark.source_url());
  predicate["passedTests"] = Json::array({joined(name, benchmark.metric())});
  return statement(files_of(manifest, /*weights_only=*/true),
                   "https://in-toto.io/attestation/test-result/v0.1", std::move(predicate));
}

Json audit_statement(const release::Manifest& manifest, const v1::Audit& audit) {
  Json configuration = Json::object();
  add(configuration, "tool", audit.tool());
  add(configuration, "toolVersion", audit.tool_version());
  add(configuration, "auditor", audit.auditor());
  add(configuration, "scope", audit.scope());
  Json annotations = Json::object();
  if (audit.performed() != 0) annotations["performed"] = format_time(audit.performed());
  add(annotations, "overrideReason", audit.override_reason());
  Json predicate{{"result", word_of(audit.result())},
                 {"configuration",
                  Json::array({descriptor(audit.kind(), configuration, std::move(annotations))})},
                 {"passedTests", rules_of(audit, v1::AUDIT_RESULT_PASS)},
                 {"warnedTests", rules_of(audit, v1::AUDIT_RESULT_WARN)},
                 {"failedTests", rules_of(audit, v1::AUDIT_RESULT_FAIL)}};
  return statement(files_of(manifest, /*weights_only=*/false),
                   "https://in-toto.io/attestation/test-result/v0.1", std::move(predicate));
}

Json attestation_statement(const release::Manifest& manifest,
                           const trust::Attestation& attestation) {
  auto properties = Json::array({"OWRD_RELEASE_HELD"});
  if (attestation.bytes_verified() >= manifest.total_bytes())
    properties.push_back("OWRD_ALL_BYTES_VERIFIED");
  Json verifier{{"id", "owrd:mirror:" + attestation.mirror_key().id().to_hex()}};
  Json predicate{{"verifier", std::move(verifier)},
                 {"timeCreated", format_time(attestation.verified())},
                 {"properties", std::move(properties)}};
  return statement(manifest_of(manifest), "https://in-toto.io/attestation/svr/v0.1",
                   std::move(predicate));
}

}  // namespace owrd::exports
