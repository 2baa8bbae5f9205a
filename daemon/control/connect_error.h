#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "daemon/core/result.h"

namespace owrd::control {

/// An error as the Connect protocol carries it. The protocol knows codes that no ErrorCode stands
/// for, such as "unimplemented"; so the code stands apart from the error.
struct RpcError {
  std::string code;
  Error error;
};

/// Under the code that error_facts() gives.
RpcError to_rpc_error(Error error);

template <class T>
using RpcResult = std::variant<T, RpcError>;

/// The HTTP status that a unary reply has for one of the protocol's sixteen codes.
unsigned http_status(std::string_view connect_code);

/// The body of a failed unary reply: code, message, and an ErrorInfo as its one detail.
std::string error_json(const RpcError& error);

/// What the envelope that ends a stream says; `{}` when all went well.
std::string end_stream_json(const std::optional<RpcError>& error);

}  // namespace owrd::control
