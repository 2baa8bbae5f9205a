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

/// What a message's bytes are compressed with.
enum class Coding { Identity, Gzip };
constexpr const char* kCodings = "identity, gzip";  ///< All that parse_coding() takes.

/// Takes the name of a coding, in any case.
std::optional<Coding> parse_coding(std::string_view name);
/// The first known name of an `Accept-Encoding`: it lists the most preferred first, its weights
/// count for nothing, except that one of zero refuses (RFC 9110 section 12.5.3).
Coding choose_coding(std::string_view accepted);

/// A stream's unit: flags, big-endian length, bytes.
constexpr std::uint8_t kMessageFlags = 0;
constexpr std::uint8_t kEndStreamFlags = 2;
std::string envelope(std::uint8_t flags, std::string_view bytes);

struct EnvelopedMessage {
  std::string_view bytes;
  Coding coding;  ///< Of these bytes.
};
/// The one message that the request of a server stream holds; the view is into `body`. It may be
/// compressed with `agreed` or not at all, as its flags say.
RpcResult<EnvelopedMessage> open_envelope(std::string_view body, Coding agreed);

}  // namespace owrd::control
