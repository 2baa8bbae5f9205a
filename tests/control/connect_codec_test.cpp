#include "daemon/control/connect_codec.h"

#include <gtest/gtest.h>

#include "daemon/control/event_queue.h"
#include "owrd/v1/control.pb.h"

namespace owrd::control {
namespace {

using namespace std::string_literals;

TEST(ConnectCodec, KnowsItsContentTypes) {
  struct Case {
    std::string text;
    ContentType type;
  };
  const Case cases[] = {{"application/json", {Codec::Json, false}},
                        {"Application/JSON; Charset=UTF-8", {Codec::Json, false}},
                        {"application/json;charset=\"utf-8\"", {Codec::Json, false}},
                        {"application/proto", {Codec::Proto, false}},
                        {"application/connect+json", {Codec::Json, true}},
                        {"application/connect+proto", {Codec::Proto, true}}};
  for (const auto& [text, type] : cases) {
    SCOPED_TRACE(text);
    const auto parsed = parse_content_type(text);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, type);
  }
}

TEST(ConnectCodec, RefusesOtherContentTypes) {
  for (const char* text : {"", "text/plain", "application/grpc", "application/grpc-web+proto",
                           "application/json; charset=latin1", "application/proto; charset=utf-8",
                           "application/jsonx", "application/json, application/proto"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(parse_content_type(text));
  }
}

TEST(ConnectCodec, PrintsJsonWithDefaultsAndLongNumbersAsStrings) {
  v1::HashProgress message;
  message.set_bytes_total(12345678901234);
  const auto text = print_message(Codec::Json, message);
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, R"({"bytesDone":"0","bytesTotal":"12345678901234","file":""})");
}

TEST(ConnectCodec, PassesOverUnknownJsonFields) {
  v1::WatchRequest message;
  ASSERT_TRUE(parse_message(Codec::Json, R"({"later":[1,{"x":2}],"ref":"acme/atlas"})", message));
  EXPECT_EQ(message.ref(), "acme/atlas");
}

TEST(ConnectCodec, SaysWhatIsWrongWithAMessage) {
  v1::WatchRequest message;
  EXPECT_EQ(parse_message(Codec::Json, "", message).error().message,
            "request: an empty body is not JSON");
  EXPECT_EQ(parse_message(Codec::Proto,
                          "\x0A\x05"s
                          "abc",
                          message)
                .error()
                .message,
            "request: not a WatchRequest in protobuf");
  EXPECT_EQ(parse_message(Codec::Proto, "\x0A\x01\xFF"s, message).error().code,
            ErrorCode::InvalidInput);
  const auto broken = parse_message(Codec::Json, "{\"ref\":", message);
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().message.rfind("request: not a WatchRequest in JSON: ", 0), 0u);
}

TEST(ConnectCodec, FramesEnvelopes) {
  EXPECT_EQ(envelope(0, "abc"),
            "\0\0\0\0\x03"s
            "abc");
  EXPECT_EQ(envelope(2, std::string(258, 'x')).substr(0, 6), "\x02\0\0\x01\x02x"s);
}

TEST(ConnectCodec, OpensExactlyOneEnvelope) {
  const auto body =
      "\0\0\0\0\x03"s
      "abc";
  const auto opened = open_envelope(body, Coding::Identity);
  ASSERT_TRUE(std::holds_alternative<EnvelopedMessage>(opened));
  EXPECT_EQ(std::get<EnvelopedMessage>(opened).bytes, "abc");

  struct Case {
    std::string body, code, message;
  };
  const Case cases[] = {
      {"", "unimplemented", "request: no message, where the method takes exactly one"},
      {"\0\0\0\0\0"s
       "\0\0\0\0\0"s,
       "unimplemented", "request: more than one message, where the method takes one"},
      {"\0\0"s, "invalid_argument", "request: ends within the head of an envelope"},
      {"\0\0\0\0\x03"s
       "a",
       "invalid_argument", "request: ends after 1 of 3 bytes of an envelope"},
      {"\0\xFF\xFF\xFF\xFF"s
       "a",
       "invalid_argument", "request: ends after 1 of 4294967295 bytes of an envelope"},
      {"\x01\0\0\0\x01"s
       "a",
       "internal", "request: a compressed envelope without a compression agreed on"},
      {"\x02\0\0\0\x02{}"s, "internal", "request: envelope flags 2 are reserved"},
      {"\x80\0\0\0\0"s, "internal", "request: envelope flags 128 are reserved"},
  };
  for (const auto& [bad, code, message] : cases) {
    SCOPED_TRACE(message);
    const auto refused = open_envelope(bad, Coding::Identity);
    ASSERT_TRUE(std::holds_alternative<RpcError>(refused));
    EXPECT_EQ(std::get<RpcError>(refused).code, code);
    EXPECT_EQ(std::get<RpcError>(refused).error.message, message);
  }
}

