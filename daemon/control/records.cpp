#include "daemon/control/records.h"

#include <algorithm>
#include <set>
#include <string>

#include "daemon/control/escapes.h"

namespace owrd::control {
namespace {

std::string to_hex(const std::optional<Digest>& digest) { return digest ? digest->to_hex() : ""; }
std::string to_field(const Bytes& bytes) { return std::string(as_text(bytes)); }

v1::ReleaseState to_state(engine::State state) {
  switch (state) {
    case engine::State::Resolving:
      return v1::RELEASE_STATE_RESOLVING;
    case engine::State::Getting:
      return v1::RELEASE_STATE_GETTING;
    case engine::State::Verifying:
      return v1::RELEASE_STATE_VERIFYING;
    case engine::State::Seeding:
      return v1::RELEASE_STATE_SEEDING;
    case engine::State::Complete:
      return v1::RELEASE_STATE_COMPLETE;
    case engine::State::Paused:
      return v1::RELEASE_STATE_PAUSED;
    case engine::State::Damaged:
      return v1::RELEASE_STATE_DAMAGED;
    case engine::State::Failed:
      return v1::RELEASE_STATE_FAILED;
  }
  return v1::RELEASE_STATE_UNSPECIFIED;
}

const char* to_role(v1::FileRole role) {
  switch (role) {
    case v1::FILE_ROLE_WEIGHTS:
      return "weights";
    case v1::FILE_ROLE_LICENSE:
      return "license";
    case v1::FILE_ROLE_CARD:
      return "card";
    case v1::FILE_ROLE_CONFIG:
      return "config";
    case v1::FILE_ROLE_TOKENIZER:
      return "tokenizer";
    case v1::FILE_ROLE_CODE:
      return "code";
    case v1::FILE_ROLE_LAYERS:
      return "layers";
    case v1::FILE_ROLE_OTHER:
      return "other";
    default:
      return "";
  }
}

template <class Views, class Field>
void add_records(const Views& views, Field* field) {
  for (const auto& view : views) *field->Add() = to_record(view);
}

template <class Field>
void add_texts(const std::vector<std::string>& texts, Field* field) {
  for (const auto& text : texts) *field->Add() = valid_utf8(text);
}

v1::VerifiedFile to_message(const engine::VerifiedFile& file) {
  v1::VerifiedFile out;
  out.set_path(valid_utf8(file.path));
  out.set_ok(file.is_ok);
  out.set_problem(valid_utf8(file.problem));
  out.mutable_bad_pieces()->Add(file.bad_pieces.begin(), file.bad_pieces.end());
  out.set_skipped(file.is_skipped);
  return out;
}

}  // namespace

v1::ReleaseRecord to_record(const engine::ReleaseView& view) {
  v1::ReleaseRecord record;
  record.set_ref(view.ref);
  record.set_release_id(to_hex(view.release_id));
  record.set_infohash(to_hex(view.infohash));
  record.set_publisher_id(to_hex(view.publisher_id));
  record.set_state(to_state(view.state));
  record.set_detail(valid_utf8(view.detail));
  record.set_bytes_total(view.bytes_total);
  record.set_bytes_wanted(view.bytes_wanted);
  record.set_bytes_verified(view.bytes_verified);
  record.set_bytes_uploaded(view.bytes_uploaded);
  record.set_bytes_downloaded(view.bytes_downloaded);
  record.set_download_rate(view.download_rate);
  record.set_upload_rate(view.upload_rate);
  record.set_peers(view.peers);
  record.set_seeds(view.seeds);
  record.set_files(view.files);
  record.set_added(view.added);
  record.set_bytes_reused(view.bytes_reused);
  record.set_directory(valid_utf8(view.directory.string()));
  record.set_license(view.license);
  record.set_partial(view.is_partial);
  add_texts(view.damaged_files, record.mutable_damaged_files());
  return record;
}

v1::FileRecord to_record(const engine::FileView& view) {
  v1::FileRecord record;
  record.set_path(valid_utf8(view.path));
  record.set_length(view.length);
  record.set_pieces_root(to_hex(view.pieces_root));
  record.set_sha256(to_hex(view.sha256));
  record.set_bytes_verified(view.bytes_verified);
  record.set_wanted(view.is_wanted);
  record.set_role(to_role(view.role));
  return record;
}

v1::ShowReleaseReply to_reply(const engine::ReleaseDetails& details) {
  v1::ShowReleaseReply reply;
  *reply.mutable_release() = to_record(details.release);
  add_records(details.files, reply.mutable_files());
  reply.set_envelope(to_field(details.proof));
  reply.set_magnet(release::to_string(details.magnet));
  add_texts(details.signed_by, reply.mutable_signed_by());
  reply.set_created(details.created);
  reply.set_piece_length(details.piece_length);
  add_texts(details.endpoints, reply.mutable_endpoints());
  return reply;
}

v1::Prepared to_message(const engine::Prepared& prepared) {
  const auto& manifest = prepared.manifest;
  v1::Prepared out;
  out.set_manifest(to_field(manifest.payload()));
  out.set_release_id(manifest.release_id().to_field());
  if (prepared.envelope) out.set_envelope(to_field(*prepared.envelope));
  for (const auto& left_out : prepared.left_out) {
    out.add_left_out()->set_path(valid_utf8(left_out.path));
    out.mutable_left_out()->rbegin()->set_reason(left_out.reason);
  }
  add_texts(prepared.warnings, out.mutable_warnings());
  out.set_files(static_cast<std::uint32_t>(manifest.files().size()));
  out.set_bytes(manifest.total_bytes());
  out.set_piece_length(manifest.piece_length());
  return out;
}

v1::HashProgress to_message(const content::Progress& progress) {
  v1::HashProgress out;
  out.set_bytes_done(progress.bytes_done);
  out.set_bytes_total(progress.bytes_total);
  out.set_file(valid_utf8(progress.file));
  return out;
}

v1::TransferProgress to_message(const engine::TransferProgress& progress) {
  v1::TransferProgress out;
  *out.mutable_release() = to_record(progress.release);
  add_records(progress.active, out.mutable_active());
  if (progress.eta) out.set_eta_seconds(static_cast<std::uint64_t>(progress.eta->count()));
  out.set_files_done(progress.files_done);
  out.set_files_wanted(progress.files_wanted);
  return out;
}

v1::TransferPlan to_message(const engine::TransferPlan& plan) {
  v1::TransferPlan out;
  *out.mutable_release() = to_record(plan.release);
  add_records(plan.files, out.mutable_files());
  out.set_bytes_here(plan.bytes_here);
  out.set_bytes_free(plan.bytes_free);
  add_texts(plan.signed_by, out.mutable_signed_by());
  out.set_was_running(plan.was_running);
  out.set_copied_from(plan.copied_from.string());
  if (plan.resolved) {
    *out.mutable_resolved() = to_record(plan.resolved->listed);
    add_texts(plan.resolved->warnings, out.mutable_warnings());
  }
  add_texts(plan.attested_by, out.mutable_attested_by());
  out.set_envelope(std::string(as_text(plan.envelope)));
  if (plan.unaccepted_license) out.set_unaccepted_license(plan.unaccepted_license->to_hex());
  return out;
}

v1::TransferDone to_message(const engine::TransferDone& done) {
  v1::TransferDone out;
  *out.mutable_release() = to_record(done.release);
  out.set_elapsed_ms(static_cast<std::uint64_t>(done.elapsed.count()));
  out.set_seeding(done.is_seeding);
  return out;
}

v1::VerifyReport to_message(const engine::VerifyReport& report) {
  v1::VerifyReport out;
  *out.mutable_release() = to_record(report.release);
  for (const auto& file : report.files) *out.add_files() = to_message(file);
  const auto ok = std::count_if(report.files.begin(), report.files.end(),
                                [](const auto& file) { return file.is_ok && !file.is_skipped; });
  const auto bad = std::count_if(report.files.begin(), report.files.end(),
                                 [](const auto& file) { return !file.is_ok && !file.is_skipped; });
  out.set_files_ok(static_cast<std::uint32_t>(ok));
  out.set_files_bad(static_cast<std::uint32_t>(bad));
  out.set_repaired(report.repaired);
  add_texts(report.signed_by, out.mutable_signed_by());
  return out;
}

}  // namespace owrd::control
