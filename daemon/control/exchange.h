#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

#include "daemon/control/connect_codec.h"
#include "daemon/control/services.h"

/// What is answered to one HTTP request, apart from any socket: the Connect protocol's rules for
/// paths, methods, content types, headers and errors.
namespace owrd::control {

using HttpRequest = boost::beast::http::request<boost::beast::http::string_body>;
using HttpResponse = boost::beast::http::response<boost::beast::http::string_body>;

/// A response that is a stream: it begins with its headers, whatever comes of the call.
struct StreamOpening {
  Codec codec;
  const Method* method;
  RpcResult<MessagePtr> request;  ///< An error here is all that the stream will say.
  std::optional<std::chrono::milliseconds> timeout;  ///< Since the request's header came.
};

using Answer = std::variant<HttpResponse, StreamOpening>;

/// What is known of a request besides what it says.
struct Circumstances {
  const Caller& caller;
  std::chrono::steady_clock::duration waited;  ///< Since its header came.
  std::uint64_t body_limit_bytes;  ///< Of what a compressed body becomes; for others it is kept.
};

/// Answers a complete request; a unary call is made and done with when this returns.
Answer answer(const Services& services, const HttpRequest& request,
              const Circumstances& circumstances);

/// Answers a request whose head was read and whose body is over the limit.
Answer answer_too_large(const Services& services, const HttpRequest& request,
                        std::uint64_t limit_bytes);

RpcError deadline_error(std::chrono::milliseconds timeout);

/// A plain answer, for what is no call at all.
HttpResponse plain_response(unsigned status, std::string text);
/// A unary call's failure.
HttpResponse error_response(const RpcError& error);

}  // namespace owrd::control
