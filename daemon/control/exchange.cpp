#include "daemon/control/exchange.h"

#include <algorithm>
#include <string>

#include "daemon/control/escapes.h"
#include "daemon/control/gzip.h"
#include "daemon/core/text.h"

namespace owrd::control {
namespace {

namespace http = boost::beast::http;
using std::chrono::milliseconds;

/// A reply that is smaller gains nothing by compression.
constexpr std::size_t kGzipFromBytes = 1024;

constexpr const char* kJoinGroup = "join group owrd: sudo adduser $USER owrd";

std::string_view to_view(boost::beast::string_view text) { return {text.data(), text.size()}; }

/// A header's value; nothing when it is absent or empty.
std::optional<std::string> header(const HttpRequest& request, const char* name) {
  const auto found = request.find(name);
  if (found == request.end() || found->value().empty()) return std::nullopt;
  return std::string(to_view(found->value()));
}

std::string_view path_of(const HttpRequest& request) {
  const auto target = to_view(request.target());
  return target.substr(0, target.find('?'));
}

/// One parameter of the query; the outer optional is its presence, the inner its value if that is
/// well-formed.
std::optional<std::optional<std::string>> query_value(const HttpRequest& request,
                                                      std::string_view name) {
  auto rest = to_view(request.target());
  rest.remove_prefix(path_of(request).size());
  while (!rest.empty()) {
    rest.remove_prefix(1);  // '?' or '&'
    const auto pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(pair.size());
    const auto equals = std::min(pair.find('='), pair.size());
    if (pair.substr(0, equals) != name) continue;
    return parse_query_value(pair.substr(std::min(equals + 1, pair.size())));
  }
  return std::nullopt;
}

/// The same, when a parameter that is absent and one that is broken are the same.
std::optional<std::string> query_text(const HttpRequest& request, std::string_view name) {
  const auto value = query_value(request, name);
  return value ? *value : std::nullopt;
}

HttpResponse status_only(http::status status, http::field name, const char* value) {
  HttpResponse response(status, 11);
  response.set(name, value);
  return response;
}

RpcError call_error(const char* code, ErrorCode kind, std::string message, std::string hint = {}) {
  return {code, Error{kind, std::move(message), std::move(hint)}};
}

RpcError invalid(std::string message) {
  return to_rpc_error({ErrorCode::InvalidInput, std::move(message)});
}

/// A request that may be spoken to in terms of the protocol: its path, HTTP method and content type
/// are right.
struct Call {
  const Method* method;
  Codec codec;
  bool is_get;
};

std::variant<Call, HttpResponse> route_get(const Method& method, const HttpRequest& request) {
  const auto encoding = query_text(request, "encoding");
  const bool is_known = encoding == "json" || encoding == "proto";
  if (!is_known || !request.body().empty())
    return status_only(http::status::unsupported_media_type, http::field::accept_post,
                       "application/json, application/proto");
  return Call{&method, encoding == "json" ? Codec::Json : Codec::Proto, /*is_get=*/true};
}

std::variant<Call, HttpResponse> route_post(const Method& method, const HttpRequest& request) {
  const auto type = parse_content_type(header(request, "Content-Type").value_or(""));
  if (type && type->is_stream == method.is_stream())
    return Call{&method, type->codec, /*is_get=*/false};
  return status_only(http::status::unsupported_media_type, http::field::accept_post,
                     method.is_stream() ? "application/connect+json, application/connect+proto"
                                        : "application/json, application/proto");
}

std::variant<Call, HttpResponse> route(const Services& services, const HttpRequest& request) {
  const auto path = path_of(request);
  const bool is_get = request.method() == http::verb::get;
  if (path == "/livez" || path == "/readyz") {
    if (is_get) return plain_response(200, "ok\n");
    return status_only(http::status::method_not_allowed, http::field::allow, "GET");
  }
  const Method* method = services.find(path);
  if (method == nullptr) return plain_response(404, "");
  if (request.method() == http::verb::post) return route_post(*method, request);
  if (is_get && method->allows_get()) return route_get(*method, request);
  return status_only(http::status::method_not_allowed, http::field::allow,
                     method->allows_get() ? "GET, POST" : "POST");
}

std::optional<RpcError> check_version(const Call& call, const HttpRequest& request) {
  if (call.is_get) {
    const auto version = query_value(request, "connect");
    if (!version || *version == "v1") return std::nullopt;
    return invalid("request: parameter connect must be v1");
  }
  const auto version = header(request, "Connect-Protocol-Version");
  if (!version || *version == "1") return std::nullopt;
  return invalid("request: header Connect-Protocol-Version must be 1, not " +
                 owrd::quoted(*version));
}

RpcResult<Coding> request_coding(const Call& call, const HttpRequest& request) {
  auto name =
      call.is_get ? query_text(request, "compression") : header(request, "Content-Encoding");
  if (call.method->is_stream()) name = header(request, "Connect-Content-Encoding");
  if (!name || name->empty()) return Coding::Identity;
  if (const auto coding = parse_coding(*name)) return *coding;
  return call_error(
      "unimplemented", ErrorCode::InvalidInput,
      "request: compression " + owrd::quoted(*name) + " is not known; supported: " + kCodings);
}

/// A client that does not say what it accepts accepts what it sends.
Coding reply_coding(const Call& call, const HttpRequest& request) {
  if (const auto accepted = header(request, "Accept-Encoding")) return choose_coding(*accepted);
  const auto coding = request_coding(call, request);
  return std::holds_alternative<Coding>(coding) ? std::get<Coding>(coding) : Coding::Identity;
}

RpcResult<std::optional<milliseconds>> parse_timeout(const HttpRequest& request) {
  const auto text = header(request, "Connect-Timeout-Ms");
  if (!text) return std::optional<milliseconds>();
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text->size() > 10 || !std::all_of(text->begin(), text->end(), is_digit))
    return invalid("request: header Connect-Timeout-Ms must be 1 to 10 digits, not " +
                   owrd::quoted(*text));
  return std::optional(milliseconds(std::stoll(*text)));
}

std::optional<RpcError> check_access(const Call& call, const Caller& caller) {
  if (caller.access == Access::Full || call.method->is_read_only()) return std::nullopt;
  return to_rpc_error(
      {ErrorCode::Denied,
       call.method->descriptor->full_name() + ": not on the read-only socket, it changes something",
       kJoinGroup});
}

RpcResult<std::string> get_body(const HttpRequest& request) {
  const auto message = query_value(request, "message");
  if (!message) return invalid("request: parameter message is missing");
  if (!*message) return invalid("request: parameter message has a broken escape");
  if (query_text(request, "base64") != "1") return **message;
  auto bytes = parse_base64(**message);
  if (!bytes) return invalid("request: parameter message is not base64");
  return std::move(*bytes);
}

/// What has no bytes has none in any coding.
RpcResult<std::string> decompress(std::string_view bytes, Coding coding,
                                  std::uint64_t limit_bytes) {
  if (coding == Coding::Identity || bytes.empty()) return std::string(bytes);
  return gunzip(bytes, limit_bytes);
}

RpcResult<std::string> body_of(const Call& call, const HttpRequest& request, Coding coding,
                               std::uint64_t limit_bytes) {
  if (call.is_get) {
    auto bytes = get_body(request);
    if (auto* error = std::get_if<RpcError>(&bytes)) return std::move(*error);
    return decompress(std::get<std::string>(bytes), coding, limit_bytes);
  }
  if (!call.method->is_stream()) return decompress(request.body(), coding, limit_bytes);
  auto opened = open_envelope(request.body(), coding);
  if (auto* error = std::get_if<RpcError>(&opened)) return std::move(*error);
  const auto& message = std::get<EnvelopedMessage>(opened);
  return decompress(message.bytes, message.coding, limit_bytes);
}

RpcResult<MessagePtr> read_message(const Call& call, const HttpRequest& request,
                                   const Circumstances& circumstances) {
  if (auto error = check_version(call, request)) return std::move(*error);
  auto coding = request_coding(call, request);
  if (auto* error = std::get_if<RpcError>(&coding)) return std::move(*error);
  if (auto error = check_access(call, circumstances.caller)) return std::move(*error);
  auto body = body_of(call, request, std::get<Coding>(coding), circumstances.body_limit_bytes);
  if (auto* error = std::get_if<RpcError>(&body)) return std::move(*error);
  MessagePtr message(call.method->request_type->New());
  if (const auto parsed = parse_message(call.codec, std::get<std::string>(body), *message); !parsed)
    return to_rpc_error(parsed.error());
  return message;
}

HttpResponse unary_response(const Call& call, const Result<MessagePtr>& reply, Coding coding) {
  if (!reply) return error_response(to_rpc_error(reply.error()));
  auto body = print_message(call.codec, **reply);
  if (!body) return error_response(to_rpc_error(body.error()));
  HttpResponse response(http::status::ok, 11);
  response.set(http::field::content_type, to_string(ContentType{call.codec, /*is_stream=*/false}));
  if (coding == Coding::Gzip && body->size() >= kGzipFromBytes) {
    response.set(http::field::content_encoding, "gzip");
    *body = gzip(*body);
  }
  response.body() = std::move(*body);
  return response;
}

HttpResponse make_unary_call(const Call& call, const HttpRequest& request,
                             const Circumstances& circumstances) {
  const auto timeout = parse_timeout(request);
  if (const auto* error = std::get_if<RpcError>(&timeout)) return error_response(*error);
  const auto message = read_message(call, request, circumstances);
  if (const auto* error = std::get_if<RpcError>(&message)) return error_response(*error);
  const auto& limit = std::get<std::optional<milliseconds>>(timeout);
  if (limit && circumstances.waited >= *limit) return error_response(deadline_error(*limit));
  const auto reply = call.method->unary(*std::get<MessagePtr>(message), circumstances.caller);
  return unary_response(call, reply, reply_coding(call, request));
}

StreamOpening open_stream(const Call& call, const HttpRequest& request,
                          const Circumstances& circumstances) {
  const auto timeout = parse_timeout(request);
  if (const auto* error = std::get_if<RpcError>(&timeout))
    return {call.codec, call.method, *error, std::nullopt};
  return {call.codec, call.method, read_message(call, request, circumstances),
          std::get<std::optional<milliseconds>>(timeout)};
}

}  // namespace

