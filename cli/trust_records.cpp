#include "cli/trust_records.h"

#include "cli/publishers.h"
#include "cli/records.h"
#include "cli/wording.h"
#include "daemon/core/units.h"

namespace owrd::cli {
namespace {

Json key_record(const v1::PublisherKey& key) {
  return Json{
      {"key_id", key.key_id()},
      {"public_key", key.public_key()},
      {"label", key.label()},
      {"signs_roots", key.signs_roots()},
      {"signs_releases", key.signs_releases()},
      {"scopes", strings(key.scopes())},
      {"revoked_since_record", key.is_revoked() ? Json(key.revoked_since_record()) : Json()}};
}

Json head_record(const v1::PublisherRecord& publisher) {
  if (publisher.head_sequence() == 0) return Json();
  return Json{{"sequence", publisher.head_sequence()},
              {"issued", format_time(publisher.head_issued())},
              {"expires", format_time(publisher.head_expires())},
              {"checked", time_or_null(publisher.head_checked())}};
}

}  // namespace

Json publisher_record(const v1::PublisherRecord& publisher) {
  auto keys = Json::array();
  for (const auto& key : publisher.keys()) keys.push_back(key_record(key));
  return Json{{"petname", publisher.petname()},
              {"publisher_id", publisher.id()},
              {"fingerprint", fingerprint_of(publisher.id())},
              {"display_name", publisher.display_name()},
              {"root_version", publisher.root_version()},
              {"root_expires", format_time(publisher.root_expires())},
              {"pinned", time_or_null(publisher.pinned())},
              {"releases", publisher.releases()},
              {"root_threshold", publisher.root_threshold()},
              {"release_threshold", publisher.release_threshold()},
              {"contacts", strings(publisher.contacts())},
              {"kind", publisher.kind().empty() ? Json() : Json(publisher.kind())},
              {"keys", keys},
              {"own", publisher.is_own()},
              {"freshness", freshness_name(publisher.freshness())},
              {"freshness_since", time_or_null(publisher.freshness_since())},
              {"head", head_record(publisher)},
              {"feed_records", publisher.feed_records()},
              {"listed_releases", publisher.listed_releases()},
              {"link", publisher.link()},
              {"locations", strings(publisher.locations())},
              {"head_key", publisher.head_key()},
              {"locator_keys", strings(publisher.locator_keys())},
              {"anchor_keys", strings(publisher.anchor_keys())},
              {"evidence", publisher.evidence()}};
}

Json root_record(const v1::RootRecord& root) {
  return Json{{"version", root.version()},
              {"issued", format_time(root.issued())},
              {"expires", format_time(root.expires())},
              {"signed_by", strings(root.signed_by())},
              {"root_threshold", root.root_threshold()},
              {"root_keys", root.root_keys()},
              {"release_threshold", root.release_threshold()},
              {"release_keys", root.release_keys()},
              {"seen", time_or_null(root.seen())},
              {"source", root.source()}};
}

Json evidence_record(const v1::EvidenceRecord& evidence) {
  return Json{{"kind", evidence.kind()},
              {"found", format_time(evidence.found())},
              {"source", evidence.source()},
              {"detail", evidence.detail()},
              {"first_bytes", evidence.first().size()},
              {"second_bytes", evidence.second().size()}};
}

Json mirror_record(const v1::MirrorRecord& mirror) {
  return Json{{"name", mirror.name()},
              {"key", mirror.key()},
              {"fingerprint", mirror.fingerprint()},
              {"pinned", time_or_null(mirror.pinned())},
              {"own", mirror.is_own()},
              {"attestations", mirror.attestations()}};
}

Json attestation_record(const v1::AttestationRecord& attestation) {
  return Json{{"mirror", attestation.has_mirror() ? mirror_record(attestation.mirror()) : Json()},
              {"mirror_name", attestation.mirror_name()},
              {"release_id", attestation.release_id()},
              {"verified", format_time(attestation.verified())},
              {"expires", format_time(attestation.expires())},
              {"bytes", attestation.bytes()}};
}

Json statement_record(const v1::StatementRecord& statement) {
  auto details = Json::object();
  for (const auto& detail : statement.details()) details[detail.name()] = detail.value();
  return Json{{"id", statement.id()},
              {"kind", statement.kind()},
              {"ref", statement.ref()},
              {"release_id", statement.release_id()},
              {"author", statement.author()},
              {"author_key", statement.author_key()},
              {"pinned_as", statement.pinned_as().empty() ? Json() : Json(statement.pinned_as())},
              {"issued", format_time(statement.issued())},
              {"text", statement.text()},
              {"details", details},
              {"evidence", strings(statement.evidence())}};
}

}  // namespace owrd::cli
