#include "daemon/control/connect_error.h"

#include <google/protobuf/util/json_util.h>

#include <array>
#include <cstdint>
#include <utility>

#include "daemon/control/escapes.h"
#include "owrd/v1/control.pb.h"

namespace owrd::control {
namespace {

v1::ErrorInfo error_info(const Error& error) {
  const auto& facts = error_facts(error.code);
  v1::ErrorInfo info;
  info.set_reason(facts.name);
  info.set_hint(valid_utf8(error.hint));
  info.set_exit_code(static_cast<std::uint32_t>(facts.exit_code));
  return info;
}

/// The detail of the protocol: the message in binary for programs, and again as JSON for people.
std::string detail_json(const v1::ErrorInfo& info) {
  std::string debug;
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  if (!google::protobuf::util::MessageToJsonString(info, &debug, options).ok()) debug = "{}";
  return "{\"type\":" + json_string(info.GetDescriptor()->full_name()) +
         ",\"value\":" + json_string(base64(info.SerializeAsString())) + ",\"debug\":" + debug +
         "}";
}

}  // namespace

RpcError to_rpc_error(Error error) {
  std::string code = error_facts(error.code).connect_code;
  return {std::move(code), std::move(error)};
}

unsigned http_status(std::string_view connect_code) {
  static constexpr std::array<std::pair<std::string_view, unsigned>, 16> kStatuses{{
      {"canceled", 499},
      {"unknown", 500},
      {"invalid_argument", 400},
      {"deadline_exceeded", 504},
      {"not_found", 404},
      {"already_exists", 409},
      {"permission_denied", 403},
      {"resource_exhausted", 429},
      {"failed_precondition", 400},
      {"aborted", 409},
      {"out_of_range", 400},
      {"unimplemented", 501},
      {"internal", 500},
      {"unavailable", 503},
      {"data_loss", 500},
      {"unauthenticated", 401},
  }};
  for (const auto& [code, status] : kStatuses)
    if (code == connect_code) return status;
  return 500;
}

std::string error_json(const RpcError& error) {
  return "{\"code\":" + json_string(error.code) +
         ",\"message\":" + json_string(error.error.message) + ",\"details\":[" +
         detail_json(error_info(error.error)) + "]}";
}

std::string end_stream_json(const std::optional<RpcError>& error) {
  return error ? "{\"error\":" + error_json(*error) + "}" : "{}";
}

}  // namespace owrd::control
