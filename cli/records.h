#pragma once

#include <cstdint>
#include <string>

#include "cli/output.h"
#include "owrd/v1/control.pb.h"
#include "owrd/v1/release.pb.h"

/// The JSON records of --json: the contract with programs. Fields are only ever added; numbers are
/// numbers, times are RFC 3339 in UTC.
namespace owrd::cli {

Json release_record(const v1::ReleaseRecord& release);
Json file_record(const v1::FileRecord& file);
/// What a publisher says: license and the fields 11 to 35, in protobuf's JSON mapping.
Json description_record(const v1::Manifest& manifest);
Json status_record(const v1::StatusReply& status);

/// With "type": "plan", "progress", "hashing", "done", "verified".
Json plan_record(const v1::TransferPlan& plan);
Json progress_record(const v1::TransferProgress& progress);
Json hashing_record(const v1::HashProgress& progress);
Json done_record(const v1::TransferDone& done);
Json verify_record(const v1::VerifyReport& report);

/// Adds "type" in front.
Json typed(const char* type, const Json& record);
/// RFC 3339, or null for 0.
Json time_or_null(std::int64_t unix_seconds);
/// A list of strings as a JSON array.
template <class Strings>
Json strings(const Strings& list) {
  auto array = Json::array();
  for (const auto& text : list) array.push_back(text);
  return array;
}

}  // namespace owrd::cli