RpcError deadline_error(milliseconds timeout) {
  return call_error(
      "deadline_exceeded", ErrorCode::Busy,
      "not done within the " + std::to_string(timeout.count()) + " ms that the client gave");
}

HttpResponse plain_response(unsigned status, std::string text) {
  HttpResponse response(static_cast<http::status>(status), 11);
  if (!text.empty()) response.set(http::field::content_type, "text/plain; charset=utf-8");
  response.body() = std::move(text);
  return response;
}

HttpResponse error_response(const RpcError& error) {
  HttpResponse response;
  response.version(11);
  response.result(http_status(error.code));
  if (response.result_int() == 499) response.reason("Client Closed Request");
  response.set(http::field::content_type, "application/json");
  response.body() = error_json(error);
  return response;
}

Answer answer(const Services& services, const HttpRequest& request,
              const Circumstances& circumstances) {
  auto routed = route(services, request);
  if (auto* response = std::get_if<HttpResponse>(&routed)) return std::move(*response);
  const Call& call = std::get<Call>(routed);
  if (call.method->is_stream()) return open_stream(call, request, circumstances);

  auto response = make_unary_call(call, request, circumstances);
  response.set(http::field::cache_control, "no-store");
  if (call.is_get) response.set(http::field::vary, "Accept-Encoding");
  return response;
}

Answer answer_too_large(const Services& services, const HttpRequest& request,
                        std::uint64_t limit_bytes) {
  auto routed = route(services, request);
  if (auto* response = std::get_if<HttpResponse>(&routed)) return std::move(*response);
  const Call& call = std::get<Call>(routed);
  const auto error =
      call_error("resource_exhausted", ErrorCode::InvalidInput,
                 "request: larger than the limit of " + std::to_string(limit_bytes) + " bytes");
  if (call.method->is_stream()) return StreamOpening{call.codec, call.method, error, std::nullopt};
  return error_response(error);
}

}  // namespace owrd::control
