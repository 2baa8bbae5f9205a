// Unary calls over a real socket, byte for byte; the cases follow the Connect conformance suite's
// connect_server_unexpected.yaml in spirit.
#include <gtest/gtest.h>

#include "daemon/control/gzip.h"
#include "tests/control/site.h"
#include "tests/support/http_client.h"

namespace owrd::control {
namespace {

using namespace std::string_literals;
using test::post;
using test::RawConnection;
using test::Site;

constexpr const char* kStatus = "/owrd.v1.Daemon/Status";

class Unary : public testing::Test {
 protected:
  test::HttpReply ask(const std::string& request) {
    RawConnection connection(site_.socket());
    connection.send(request);
    return connection.read_reply();
  }
  Site site_;
};

std::string get(const std::string& target, const std::string& more = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
}

TEST_F(Unary, AnswersJsonByteForByte) {
  RawConnection connection(site_.socket());
  connection.send(post("/owrd.v1.Publishers/Show", "application/json", R"({"name":"acme"})",
                       "Connection: close\r\n"));

  const std::string body =
      R"({"code":"not_found","message":"publisher acme is not pinned","details":[)"
      R"({"type":"owrd.v1.ErrorInfo","value":"Cglub3QtZm91bmQSF293cmQgcHVibGlzaGVyIGFkZCBGSUxFGA0",)"
      R"("debug":{"reason":"not-found","hint":"owrd publisher add FILE","exitCode":13}}]})";
  EXPECT_EQ(connection.read_to_end(),
            "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n"
            "Cache-Control: no-store\r\nOwrd-Version: 1.2.3\r\nConnection: close\r\n"
            "Content-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body);
}

TEST_F(Unary, AnswersInTheRequestsCodec) {
  const auto json = ask(post(kStatus, "application/json; charset=utf-8", "{}"));
  EXPECT_EQ(json.status, 200);
  EXPECT_EQ(json.header("content-type"), "application/json");
  EXPECT_NE(json.body.find(R"("storeFreeBytes":"12345678901234")"), std::string::npos);

  const auto proto = ask(post(kStatus, "application/proto", ""));
  EXPECT_EQ(proto.status, 200);
  EXPECT_EQ(proto.header("content-type"), "application/proto");
  v1::StatusReply reply;
  ASSERT_TRUE(reply.ParseFromString(proto.body));
  EXPECT_EQ(reply.version(), "1.2.3");
}

TEST_F(Unary, AnswersErrorsInJsonToBinaryCallsToo) {
  const auto reply = ask(post("/owrd.v1.Daemon/Reload", "application/proto", ""));
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.header("content-type"), "application/json");
  EXPECT_EQ(
      reply.body.rfind(R"({"code":"failed_precondition","message":"owrd.toml: line 3: unknown )"
                       R"(key \"sed\"")",
                       0),
      0u);
}

TEST_F(Unary, RefusesByPathThenMethodThenType) {
  struct Case {
    std::string request;
    int status;
    std::string header, value;
  };
  const std::string unary_types = "application/json, application/proto";
  const std::string stream_types = "application/connect+json, application/connect+proto";
  const Case cases[] = {
      {post("/owrd.v1.Daemon/Stat", "text/plain", ""), 404, "content-length", "0"},
      {post("/owrd.v1.daemon/Status", "application/json", "{}"), 404, "", ""},
      {post("/", "application/json", "{}"), 404, "", ""},
      {get("/metrics"), 404, "", ""},
      {"PUT " + std::string(kStatus) + " HTTP/1.1\r\n\r\n", 405, "allow", "GET, POST"},
      {"BREW " + std::string(kStatus) + " HTTP/1.1\r\n\r\n", 405, "allow", "GET, POST"},
      {get("/owrd.v1.Daemon/Shutdown?encoding=json&message={}"), 405, "allow", "POST"},
      {get("/owrd.v1.Releases/Watch?encoding=json&message={}"), 405, "allow", "POST"},
      {post("/livez", "text/plain", ""), 405, "allow", "GET"},
      {post(kStatus, "text/plain", "{}"), 415, "accept-post", unary_types},
      {post(kStatus, "application/connect+json", "{}"), 415, "accept-post", unary_types},
      {post(kStatus, "application/grpc", ""), 415, "accept-post", unary_types},
      {"POST " + std::string(kStatus) + " HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 415,
       "accept-post", unary_types},
      {post("/owrd.v1.Releases/Watch", "application/json", "{}"), 415, "accept-post", stream_types},
      {get(std::string(kStatus) + "?message={}"), 415, "", ""},
      {get(std::string(kStatus) + "?message={}&encoding=xml"), 415, "", ""},
      {"GET " + std::string(kStatus) +
           "?message={}&encoding=json HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
       415, "", ""},
  };
  for (const auto& [request, status, header, value] : cases) {
    SCOPED_TRACE(request);
    const auto reply = ask(request);
    EXPECT_EQ(reply.status, status);
    EXPECT_EQ(reply.body, "");
    if (!header.empty()) {
      EXPECT_EQ(reply.header(header), value);
    }
  }
}

