#include "cli/records.h"

#include <google/protobuf/util/json_util.h>

#include "cli/name_records.h"
#include "cli/trust_records.h"
#include "cli/wording.h"
#include "daemon/core/units.h"
#include "daemon/release/description.h"

namespace owrd::cli {
namespace {

Json files_of(const google::protobuf::RepeatedPtrField<v1::FileRecord>& files) {
  auto array = Json::array();
  for (const auto& file : files) array.push_back(file_record(file));
  return array;
}

}  // namespace

Json typed(const char* type, const Json& record) {
  Json result{{"type", type}};
  for (const auto& [key, value] : record.items()) result[key] = value;
  return result;
}

Json time_or_null(std::int64_t unix_seconds) {
  return unix_seconds == 0 ? Json() : Json(format_time(unix_seconds));
}

Json release_record(const v1::ReleaseRecord& release) {
  return Json{{"ref", release.ref()},
              {"release_id", release.release_id()},
              {"infohash", release.infohash()},
              {"publisher_id", release.publisher_id()},
              {"state", state_name(release.state())},
              {"detail", release.detail()},
              {"bytes", release.bytes_total()},
              {"bytes_wanted", release.bytes_wanted()},
              {"bytes_verified", release.bytes_verified()},
              {"bytes_uploaded", release.bytes_uploaded()},
              {"bytes_downloaded", release.bytes_downloaded()},
              {"bytes_reused", release.bytes_reused()},
              {"download_rate", release.download_rate()},
              {"upload_rate", release.upload_rate()},
              {"peers", release.peers()},
              {"seeds", release.seeds()},
              {"files", release.files()},
              {"added", format_time(release.added())},
              {"path", release.directory()},
              {"license", release.license()},
              {"partial", release.partial()},
              {"damaged_files", strings(release.damaged_files())}};
}

Json file_record(const v1::FileRecord& file) {
  return Json{{"path", file.path()},
              {"bytes", file.length()},
              {"bytes_verified", file.bytes_verified()},
              {"wanted", file.wanted()},
              {"role", file.role()},
              {"pieces_root", file.pieces_root()},
              {"sha256", file.sha256()}};
}

Json status_record(const v1::StatusReply& status) {
  auto publishers = Json::array();
  for (const auto& publisher : status.publishers())
    publishers.push_back(publisher_record(publisher));
  return Json{{"version", status.version()},
              {"pid", status.pid()},
              {"uid", status.uid()},
              {"private", status.is_private()},
              {"read_only", status.read_only()},
              {"uptime_seconds", status.uptime_seconds()},
              {"socket", status.socket()},
              {"store", status.store()},
              {"store_used_bytes", status.store_used_bytes()},
              {"store_free_bytes", status.store_free_bytes()},
              {"listening", strings(status.listening())},
              {"dht_nodes", status.dht_nodes()},
              {"download_rate", status.download_rate()},
              {"upload_rate", status.upload_rate()},
              {"seeding", status.seeding()},
              {"getting", status.getting()},
              {"paused", status.paused()},
              {"failed", status.failed()},
              {"worker_running", status.worker_running()},
              {"worker_pid", status.worker_pid()},
              {"worker_restarts", status.worker_restarts()},
              {"warnings", strings(status.warnings())},
              {"mirror_key", status.mirror_key()},
              {"publishers", publishers}};
}

Json plan_record(const v1::TransferPlan& plan) {
  auto record = typed("plan", release_record(plan.release()));
  record["bytes_here"] = plan.bytes_here();
  record["bytes_free"] = plan.bytes_free();
  record["signed_by"] = strings(plan.signed_by());
  record["was_running"] = plan.was_running();
  if (!plan.copied_from().empty()) record["copied_from"] = plan.copied_from();
  record["file_list"] = files_of(plan.files());
  if (plan.has_resolved()) record["resolved"] = listed_record(plan.resolved());
  record["warnings"] = strings(plan.warnings());
  record["attested_by"] = strings(plan.attested_by());
  return record;
}

Json progress_record(const v1::TransferProgress& progress) {
  auto record = typed("progress", release_record(progress.release()));
  record["eta_seconds"] = progress.eta_seconds() == 0 ? Json() : Json(progress.eta_seconds());
  record["files_done"] = progress.files_done();
  record["files_wanted"] = progress.files_wanted();
  record["active"] = files_of(progress.active());
  return record;
}

Json hashing_record(const v1::HashProgress& progress) {
  return Json{{"type", "hashing"},
              {"bytes_done", progress.bytes_done()},
              {"bytes_total", progress.bytes_total()},
              {"file", progress.file()}};
}

Json done_record(const v1::TransferDone& done) {
  auto record = typed("done", release_record(done.release()));
  record["elapsed_ms"] = done.elapsed_ms();
  record["seeding"] = done.seeding();
  return record;
}

Json verify_record(const v1::VerifyReport& report) {
  auto files = Json::array();
  for (const auto& file : report.files()) {
    auto pieces = Json::array();
    for (const auto piece : file.bad_pieces()) pieces.push_back(piece);
    files.push_back(Json{{"path", file.path()},
                         {"ok", file.ok()},
                         {"skipped", file.skipped()},
                         {"problem", file.problem()},
                         {"bad_pieces", pieces}});
  }
  return Json{{"type", "verified"},
              {"ref", report.release().ref()},
              {"release_id", report.release().release_id()},
              {"path", report.release().directory()},
              {"signed_by", strings(report.signed_by())},
              {"files_ok", report.files_ok()},
              {"files_bad", report.repaired() ? 0 : report.files_bad()},
              {"files_repaired", report.repaired() ? report.files_bad() : 0},
              {"files", files}};
}

Json description_record(const v1::Manifest& manifest) {
  std::string text;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  const auto said = release::publishers_part(manifest);
  if (!google::protobuf::util::MessageToJsonString(said, &text, options).ok()) return Json();
  return Json::parse(text);
}

}  // namespace owrd::cli
