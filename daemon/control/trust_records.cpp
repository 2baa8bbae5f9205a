// The records of publishers, feeds, names and mirrors.

#include <algorithm>
#include <string>

#include "daemon/control/escapes.h"
#include "daemon/control/records.h"
#include "daemon/release/publication_rules.h"
#include "daemon/trust/publisher_kind.h"

namespace owrd::control {
namespace {

std::string field_of(ByteView bytes) { return std::string(as_text(bytes)); }
std::string hex_of(const trust::PublicKey& key) { return owrd::to_hex(key.bytes()); }

v1::Freshness to_freshness(engine::Freshness freshness) {
  switch (freshness) {
    case engine::Freshness::None:
      return v1::FRESHNESS_NONE;
    case engine::Freshness::Fresh:
      return v1::FRESHNESS_FRESH;
    case engine::Freshness::Stale:
      return v1::FRESHNESS_STALE;
    case engine::Freshness::Expired:
      return v1::FRESHNESS_EXPIRED;
    case engine::Freshness::Forked:
      return v1::FRESHNESS_FORKED;
  }
  return v1::FRESHNESS_UNSPECIFIED;
}

const char* to_kind(v1::NoticeKind kind) {
  switch (kind) {
    case v1::NOTICE_KIND_YANK:
      return "yank";
    case v1::NOTICE_KIND_UNYANK:
      return "unyank";
    case v1::NOTICE_KIND_WITHDRAW:
      return "withdraw";
    case v1::NOTICE_KIND_STAGE:
      return "stage";
    case v1::NOTICE_KIND_ADVISORY:
      return "advisory";
    default:
      return "";
  }
}

const char* to_reason(v1::NoticeReason reason) {
  switch (reason) {
    case v1::NOTICE_REASON_DEFECT:
      return "defect";
    case v1::NOTICE_REASON_SECURITY:
      return "security";
    case v1::NOTICE_REASON_LEGAL:
      return "legal";
    case v1::NOTICE_REASON_HARM:
      return "harm";
    case v1::NOTICE_REASON_SUPERSEDED:
      return "superseded";
    case v1::NOTICE_REASON_OTHER:
      return "other";
    default:
      return "";
  }
}

std::string join(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

void add_key(const trust::Root& root, const v1::Key& key, v1::PublisherRecord& record) {
  const auto public_key = trust::PublicKey::from_bytes(as_bytes(key.public_key()));
  if (!public_key) return;  // A root that was verified has none such.
  auto& out = *record.add_keys();
  out.set_key_id(public_key->id().to_hex());
  out.set_public_key(hex_of(*public_key));
  out.set_label(key.label());
  out.set_signs_roots(root.root_role().keys.count(*public_key) > 0);
  out.set_signs_releases(root.release_role().keys.count(*public_key) > 0);
  for (const auto& scope : root.scopes())
    if (scope.role.keys.count(*public_key) > 0) out.add_scopes(join(scope.models));
  const auto revoked = root.revoked().find(public_key->id());
  if (revoked == root.revoked().end()) return;
  out.set_is_revoked(true);
  out.set_revoked_since_record(revoked->second);
}

/// Keys that the root revokes may be those of an earlier one.
void add_revoked(const trust::RootChain& roots, v1::PublisherRecord& record) {
  for (const auto& [id, since] : roots.newest().revoked()) {
    const auto hex = id.to_hex();
    const bool is_listed = std::any_of(record.keys().begin(), record.keys().end(),
                                       [&](const auto& key) { return key.key_id() == hex; });
    if (is_listed) continue;
    auto& out = *record.add_keys();
    out.set_key_id(hex);
    out.set_is_revoked(true);
    out.set_revoked_since_record(since);
    for (const auto& root : roots.roots())
      for (const auto& key : root.message().keys()) {
        const auto public_key = trust::PublicKey::from_bytes(as_bytes(key.public_key()));
        if (!public_key || public_key->id() != id) continue;
        out.set_public_key(hex_of(*public_key));
        out.set_label(key.label());
      }
  }
}

/// The label of a key in its root, or else its fingerprint.
std::string name_of(const trust::Root& root, const trust::PublicKey& key) {
  for (const auto& each : root.message().keys())
    if (each.public_key() == as_text(key.bytes()) && !each.label().empty()) return each.label();
  return trust::fingerprint(key.id());
}

}  // namespace

v1::PublisherRecord to_record(const engine::PublisherView& view) {
  const auto& root = view.root();
  v1::PublisherRecord record;
  record.set_id(root.publisher_id().to_hex());
  record.set_petname(view.petname);
  record.set_display_name(root.message().display_name());
  record.set_root_version(root.version());
  record.set_root_expires(root.expires());
  record.set_pinned(view.pinned);
  for (const auto& key : root.message().keys()) add_key(root, key, record);
  add_revoked(view.roots, record);
  record.set_root_threshold(root.root_role().threshold);
  record.set_release_threshold(root.release_role().threshold);
  record.set_releases(view.releases);
  *record.mutable_contacts() = root.message().contacts();
  record.set_kind(std::string(trust::to_string(root.message().kind())));
  record.set_is_own(view.is_own);
  record.set_freshness(to_freshness(view.freshness));
  record.set_freshness_since(view.freshness_since);
  if (view.head) {
    record.set_head_sequence(view.head->sequence());
    record.set_head_issued(view.head->issued());
    record.set_head_expires(view.head->expires());
  }
  record.set_head_checked(view.head_checked);
  record.set_feed_records(view.feed_records);
  record.set_listed_releases(view.listed_releases);
  record.set_link(view.link);
  *record.mutable_locations() = root.message().locations();
  if (root.head_key()) record.set_head_key(hex_of(*root.head_key()));
  for (const auto& key : root.locators()) record.add_locator_keys(hex_of(key));
  for (const auto& key : root.anchors()) record.add_anchor_keys(hex_of(key));
  record.set_evidence(view.evidence);
  return record;
}

void add_roots(const engine::PublisherView& view,
               google::protobuf::RepeatedPtrField<v1::RootRecord>* records) {
  const auto& roots = view.roots.roots();
  for (std::size_t i = 0; i < roots.size(); ++i) {
    const auto& root = roots[i];
    auto& record = *records->Add();
    record.set_version(root.version());
    record.set_issued(root.issued());
    record.set_expires(root.expires());
    for (const auto& key : root.signers()) record.add_signed_by(name_of(root, key));
    record.set_root_threshold(root.root_role().threshold);
    record.set_root_keys(static_cast<std::uint32_t>(root.root_role().keys.size()));
    record.set_release_threshold(root.release_role().threshold);
    record.set_release_keys(static_cast<std::uint32_t>(root.release_role().keys.size()));
    if (i >= view.sightings.size()) continue;
    record.set_seen(view.sightings[i].seen);
    record.set_source(view.sightings[i].source);
  }
}

v1::EvidenceRecord to_record(const store::StoredEvidence& evidence) {
  v1::EvidenceRecord record;
  record.set_kind(evidence.kind);
  record.set_found(evidence.found);
  record.set_source(valid_utf8(evidence.source));
  record.set_detail(evidence.detail);
  record.set_first(field_of(evidence.first));
  record.set_second(field_of(evidence.second));
  return record;
}

v1::RefreshSource to_message(const engine::SourceAnswer& answer) {
  v1::RefreshSource out;
  out.set_petname(answer.petname);
  out.set_source(valid_utf8(answer.source));
  out.set_sequence(answer.sequence);
  out.set_is_news(answer.is_news);
  out.set_problem(valid_utf8(answer.problem));
  return out;
}

v1::ListedRecord to_record(const engine::ListedView& view) {
  v1::ListedRecord record;
  record.set_ref(view.ref());
  record.set_petname(view.petname);
  record.set_model(view.release.model);
  record.set_version(view.release.version);
  record.set_release_id(view.release.release_id.to_hex());
  record.set_infohash(view.release.infohash.to_hex());
  record.set_publisher_id(view.publisher_id.to_hex());
  record.set_bytes(view.release.bytes);
  record.set_license(view.release.license);
  record.set_summary(view.release.summary);
  record.set_listed(view.release.listed);
  for (const auto& channel : view.channels) record.add_channels(channel);
  for (const auto& notice : view.notices) *record.add_notices() = to_record(notice);
  record.set_is_yanked(view.is_yanked);
  record.set_is_withdrawn(view.is_withdrawn);
  record.set_is_here(view.is_here);
  record.set_record(view.release.record);
  record.set_stage(std::string(release::to_string(view.stage)));
  for (const auto audience : view.release.audiences)
    record.add_audiences(std::string(release::to_string(static_cast<v1::Audience>(audience))));
  return record;
}

v1::NoticeRecord to_record(const engine::NoticeView& view) {
  v1::NoticeRecord record;
  record.set_kind(to_kind(view.notice.kind()));
  record.set_reason(to_reason(view.notice.reason()));
  record.set_text(view.notice.text());
  record.set_issued(view.notice.issued());
  *record.mutable_advisories() = view.notice.message().advisories();
  for (const auto& signer : view.signed_by) record.add_signed_by(signer);
  return record;
}

v1::ChannelRecord to_record(const engine::ChannelView& view) {
  v1::ChannelRecord record;
  record.set_petname(view.petname);
  record.set_model(view.model);
  record.set_channel(view.channel);
  record.set_version(view.version);
  record.set_set(view.set);
  if (view.release_id) record.set_release_id(view.release_id->to_hex());
  return record;
}

v1::LogRecord to_record(const engine::LogView& view) {
  v1::LogRecord record;
  record.set_number(view.number);
  record.set_added(view.added);
  record.set_kind(view.listed    ? "release"
                  : view.channel ? "channel"
                  : view.notice  ? "notice"
                                 : "root");
  record.set_text(view.text);
  if (view.listed) *record.mutable_release() = to_record(*view.listed);
  if (view.channel) *record.mutable_channel() = to_record(*view.channel);
  if (view.notice) *record.mutable_notice() = to_record(*view.notice);
  record.set_root_version(view.root_version);
  return record;
}

v1::MirrorRecord to_record(const engine::MirrorView& view) {
  v1::MirrorRecord record;
  record.set_key(hex_of(view.key));
  record.set_name(view.name);
  record.set_fingerprint(trust::fingerprint(view.key.id()));
  record.set_pinned(view.pinned);
  record.set_is_own(view.is_own);
  return record;
}

v1::AttestationRecord to_record(const engine::AttestationView& view) {
  const auto& attestation = view.attestation;
  v1::AttestationRecord record;
  if (view.mirror) {
    *record.mutable_mirror() = to_record(*view.mirror);
  } else {
    record.mutable_mirror()->set_key(hex_of(attestation.mirror_key()));
    record.mutable_mirror()->set_fingerprint(trust::fingerprint(attestation.mirror_key().id()));
  }
  record.set_mirror_name(attestation.mirror_name());
  record.set_release_id(attestation.release_id().to_hex());
  record.set_verified(attestation.verified());
  record.set_expires(attestation.expires());
  record.set_bytes(attestation.bytes_verified());
  record.set_envelope(field_of(attestation.raw()));
  return record;
}

}  // namespace owrd::control