TEST_F(Unary, RefusesWhatTheProtocolDoesNotAllow) {
  struct Case {
    std::string request;
    int status;
    std::string begins;
  };
  const std::string invalid = R"({"code":"invalid_argument","message":")";
  const Case cases[] = {
      {post(kStatus, "application/json", ""), 400,
       invalid + "request: an empty body is not JSON\""},
      {post(kStatus, "application/json", "[]"), 400,
       invalid + "request: not a StatusRequest in JSON: "},
      {post(kStatus, "application/json", "{", ""), 400, invalid},
      {post(kStatus, "application/json", "\xFF\xFE", ""), 400, invalid},
      {post("/owrd.v1.Publishers/Show", "application/proto", "\x0A\x05x"), 400,
       invalid + "request: not a ShowPublisherRequest in protobuf\""},
      {post(kStatus, "application/json", "{}", "Connect-Protocol-Version: 2\r\n"), 400,
       invalid + "request: header Connect-Protocol-Version must be 1, not \\\"2\\\"\""},
      {post(kStatus, "application/json", "{}", "Connect-Timeout-Ms: soon\r\n"), 400,
       invalid + "request: header Connect-Timeout-Ms must be 1 to 10 digits, not \\\"soon\\\"\""},
      {post(kStatus, "application/json", "{}", "Connect-Timeout-Ms: 12345678901\r\n"), 400,
       invalid},
      {post(kStatus, "application/json", "{}", "Connect-Timeout-Ms: -1\r\n"), 400, invalid},
      {post(kStatus, "application/json", "{}", "Connect-Timeout-Ms: 0\r\n"), 504,
       R"({"code":"deadline_exceeded","message":"not done within the 0 ms that the client gave")"},
      {post(kStatus, "application/json", "{}", "Content-Encoding: br\r\n"), 501,
       R"({"code":"unimplemented","message":"request: compression \"br\" is not known; supported: identity, gzip")"},
      {post(kStatus, "application/json", "{}", "Content-Encoding: gzip\r\n"), 400,
       invalid + "request: not gzip: incorrect header check\""},
      {post(kStatus, "application/json", gzip("{}").substr(0, 12), "Content-Encoding: gzip\r\n"),
       400, invalid + "request: ends before its gzip does\""},
      {post(kStatus, "application/json", gzip("["), "Content-Encoding: gzip\r\n"), 400,
       invalid + "request: not a StatusRequest in JSON: "},
      {post(kStatus, "application/json", "", "Content-Encoding: gzip\r\n"), 400,
       invalid + "request: an empty body is not JSON\""},
  };
  for (const auto& [request, status, begins] : cases) {
    SCOPED_TRACE(request);
    const auto reply = ask(request);
    EXPECT_EQ(reply.status, status);
    EXPECT_EQ(reply.header("content-type"), "application/json");
    EXPECT_EQ(reply.body.substr(0, begins.size()), begins);
    EXPECT_NE(reply.body.find("\"type\":\"owrd.v1.ErrorInfo\""), std::string::npos);
  }
}

