#include "cli/connect_error.h"

#include <array>
#include <nlohmann/json.hpp>

#include "owrd/v1/control.pb.h"

namespace owrd::cli {
namespace {

constexpr std::array kAllCodes = {
    ErrorCode::InvalidInput, ErrorCode::NotFound,  ErrorCode::AlreadyExists, ErrorCode::Untrusted,
    ErrorCode::BadSignature, ErrorCode::Corrupt,   ErrorCode::NoSources,     ErrorCode::NoSpace,
    ErrorCode::Io,           ErrorCode::Denied,    ErrorCode::Config,        ErrorCode::Busy,
    ErrorCode::Unavailable,  ErrorCode::Cancelled, ErrorCode::Internal,      ErrorCode::NotAccepted,
    ErrorCode::Unsafe};

/// The code of an error without an ErrorInfo.
ErrorCode code_of(std::string_view connect_code) {
  struct Row {
    std::string_view name;
    ErrorCode code;
  };
  static constexpr Row kRows[] = {{"invalid_argument", ErrorCode::InvalidInput},
                                  {"out_of_range", ErrorCode::InvalidInput},
                                  {"not_found", ErrorCode::NotFound},
                                  {"already_exists", ErrorCode::AlreadyExists},
                                  {"permission_denied", ErrorCode::Denied},
                                  {"unauthenticated", ErrorCode::Denied},
                                  {"data_loss", ErrorCode::Corrupt},
                                  {"failed_precondition", ErrorCode::Config},
                                  {"resource_exhausted", ErrorCode::Busy},
                                  {"aborted", ErrorCode::Busy},
                                  {"deadline_exceeded", ErrorCode::Busy},
                                  {"unavailable", ErrorCode::Unavailable},
                                  {"canceled", ErrorCode::Cancelled}};
  for (const auto& row : kRows)
    if (row.name == connect_code) return row.code;
  return ErrorCode::Internal;
}

/// The code whose facts are the daemon's; the Connect code tells apart those that share an exit
/// code.
ErrorCode code_of(std::string_view connect_code, const v1::ErrorInfo& info) {
  std::optional<ErrorCode> by_exit_code;
  for (const auto code : kAllCodes) {
    const auto& facts = error_facts(code);
    if (static_cast<std::uint32_t>(facts.exit_code) != info.exit_code()) continue;
    if (facts.connect_code == connect_code) return code;
    if (!by_exit_code) by_exit_code = code;
  }
  return by_exit_code.value_or(code_of(connect_code));
}

std::optional<v1::ErrorInfo> find_info(const nlohmann::json& error) {
  const auto details = error.find("details");
  if (details == error.end() || !details->is_array()) return std::nullopt;
  for (const auto& detail : *details) {
    if (!detail.is_object()) continue;
    const auto type = detail.find("type");
    const auto value = detail.find("value");
    if (type == detail.end() || *type != "owrd.v1.ErrorInfo") continue;
    if (value == detail.end() || !value->is_string()) continue;
    const auto bytes = decode_base64(value->get<std::string>());
    v1::ErrorInfo info;
    if (bytes && info.ParseFromString(*bytes)) return info;
  }
  return std::nullopt;
}

std::string text_of(const nlohmann::json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

Error error_of(const nlohmann::json& error) {
  const auto connect_code = text_of(error, "code");
  auto message = text_of(error, "message");
  if (message.empty()) message = "the daemon answered: " + connect_code;
  const auto info = find_info(error);
  if (info) return Error{code_of(connect_code, *info), message, info->hint()};
  if (connect_code == "unimplemented")
    return Error{ErrorCode::Internal, message,
                 "owrd status   (compare its version with: owrd version)"};
  return Error{code_of(connect_code), message};
}

Error error_of_status(long http_status) {
  const auto message = "the daemon answered with HTTP status " + std::to_string(http_status);
  switch (http_status) {
    case 401:
    case 403:
      return Error{ErrorCode::Denied, message, "owrd status"};
    case 429:
    case 502:
    case 503:
    case 504:
      return Error{ErrorCode::Unavailable, message, "owrd status"};
    case 404:
      return Error{ErrorCode::Internal, message + ": it does not know this request",
                   "owrd status   (compare its version with: owrd version)"};
    default:
      return Error{ErrorCode::Internal, message};
  }
}

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

}  // namespace

std::optional<std::string> decode_base64(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  std::uint32_t bits = 0;
  int bit_count = 0;
  for (const char c : text) {
    const int value = base64_value(c);
    if (value < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    bit_count += 6;
    if (bit_count < 8) continue;
    bit_count -= 8;
    bytes += static_cast<char>(bits >> bit_count & 0xFF);
  }
  return bytes;
}

Error parse_connect_error(std::string_view json, long http_status) {
  const auto error = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (error.is_object() && error.contains("code")) return error_of(error);
  return error_of_status(http_status);
}

std::optional<Error> parse_end_of_stream(std::string_view json) {
  const auto end = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!end.is_object())
    return Error{ErrorCode::Internal, "the daemon ended its answer with broken JSON"};
  const auto error = end.find("error");
  if (error == end.end()) return std::nullopt;
  if (!error->is_object())
    return Error{ErrorCode::Internal, "the daemon ended its answer with broken JSON"};
  return error_of(*error);
}

}  // namespace owrd::cli
