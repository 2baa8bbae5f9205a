#include "cli/connect_error.h"

#include "tests/cli/cli_test.h"

namespace owrd::cli {
namespace {

TEST(ConnectError, BringsBackEveryCodeWithItsHint) {
  for (const auto code :
       {ErrorCode::InvalidInput, ErrorCode::NotFound, ErrorCode::AlreadyExists,
        ErrorCode::Untrusted, ErrorCode::BadSignature, ErrorCode::Corrupt, ErrorCode::NoSources,
        ErrorCode::NoSpace, ErrorCode::Io, ErrorCode::Denied, ErrorCode::Config, ErrorCode::Busy,
        ErrorCode::Unavailable, ErrorCode::Cancelled, ErrorCode::Internal}) {
    SCOPED_TRACE(static_cast<int>(code));
    const auto error = parse_connect_error(test::error_json({code, "what", "do this"}), 500);

    EXPECT_EQ(error.code, code);
    EXPECT_EQ(error.message, "what");
    EXPECT_EQ(error.hint, "do this");
  }
}

TEST(ConnectError, ReadsAnErrorWithoutDetails) {
  const auto error =
      parse_connect_error(R"({"code":"not_found","message":"no such release"})", 404);

  EXPECT_EQ(error.code, ErrorCode::NotFound);
  EXPECT_EQ(error.message, "no such release");
}

TEST(ConnectError, GoesByTheStatusWhenTheBodyIsNotTheProtocols) {
  struct Case {
    const char* body;
    long status;
    ErrorCode code;
  };
  const Case cases[] = {{"", 404, ErrorCode::Internal},
                        {"<html>", 503, ErrorCode::Unavailable},
                        {"[]", 403, ErrorCode::Denied},
                        {"{\"message\":1}", 500, ErrorCode::Internal}};
  for (const auto& one : cases) {
    SCOPED_TRACE(one.status);
    EXPECT_EQ(parse_connect_error(one.body, one.status).code, one.code);
  }
}

TEST(ConnectError, SurvivesDetailsOfAnyShape) {
  for (const char* details : {"1", "[1]", "[{}]", R"([{"type":1,"value":2}])",
                              R"([{"type":"owrd.v1.ErrorInfo","value":"!!"}])",
                              R"([{"type":"owrd.v1.ErrorInfo","value":"////"}])"}) {
    SCOPED_TRACE(details);
    const auto json = std::string(R"({"code":"internal","message":"m","details":)") + details + "}";
    EXPECT_EQ(parse_connect_error(json, 500).code, ErrorCode::Internal);
  }
}

TEST(ConnectError, ReadsTheEndOfAStream) {
  EXPECT_FALSE(parse_end_of_stream("{}"));
  EXPECT_EQ(parse_end_of_stream(R"({"error":{"code":"not_found","message":"m"}})")->code,
            ErrorCode::NotFound);
  EXPECT_TRUE(parse_end_of_stream("nonsense"));
  EXPECT_TRUE(parse_end_of_stream(R"({"error":3})"));
}

TEST(ConnectError, DecodesBase64OfRfc4648) {
  // The vectors of RFC 4648 section 10.
  EXPECT_EQ(decode_base64(""), "");
  EXPECT_EQ(decode_base64("Zg=="), "f");
  EXPECT_EQ(decode_base64("Zg"), "f");
  EXPECT_EQ(decode_base64("Zm8="), "fo");
  EXPECT_EQ(decode_base64("Zm9v"), "foo");
  EXPECT_EQ(decode_base64("Zm9vYmFy"), "foobar");
  EXPECT_EQ(decode_base64("Zm9vYmE="), "fooba");
  EXPECT_FALSE(decode_base64("Zm9vY"));
  EXPECT_FALSE(decode_base64("Zm-v"));
}

}  // namespace
}  // namespace owrd::cli