TEST_F(Unary, TakesWhatTheProtocolAllows) {
  const std::string requests[] = {
      post(kStatus, "application/json", "{}",
           "Connect-Protocol-Version: 1\r\nConnect-Timeout-Ms: 9999999999\r\n"),
      post(kStatus, "application/json", "{}",
           "Content-Encoding: identity\r\nAccept-Encoding: gzip\r\n"),
      post(kStatus, "application/json", gzip("{}"), "Content-Encoding: gzip\r\n"),
      post(kStatus, "application/proto", "", "Content-Encoding: gzip\r\n"),
      post(kStatus, "APPLICATION/JSON", "{\"later\":1}"),
      "POST " + std::string(kStatus) +
          " HTTP/1.1\r\nContent-Type: application/json\r\n"
          "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
      get(std::string(kStatus) + "?encoding=json&message=%7B%7D"),
      get(std::string(kStatus) + "?connect=v1&later=1&message=e30&base64=1&encoding=json"),
      get(std::string(kStatus) + "?message=e30%3D&encoding=json&base64=1"),
      get(std::string(kStatus) + "?message=&encoding=proto&base64=1&connect=v1"),
      get(std::string(kStatus) + "?message=&encoding=proto"),
      get(std::string(kStatus) + "?message=%7B%7D&encoding=json&compression=identity"),
      get(std::string(kStatus) + "?message=&encoding=proto&compression=gzip"),
      // printf {} | gzip -n | basenc --base64url
      get(std::string(kStatus) +
          "?encoding=json&compression=gzip&base64=1&message=H4sIAAAAAAAAA6uuBQBDv6ajAgAAAA"),
  };
  for (const auto& request : requests) {
    SCOPED_TRACE(request);
    EXPECT_EQ(ask(request).status, 200);
  }
}

TEST_F(Unary, RefusesBrokenGets) {
  const std::string path = std::string(kStatus) + "?encoding=json";
  struct Case {
    std::string target;
    int status;
    std::string message;
  };
  const Case cases[] = {
      {path, 400, "request: parameter message is missing"},
      {path + "&message=%7", 400, "request: parameter message has a broken escape"},
      {path + "&message=e&base64=1", 400, "request: parameter message is not base64"},
      {path + "&message={}&connect=v2", 400, "request: parameter connect must be v1"},
      {path + "&message={}&compression=br", 501,
       R"(request: compression \"br\" is not known; supported: identity, gzip)"},
      {path + "&message={}&compression=gzip", 400, "request: not gzip: incorrect header check"},
  };
  for (const auto& [target, status, message] : cases) {
    SCOPED_TRACE(target);
    const auto reply = ask(get(target));
    EXPECT_EQ(reply.status, status);
    EXPECT_NE(reply.body.find("\"message\":\"" + message + "\""), std::string::npos) << reply.body;
  }
}

/// A Releases.Bundle whose reply is as many bytes long, from 3 to 129 or from 131 to 16386; it
/// comes with `more` header lines, and compressed if they say so.
std::string ask_for_bytes(std::size_t bytes, const std::string& more) {
  v1::BundleRequest request;
  request.set_ref(std::string(bytes - (bytes < 130 ? 2 : 3), 'x'));
  const bool is_compressed = more.find("Content-Encoding: gzip") != more.npos;
  const auto body = request.SerializeAsString();
  return post("/owrd.v1.Releases/Bundle", "application/proto", is_compressed ? gzip(body) : body,
              more);
}

TEST_F(Unary, CompressesALargeReplyForAClientThatAcceptsIt) {
  for (const char* headers :
       {"Accept-Encoding: deflate, gzip, br, zstd\r\n", "Content-Encoding: gzip\r\n",
        "Content-Encoding: gzip\r\nAccept-Encoding: gzip\r\n"}) {
    SCOPED_TRACE(headers);
    const auto reply = ask(ask_for_bytes(1024, headers));

    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.header("content-type"), "application/proto");
    EXPECT_EQ(reply.header("content-encoding"), "gzip");
    EXPECT_EQ(reply.header("content-length"), std::to_string(reply.body.size()));
    const auto body = gunzip(reply.body, 1024);
    ASSERT_TRUE(std::holds_alternative<std::string>(body));
    v1::BundleReply parsed;
    ASSERT_TRUE(parsed.ParseFromString(std::get<std::string>(body)));
    EXPECT_EQ(parsed.bundle(), std::string(1021, 'x'));
  }
}

