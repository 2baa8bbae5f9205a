#include "daemon/control/connect_codec.h"

#include <google/protobuf/message.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cctype>

namespace owrd::control {
namespace {

constexpr std::uint8_t kCompressedFlag = 1;
constexpr std::size_t kEnvelopeHead = 5;

std::string without_spaces_in_lower_case(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (c != ' ' && c != '\t')
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

RpcError envelope_error(const char* code, const std::string& message) {
  return {code, Error{ErrorCode::InvalidInput, "request: " + message}};
}

/// `item` is one of `Accept-Encoding`: a name, and perhaps `;q=` and a weight of at most three
/// decimals.
bool is_refused(std::string_view item) {
  const auto weight = item.find(";q=0");
  return weight != item.npos && item.find_first_not_of("0.", weight + 3) == item.npos;
}

std::uint32_t big_endian(std::string_view four) {
  std::uint32_t number = 0;
  for (const char c : four) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

bool parse_json(std::string_view bytes, google::protobuf::Message& message, std::string& why) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto status =
      google::protobuf::util::JsonStringToMessage({bytes.data(), bytes.size()}, &message, options);
  if (!status.ok()) why = status.message().ToString();
  return status.ok();
}

}  // namespace

std::optional<ContentType> parse_content_type(std::string_view text) {
  std::string type = without_spaces_in_lower_case(text);
  const auto semicolon = type.find(';');
  const std::string parameter = semicolon == type.npos ? "" : type.substr(semicolon + 1);
  type.resize(std::min(semicolon, type.size()));

  if (!parameter.empty() && parameter != "charset=utf-8" && parameter != "charset=\"utf-8\"")
    return std::nullopt;
  if (type == "application/json") return ContentType{Codec::Json, /*is_stream=*/false};
  if (type == "application/connect+json") return ContentType{Codec::Json, /*is_stream=*/true};
  if (!parameter.empty()) return std::nullopt;
  if (type == "application/proto") return ContentType{Codec::Proto, /*is_stream=*/false};
  if (type == "application/connect+proto") return ContentType{Codec::Proto, /*is_stream=*/true};
  return std::nullopt;
}

const char* to_string(ContentType type) {
  if (type.is_stream)
    return type.codec == Codec::Json ? "application/connect+json" : "application/connect+proto";
  return type.codec == Codec::Json ? "application/json" : "application/proto";
}

Result<> parse_message(Codec codec, std::string_view bytes, google::protobuf::Message& message) {
  // What a client sends must not write to the daemon's stderr.
  const google::protobuf::LogSilencer silencer;
  const std::string type = message.GetDescriptor()->name();
  if (codec == Codec::Proto) {
    if (bytes.size() <= INT32_MAX &&
        message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
      return Done{};
    return Error{ErrorCode::InvalidInput, "request: not a " + type + " in protobuf"};
  }
  if (bytes.empty())
    return Error{ErrorCode::InvalidInput, "request: an empty body is not JSON",
                 "send {} for a " + type + " without fields"};
  std::string why;
  if (parse_json(bytes, message, why)) return Done{};
  return Error{ErrorCode::InvalidInput, "request: not a " + type + " in JSON: " + why};
}

Result<std::string> print_message(Codec codec, const google::protobuf::Message& message) {
  std::string out;
  if (codec == Codec::Proto) {
    if (message.SerializeToString(&out)) return out;
  } else {
    google::protobuf::util::JsonPrintOptions options;
    options.always_print_primitive_fields = true;
    if (google::protobuf::util::MessageToJsonString(message, &out, options).ok()) return out;
  }
  return Error{ErrorCode::Internal,
               "reply: a " + message.GetDescriptor()->name() + " could not be written"};
}

std::optional<Coding> parse_coding(std::string_view name) {
  const std::string lower = without_spaces_in_lower_case(name);
  if (lower == "identity") return Coding::Identity;
  if (lower == "gzip") return Coding::Gzip;
  return std::nullopt;
}

Coding choose_coding(std::string_view accepted) {
  const std::string list = without_spaces_in_lower_case(accepted);
  std::string_view rest = list;
  while (!rest.empty()) {
    const auto item = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(item.size() + 1, rest.size()));
    const auto coding = parse_coding(item.substr(0, item.find(';')));
    if (coding && !is_refused(item)) return *coding;
  }
  return Coding::Identity;
}

std::string envelope(std::uint8_t flags, std::string_view bytes) {
  std::string out(kEnvelopeHead, '\0');
  out[0] = static_cast<char>(flags);
  for (std::size_t i = 0; i < 4; ++i)
    out[1 + i] = static_cast<char>(static_cast<unsigned char>(bytes.size() >> (24 - 8 * i) & 0xFF));
  return out.append(bytes);
}

RpcResult<EnvelopedMessage> open_envelope(std::string_view body, Coding agreed) {
  if (body.empty())
    return envelope_error("unimplemented", "no message, where the method takes exactly one");
  if (body.size() < kEnvelopeHead)
    return envelope_error("invalid_argument", "ends within the head of an envelope");
  const auto flags = static_cast<std::uint8_t>(body[0]);
  const bool is_compressed = (flags & kCompressedFlag) != 0;
  if (is_compressed && agreed == Coding::Identity)
    return envelope_error("internal", "a compressed envelope without a compression agreed on");
  if ((flags & ~kCompressedFlag) != kMessageFlags)
    return envelope_error("internal", "envelope flags " + std::to_string(flags) + " are reserved");
  const std::size_t length = big_endian(body.substr(1, 4));
  body.remove_prefix(kEnvelopeHead);
  if (body.size() < length)
    return envelope_error("invalid_argument", "ends after " + std::to_string(body.size()) + " of " +
                                                  std::to_string(length) + " bytes of an envelope");
  if (body.size() > length)
    return envelope_error("unimplemented", "more than one message, where the method takes one");
  return EnvelopedMessage{body, is_compressed ? agreed : Coding::Identity};
}

}  // namespace owrd::control