TEST(ConnectCodec, OpensACompressedEnvelopeWhereOneWasAgreedOn) {
  const auto plain = "\0\0\0\0\x01x"s, compressed = "\x01\0\0\0\x01x"s;
  for (const auto& [body, coding] :
       {std::pair(plain, Coding::Identity), std::pair(compressed, Coding::Gzip)}) {
    const auto opened = open_envelope(body, Coding::Gzip);
    ASSERT_TRUE(std::holds_alternative<EnvelopedMessage>(opened));
    EXPECT_EQ(std::get<EnvelopedMessage>(opened).bytes, "x");
    EXPECT_EQ(std::get<EnvelopedMessage>(opened).coding, coding);
  }
  const auto refused = open_envelope("\x03\0\0\0\x02{}"s, Coding::Gzip);
  ASSERT_TRUE(std::holds_alternative<RpcError>(refused));
  EXPECT_EQ(std::get<RpcError>(refused).error.message, "request: envelope flags 3 are reserved");
}

TEST(ConnectCodec, KnowsTheNamesOfItsCodings) {
  EXPECT_EQ(parse_coding("identity"), Coding::Identity);
  EXPECT_EQ(parse_coding("gzip"), Coding::Gzip);
  EXPECT_EQ(parse_coding("GZip"), Coding::Gzip);
  for (const char* name : {"", "br", "deflate", "gzip, gzip", "gzip;q=1", "*"})
    EXPECT_FALSE(parse_coding(name)) << name;
}

TEST(ConnectCodec, ChoosesTheFirstCodingThatIsAccepted) {
  const std::pair<const char*, Coding> cases[] = {
      {"gzip", Coding::Gzip},
      {"deflate, gzip, br, zstd", Coding::Gzip},  // curl --compressed
      {"gzip,br", Coding::Gzip},                  // connect-node
      {"gzip;q=1.0,deflate;q=0.6,identity;q=0.3", Coding::Gzip},
      {"br;q=1, GZIP ; q=0.001", Coding::Gzip},
      {"", Coding::Identity},
      {",,", Coding::Identity},
      {"br", Coding::Identity},
      {"*", Coding::Identity},
      {"identity", Coding::Identity},
      {"identity, gzip", Coding::Identity},
      {"gzip;q=0", Coding::Identity},
      {"br, gzip; q=0.000, *", Coding::Identity},
  };
  for (const auto& [accepted, coding] : cases)
    EXPECT_EQ(choose_coding(accepted), coding) << accepted;
}

TEST(ConnectError, HasTheStatusOfItsCode) {
  // connectrpc.com/docs/protocol, "Error Codes".
  const std::pair<const char*, unsigned> statuses[] = {{"canceled", 499},
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
                                                       {"unauthenticated", 401}};
  for (const auto& [code, status] : statuses) EXPECT_EQ(http_status(code), status) << code;
}

TEST(ConnectError, CarriesReasonHintAndExitCode) {
  const auto error = to_rpc_error({ErrorCode::NotFound, "no release acme/x", "owrd ls"});

  EXPECT_EQ(error_json(error),
            R"({"code":"not_found","message":"no release acme/x","details":[)"
            R"({"type":"owrd.v1.ErrorInfo","value":"Cglub3QtZm91bmQSB293cmQgbHMYDQ",)"
            R"("debug":{"reason":"not-found","hint":"owrd ls","exitCode":13}}]})");
  EXPECT_EQ(end_stream_json(error), "{\"error\":" + error_json(error) + "}");
  EXPECT_EQ(end_stream_json(std::nullopt), "{}");
}

TEST(EventQueue, KeepsWhatMattersAndTheNewestProgress) {
  EventQueue queue({/*events=*/8, /*bytes=*/100});
  queue.push_progress("10%");
  ASSERT_TRUE(queue.push("plan"));
  queue.push_progress("20%");
  queue.push_progress("30%");
  ASSERT_TRUE(queue.push("done"));

  EXPECT_EQ(queue.pop(), "plan");
  EXPECT_EQ(queue.pop(), "30%");
  EXPECT_EQ(queue.pop(), "done");
  EXPECT_TRUE(queue.is_empty());
}

TEST(EventQueue, SaysWhenTheClientIsTooFarBehind) {
  EventQueue by_count({/*events=*/2, /*bytes=*/100});
  EXPECT_TRUE(by_count.push("a"));
  EXPECT_TRUE(by_count.push("b"));
  EXPECT_FALSE(by_count.push("c"));

  EventQueue by_size({/*events=*/8, /*bytes=*/4});
  EXPECT_TRUE(by_size.push("larger than all"));
  EXPECT_FALSE(by_size.push("d"));
  EXPECT_EQ(by_size.pop(), "larger than all");
  EXPECT_TRUE(by_size.push("d"));
}

}  // namespace
}  // namespace owrd::control