TEST_F(Unary, LeavesASmallReplyAndOneForOthersAsItIs) {
  const std::string requests[] = {
      ask_for_bytes(1023, "Accept-Encoding: gzip\r\n"),
      ask_for_bytes(1024, ""),
      ask_for_bytes(1024, "Accept-Encoding: br\r\n"),
      ask_for_bytes(1024, "Accept-Encoding: identity, gzip\r\n"),
      ask_for_bytes(1024, "Content-Encoding: gzip\r\nAccept-Encoding: identity\r\n"),
      post("/owrd.v1.Publishers/Show", "application/json",
           "{\"name\":\"" + std::string(2000, 'x') + "\"}", "Accept-Encoding: gzip\r\n"),
  };
  for (const auto& request : requests) {
    SCOPED_TRACE(request);
    const auto reply = ask(request);
    EXPECT_EQ(reply.header("content-encoding"), "");
    EXPECT_GE(reply.body.size(), 1023u);
  }
}

TEST_F(Unary, CompressesTheReplyToAGet) {
  const auto reply = ask(get("/owrd.v1.Releases/Bundle?encoding=json&message=%7B%22ref%22:%22" +
                                 std::string(2000, 'x') + "%22%7D",
                             "Accept-Encoding: gzip\r\n"));
  EXPECT_EQ(reply.header("content-encoding"), "gzip");
  EXPECT_EQ(reply.header("vary"), "Accept-Encoding");
  EXPECT_LT(reply.body.size(), 200u);
}

TEST_F(Unary, TellsCachesNothingMayBeKept) {
  const auto reply = ask(get(std::string(kStatus) + "?encoding=json&message={}"));
  EXPECT_EQ(reply.header("cache-control"), "no-store");
  EXPECT_EQ(reply.header("vary"), "Accept-Encoding");
}

TEST_F(Unary, AllowsOnlyReadsOnTheReadOnlySocket) {
  RawConnection connection(site_.readonly_socket());
  connection.send(post(kStatus, "application/json", "{}"));
  EXPECT_NE(connection.read_reply().body.find("\"readOnly\":true"), std::string::npos);

  connection.send(post("/owrd.v1.Daemon/Shutdown", "application/json", "{}"));
  const auto refused = connection.read_reply();
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.body.rfind(
                R"({"code":"permission_denied","message":"owrd.v1.Daemon.Shutdown: not on )", 0),
            0u);
  EXPECT_NE(refused.body.find(R"("debug":{"reason":"noperm","hint":"join group owrd: sudo adduser )"
                              R"($USER owrd","exitCode":77})"),
            std::string::npos);
  EXPECT_EQ(site_.shutdowns(), 0);

  connection.send(
      post("/owrd.v1.Releases/Get", "application/connect+json", test::make_envelope(0, "{}")));
  const auto stream = connection.read_reply();
  EXPECT_EQ(stream.status, 200);
  EXPECT_NE(stream.body.find("permission_denied"), std::string::npos);
}

TEST_F(Unary, AnswersHealthChecks) {
  for (const char* path : {"/livez", "/readyz"}) {
    const auto reply = ask(get(path));
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, "ok\n");
  }
}

TEST_F(Unary, KeepsTheConnectionForRequestAfterRequest) {
  RawConnection connection(site_.socket());
  for (int i = 0; i < 3; ++i) {
    connection.send(post(kStatus, "application/json", "{}"));
    EXPECT_EQ(connection.read_reply().status, 200);
  }
  connection.send(post("/nowhere", "application/json", "{}"));
  EXPECT_EQ(connection.read_reply().status, 404);
  // Two at once are answered in order.
  connection.send(post(kStatus, "application/json", "{}") + post(kStatus, "text/plain", "{}"));
  EXPECT_EQ(connection.read_reply().status, 200);
  EXPECT_EQ(connection.read_reply().status, 415);
}

