#include <gtest/gtest.h>

#include "daemon/control/gzip.h"
#include "tests/control/site.h"
#include "tests/support/http_client.h"

namespace owrd::control {
namespace {

using namespace std::string_literals;
using test::make_envelope;
using test::post;
using test::RawConnection;
using test::Site;

constexpr const char* kWatch = "/owrd.v1.Releases/Watch";
constexpr const char* kGet = "/owrd.v1.Releases/Get";

std::string watch(const std::string& more = "", bool in_json = false) {
  return post(kWatch, in_json ? "application/connect+json" : "application/connect+proto",
              make_envelope(0, in_json ? "{}" : ""), more);
}

v1::TransferEvent parse_event(const std::string& chunk) {
  const auto envelopes = test::split_envelopes(chunk);
  v1::TransferEvent event;
  if (envelopes && envelopes->size() == 1 && (*envelopes)[0].flags == 0)
    event.ParseFromString((*envelopes)[0].bytes);
  return event;
}

class Streaming : public testing::Test {
 protected:
  test::HttpReply ask(const std::string& request) {
    RawConnection connection(site_.socket());
    connection.send(request);
    return connection.read_reply();
  }
  /// The last envelope of a stream that holds nothing else.
  std::string only_end(const test::HttpReply& reply) {
    EXPECT_EQ(reply.status, 200);
    EXPECT_TRUE(reply.is_whole);
    const auto envelopes = test::split_envelopes(reply.body);
    if (!envelopes || envelopes->size() != 1 || (*envelopes)[0].flags != 2) return "";
    return (*envelopes)[0].bytes;
  }
  bool wait_for_watches(int count) {
    return test::wait_for([&] { return site_.open_watches() == count; });
  }
  Site site_;
};

TEST_F(Streaming, WritesAStreamByteForByte) {
  RawConnection connection(site_.socket());
  connection.send(
      post(kGet, "application/connect+proto", make_envelope(0, ""), "Connection: close\r\n"));

  // Event: plan (field 2, 0 bytes). End: flags 2, "{}".
  EXPECT_EQ(connection.read_to_end(),
            "HTTP/1.1 200 OK\r\nContent-Type: application/connect+proto\r\nOwrd-Version: 1.2.3\r\n"
            "Cache-Control: no-store\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            "7\r\n\0\0\0\0\x02\x12\0\r\n"
            "7\r\n\x02\0\0\0\x02{}\r\n"
            "0\r\n\r\n"s);
}

TEST_F(Streaming, AnswersInTheRequestsCodec) {
  const auto reply =
      ask(post(kGet, "application/connect+json", make_envelope(0, R"({"ref":"a/b"})")));
  EXPECT_EQ(reply.header("content-type"), "application/connect+json");
  const auto envelopes = test::split_envelopes(reply.body);
  ASSERT_TRUE(envelopes && envelopes->size() == 2);
  EXPECT_EQ((*envelopes)[0].bytes.rfind(R"({"plan":{)", 0), 0u);
  EXPECT_EQ((*envelopes)[1].flags, 2);
  EXPECT_EQ((*envelopes)[1].bytes, "{}");
}

TEST_F(Streaming, EndsWithTheErrorInJson) {
  const auto reply = ask(post(kGet, "application/connect+proto",
                              make_envelope(0,
                                            "\x0A\x0A"
                                            "fail/now:1")));
  EXPECT_EQ(
      only_end(reply).rfind(
          R"({"error":{"code":"permission_denied","message":"publisher fail is not pinned","details":[)",
          0),
      0u);
}

TEST_F(Streaming, EndsWithWhatIsWrongInTheRequest) {
  struct Case {
    std::string request, begins;
  };
  const std::string json = "application/connect+json", proto = "application/connect+proto";
  const Case cases[] = {
      {post(kGet, proto, ""), R"({"error":{"code":"unimplemented","message":"request: no message)"},
      {post(kGet, proto, make_envelope(0, "") + make_envelope(0, "")),
       R"({"error":{"code":"unimplemented","message":"request: more than one)"},
      {post(kGet, json, make_envelope(0, "")),
       R"({"error":{"code":"invalid_argument","message":"request: an empty body)"},
      {post(kGet, json, make_envelope(0, "{")), R"({"error":{"code":"invalid_argument")"},
      {post(kGet, json, make_envelope(1, "{}")), R"({"error":{"code":"internal")"},
      {post(kGet, json, make_envelope(0, "{}").substr(0, 6)),
       R"({"error":{"code":"invalid_argument","message":"request: ends after 1 of 2)"},
      {post(kGet, json, make_envelope(0, "{}"), "Connect-Protocol-Version: 3\r\n"),
       R"({"error":{"code":"invalid_argument")"},
      {post(kGet, json, make_envelope(0, "{}"), "Connect-Timeout-Ms: x\r\n"),
       R"({"error":{"code":"invalid_argument")"},
      {post(kGet, json, make_envelope(0, "{}"), "Connect-Content-Encoding: br\r\n"),
       R"({"error":{"code":"unimplemented","message":"request: compression \"br\" is not known; supported: identity, gzip")"},
      {post(kGet, json, make_envelope(1, "{}"), "Connect-Content-Encoding: gzip\r\n"),
       R"({"error":{"code":"invalid_argument","message":"request: not gzip: incorrect header check")"},
  };
  for (const auto& [request, begins] : cases) {
    SCOPED_TRACE(begins);
    EXPECT_EQ(only_end(ask(request)).substr(0, begins.size()), begins);
  }
}

TEST_F(Streaming, TakesACompressedMessage) {
  const std::string coding = "Connect-Content-Encoding: gzip\r\n";
  for (const auto& message : {make_envelope(1, gzip(R"({"ref":"fail/now:1"})")),
                              make_envelope(0, R"({"ref":"fail/now:1"})")}) {
    const auto reply = ask(post(kGet, "application/connect+json", message,
                                coding + "Connect-Accept-Encoding: gzip\r\n"));
    EXPECT_EQ(reply.header("connect-content-encoding"), "");
    EXPECT_NE(only_end(reply).find("publisher fail is not pinned"), std::string::npos);
  }
  const auto empty = ask(post(kGet, "application/connect+proto", make_envelope(1, ""), coding));
  const auto envelopes = test::split_envelopes(empty.body);
  ASSERT_TRUE(envelopes && envelopes->size() == 2);
  EXPECT_EQ((*envelopes)[1].bytes, "{}");
}

TEST(StreamingLimits, RefusesAMessageThatBecomesTooLarge) {
  ServerOptions options;
  options.http.body_bytes = 100'000;
  Site site(options);
  RawConnection connection(site.socket());
  connection.send(post(kGet, "application/connect+proto",
                       make_envelope(1, gzip(std::string(10'000'000, '\0'))),
                       "Connect-Content-Encoding: gzip\r\n"));
  const auto reply = connection.read_reply();
  EXPECT_EQ(reply.status, 200);
  EXPECT_NE(
      reply.body.find(R"({"error":{"code":"resource_exhausted","message":"request: decompressed)"),
      std::string::npos);
}

TEST_F(Streaming, SendsTheHeaderBeforeTheFirstMessage) {
  RawConnection connection(site_.socket());
  connection.send(watch());
  EXPECT_EQ(connection.read_header().status, 200);
  ASSERT_TRUE(wait_for_watches(1));

  site_.on_loop([&] { site_.watch().send_progress(Site::progress(7)); });
  EXPECT_EQ(parse_event(connection.read_chunk().value_or("")).progress().release().bytes_verified(),
            7u);
  site_.on_loop([&] { site_.watch().finish(); });
  EXPECT_EQ(connection.read_chunk(), "\x02\0\0\0\x02{}"s);
  EXPECT_TRUE(wait_for_watches(0));
}

TEST_F(Streaming, KeepsTheConnectionAfterAStream) {
  RawConnection connection(site_.socket());
  for (int i = 0; i < 3; ++i) {
    connection.send(watch());
    ASSERT_TRUE(wait_for_watches(1));
    site_.on_loop([&] { site_.watch().finish(); });
    EXPECT_TRUE(connection.read_reply().is_whole);
    EXPECT_TRUE(wait_for_watches(0));
  }
  connection.send(post("/owrd.v1.Daemon/Status", "application/json", "{}"));
  EXPECT_EQ(connection.read_reply().status, 200);
}

TEST_F(Streaming, ReadsTheNextRequestThatCameDuringAStream) {
  RawConnection connection(site_.socket());
  connection.send(watch());
  ASSERT_TRUE(wait_for_watches(1));
  connection.send(post("/owrd.v1.Daemon/Status", "application/json", "{}"));
  site_.on_loop([&] { site_.watch().finish(); });
  EXPECT_EQ(connection.read_reply().header("content-type"), "application/connect+proto");
  EXPECT_EQ(connection.read_reply().header("content-type"), "application/json");
}

TEST_F(Streaming, LetsTheSubscriptionGoWhenTheClientLeaves) {
  {
    RawConnection connection(site_.socket());
    connection.send(watch());
    ASSERT_TRUE(wait_for_watches(1));
  }
  EXPECT_TRUE(wait_for_watches(0));
  // Late events go nowhere.
  site_.on_loop([&] {
    site_.watch().send(Site::plan(1));
    site_.watch().finish();
  });
  EXPECT_TRUE(test::wait_for([&] { return site_.connections() == 0; }));
}

TEST_F(Streaming, AnEventOfAnEarlierStreamDoesNotReachALaterOne) {
  RawConnection connection(site_.socket());
  connection.send(watch());
  ASSERT_TRUE(wait_for_watches(1));
  std::optional<Stream<v1::TransferEvent>> earlier;
  site_.on_loop([&] {
    earlier = site_.watch();
    earlier->finish();
  });
  ASSERT_TRUE(connection.read_reply().is_whole);
  ASSERT_TRUE(wait_for_watches(0));
  connection.send(watch());
  ASSERT_TRUE(wait_for_watches(1));
  site_.on_loop([&] {
    earlier->send(Site::plan(1));
    earlier->finish(Error{ErrorCode::Internal, "late"});
    site_.watch().send(Site::plan(2));
    site_.watch().finish();
  });
  const auto envelopes = test::split_envelopes(connection.read_reply().body);
  ASSERT_TRUE(envelopes && envelopes->size() == 2);
  EXPECT_EQ((*envelopes)[1].bytes, "{}");
}

TEST_F(Streaming, EndsAtTheClientsTimeout) {
  const auto reply = ask(watch("Connect-Timeout-Ms: 20\r\n"));
  EXPECT_EQ(
      only_end(reply).rfind(
          R"({"error":{"code":"deadline_exceeded","message":"not done within the 20 ms that the client gave")",
          0),
      0u);
  EXPECT_TRUE(wait_for_watches(0));
}

TEST_F(Streaming, GivesASlowReaderTheNewestProgressAndAllThatMatters) {
  RawConnection connection(site_.socket());
  connection.send(watch());
  ASSERT_EQ(connection.read_header().status, 200);
  ASSERT_TRUE(wait_for_watches(1));

  // 200 times 100 kB is far more than the socket takes.
  for (std::uint64_t i = 1; i <= 200; ++i)
    site_.on_loop([&] {
      site_.watch().send_progress(Site::progress(i, 100'000));
      if (i == 100) site_.watch().send(Site::plan(1));
    });
  site_.on_loop([&] { site_.watch().finish(); });

  std::vector<v1::TransferEvent> events;
  for (auto chunk = connection.read_chunk(); chunk && (*chunk)[0] == 0;
       chunk = connection.read_chunk())
    events.push_back(parse_event(*chunk));
  EXPECT_LT(events.size(), 50u);
  ASSERT_GE(events.size(), 2u);
  EXPECT_EQ(events.back().progress().release().bytes_verified(), 200u);
  EXPECT_EQ(std::count_if(events.begin(), events.end(),
                          [](const auto& event) { return event.has_plan(); }),
            1);
}

TEST(StreamingLimits, CutsOffAClientThatNeverReads) {
  ServerOptions options;
  options.http.stream.events = 4;
  Site site(options);
  RawConnection connection(site.socket());
  connection.send(watch());
  ASSERT_TRUE(test::wait_for([&] { return site.open_watches() == 1; }));

  v1::TransferEvent large = Site::plan(1);
  large.mutable_plan()->mutable_release()->set_detail(std::string(1'000'000, 'x'));
  for (int i = 0; i < 8; ++i) site.on_loop([&] { site.watch().send(large); });
  EXPECT_TRUE(test::wait_for([&] { return site.open_watches() == 0 && site.connections() == 0; }));
}

}  // namespace
}  // namespace owrd::control
