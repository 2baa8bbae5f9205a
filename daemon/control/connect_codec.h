#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/control/connect_error.h"
#include "daemon/core/result.h"

namespace google::protobuf {
class Message;
}

/// How the Connect protocol writes messages (connectrpc.com/docs/protocol).
namespace owrd::control {

enum class Codec { Json, Proto };

struct ContentType {
  Codec codec;
  bool is_stream;
  friend bool operator==(const ContentType&, const ContentType&) = default;
};

/// Takes the four types of the protocol, in any case, JSON also with `; charset=utf-8`.
std::optional<ContentType> parse_content_type(std::string_view text);
const char* to_string(ContentType type);

/// InvalidInput when `bytes` is not a message of this type. Fields that this program does not know
/// are passed over.
Result<> parse_message(Codec codec, std::string_view bytes, google::protobuf::Message& message);
/// In JSON every field without presence is printed, 64-bit integers as strings.
Result<std::string> print_message(Codec codec, const google::protobuf::Message& message);

/// A stream's unit: flags, big-endian length, bytes.
constexpr std::uint8_t kMessageFlags = 0;
constexpr std::uint8_t kEndStreamFlags = 2;
std::string envelope(std::uint8_t flags, std::string_view bytes);

/// The one message that the request of a server stream holds; the view is into `body`.
RpcResult<std::string_view> open_envelope(std::string_view body);

}  // namespace owrd::control