TEST_F(Unary, SaysContinueToAClientThatWaitsForIt) {
  RawConnection connection(site_.socket());
  connection.send("POST " + std::string(kStatus) +
                  " HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
                  "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(connection.read_reply().status, 100);
  connection.send("{}");
  EXPECT_EQ(connection.read_reply().status, 200);
}

TEST_F(Unary, AnswersWhatIsNotHttpAndCloses) {
  struct Case {
    std::string bytes;
    int status;
  };
  const Case cases[] = {
      {"hello\r\n\r\n", 400},
      {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 TLS\r\n\r\n"s, 400},
      {"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc", 400},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc", 400},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
      {"POST / HTTP/1.0\r\n\r\n", 505},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n", 431},
  };
  for (const auto& [bytes, status] : cases) {
    SCOPED_TRACE(bytes.substr(0, 60));
    RawConnection connection(site_.socket());
    connection.send(bytes);
    const auto reply = connection.read_reply();
    EXPECT_EQ(reply.status, status);
    EXPECT_EQ(reply.header("connection"), "close");
    EXPECT_EQ(connection.read_to_end(), "");
  }
}

TEST_F(Unary, ClosesOnHalfARequest) {
  for (const char* half :
       {"POST /owrd.v1.Daemon/Sta", "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab", ""}) {
    SCOPED_TRACE(half);
    RawConnection connection(site_.socket());
    connection.send(half);
    connection.finish_sending();
    EXPECT_EQ(connection.read_to_end(), "");
  }
  EXPECT_TRUE(test::wait_for([this] { return site_.connections() == 0; }));
}

TEST(UnaryLimits, RefusesABodyThatIsTooLargeAndSaysSo) {
  ServerOptions options;
  options.http.body_bytes = 100'000;
  Site site(options);
  const std::string large(5'000'000, 'x');

  RawConnection declared(site.socket());
  declared.send(post("/owrd.v1.Publishers/Add", "application/proto", large));
  const auto refused = declared.read_reply();
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("connection"), "close");
  EXPECT_EQ(
      refused.body.rfind(
          R"({"code":"resource_exhausted","message":"request: larger than the limit of 100000 bytes")",
          0),
      0u);

  RawConnection chunked(site.socket());
  chunked.send(
      "POST /owrd.v1.Publishers/Add HTTP/1.1\r\nContent-Type: application/proto\r\n"
      "Transfer-Encoding: chunked\r\n\r\n4c4b40\r\n" +
      large + "\r\n0\r\n\r\n");
  EXPECT_EQ(chunked.read_reply().status, 429);

  RawConnection stream(site.socket());
  stream.send(post("/owrd.v1.Releases/Get", "application/connect+proto", large));
  const auto ended = stream.read_reply();
  EXPECT_EQ(ended.status, 200);
  const auto envelopes = test::split_envelopes(ended.body);
  ASSERT_TRUE(envelopes && envelopes->size() == 1);
  EXPECT_EQ((*envelopes)[0].flags, 2);
  EXPECT_NE((*envelopes)[0].bytes.find("resource_exhausted"), std::string::npos);
}

TEST(UnaryLimits, RefusesABodyThatBecomesTooLarge) {
  ServerOptions options;
  options.http.body_bytes = 100'000;
  Site site(options);
  RawConnection connection(site.socket());
  connection.send(post("/owrd.v1.Publishers/Add", "application/proto",
                       gzip(std::string(10'000'000, '\0')), "Content-Encoding: gzip\r\n"));
  const auto refused = connection.read_reply();
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.body.rfind(R"({"code":"resource_exhausted","message":"request: decompressed, )"
                               R"(larger than the limit of 100000 bytes")",
                               0),
            0u);

  // It was read to its end, so the connection is as good as before.
  connection.send(post(kStatus, "application/json", "{}"));
  EXPECT_EQ(connection.read_reply().status, 200);
}

TEST(UnaryLimits, TakesALargeBundle) {
  Site site;
  v1::AddPublisherRequest request;
  request.set_bundle(std::string(16 * 1024 * 1024, 'x'));
  RawConnection connection(site.socket());
  connection.send(
      post("/owrd.v1.Publishers/Add", "application/proto", request.SerializeAsString()));
  const auto reply = connection.read_reply();
  EXPECT_EQ(reply.status, 200);
  v1::AddPublisherReply parsed;
  ASSERT_TRUE(parsed.ParseFromString(reply.body));
  EXPECT_EQ(parsed.publisher().releases(), 16u * 1024 * 1024);
}

TEST(UnaryLimits, ClosesAnIdleConnection) {
  ServerOptions options;
  options.http.idle = std::chrono::milliseconds(30);
  Site site(options);
  RawConnection silent(site.socket()), stalled(site.socket());
  stalled.send("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab");
  EXPECT_EQ(silent.read_to_end(), "");
  EXPECT_EQ(stalled.read_to_end(), "");
}

}  // namespace
}  // namespace owrd::control
