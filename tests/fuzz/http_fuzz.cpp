// Any bytes into a session. Every complete request gets exactly one well-formed response, in order;
// then, when the client is done, the session ends.
#include <fcntl.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/control/gzip.h"
#include "daemon/control/http_session.h"
#include "owrd/v1/control.pb.h"

namespace {

namespace http = boost::beast::http;
using owrd::Done;
using owrd::Error;
using owrd::ErrorCode;
using owrd::Result;
using namespace owrd::control;

/// More would be cut off as pipelining without end.
constexpr std::size_t kInputLimit = 16 * 1024;

/// More than any reply here.
constexpr std::uint64_t kReplyLimit = 1'000'000;

/// Not yet a reply.
const std::string kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

void require(bool condition) {
  if (!condition) std::abort();
}

Services make_services() {
  namespace v1 = owrd::v1;
  Services services;
  services.add_unary<v1::StatusRequest, v1::StatusReply>(
      "owrd.v1.Daemon.Status",
      [](const v1::StatusRequest&, const Caller&) -> Result<v1::StatusReply> {
        v1::StatusReply reply;
        reply.set_version(std::string(2000, '1'));  // Enough to be compressed.
        return reply;
      });
  services.add_unary<v1::ShowPublisherRequest, v1::ShowPublisherReply>(
      "owrd.v1.Publishers.Show",
      [](const v1::ShowPublisherRequest& request, const Caller&) -> Result<v1::ShowPublisherReply> {
        return Error{ErrorCode::NotFound, "no publisher " + request.name(), request.name()};
      });
  services.add_stream<v1::GetRequest, v1::TransferEvent>(
      "owrd.v1.Releases.Get",
      [](const v1::GetRequest& request,
         Stream<v1::TransferEvent> stream) -> Result<owrd::engine::SubscriptionPtr> {
        v1::TransferEvent event;
        event.mutable_plan()->mutable_release()->set_ref(request.ref());
        stream.send(event);
        stream.finish();
        return owrd::engine::SubscriptionPtr();
      });
  return services;
}

struct Expected {
  bool is_head;
};

/// What the session should answer to, by Beast's parser alone.
std::vector<Expected> expected_replies(const std::string& input, const HttpLimits& limits) {
  std::vector<Expected> replies;
  std::size_t at = 0;
  while (at < input.size()) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(limits.header_bytes);
    parser.body_limit(limits.body_bytes);
    parser.eager(true);
    boost::beast::error_code error;
    at += parser.put(boost::asio::buffer(input.data() + at, input.size() - at), error);
    const auto& request = parser.get();
    const bool is_head = parser.is_header_done() && request.method() == http::verb::head;
    const bool is_refused =
        parser.is_header_done() &&
        (request.version() != 11 ||
         (request.count(http::field::transfer_encoding) > 0 && !parser.chunked()));
    if (error == http::error::need_more && !is_refused) break;
    if (!parser.is_done() && !error && !is_refused) break;
    replies.push_back({is_head});
    if (error || is_refused || !request.keep_alive()) break;
  }
  return replies;
}

void check_stream(const std::string& body) {
  std::string_view rest = body;
  bool has_ended = false;
  while (!rest.empty()) {
    require(!has_ended && rest.size() >= 5);
    std::size_t length = 0;
    for (std::size_t i = 1; i < 5; ++i) length = length << 8 | static_cast<unsigned char>(rest[i]);
    has_ended = rest[0] == 2;
    require(rest[0] == 0 || rest[0] == 2);
    rest.remove_prefix(5);
    require(rest.size() >= length);
    rest.remove_prefix(length);
  }
  require(has_ended);
}

std::string text_of(const http::response<http::string_body>& reply) {
  const auto coding = reply[http::field::content_encoding];
  if (coding.empty()) return reply.body();
  require(coding == "gzip");
  auto text = gunzip(reply.body(), kReplyLimit);
  require(std::holds_alternative<std::string>(text));
  return std::get<std::string>(std::move(text));
}

void check_reply(const http::response<http::string_body>& reply) {
  require(reply["Owrd-Version"] == "1");
  const auto type = reply[http::field::content_type];
  if (type.starts_with("application/connect+")) {
    require(reply.result_int() == 200);
    check_stream(reply.body());
  } else if (type == "application/json") {
    google::protobuf::Struct json;
    require(google::protobuf::util::JsonStringToMessage(text_of(reply), &json).ok());
    require(reply.result_int() == 200 || json.fields().count("code") == 1);
  }
}

/// Takes replies off the front of `output`; the whole of it must be replies.
void check_replies(const std::string& output, const std::vector<Expected>& expected) {
  std::size_t at = 0, count = 0;
  while (at < output.size()) {
    if (output.compare(at, kContinue.size(), kContinue) == 0) {
      at += kContinue.size();
      continue;
    }
    require(count < expected.size());
    http::response_parser<http::string_body> parser;
    parser.body_limit(boost::none);
    parser.eager(true);
    parser.skip(expected[count].is_head);
    boost::beast::error_code error;
    at += parser.put(boost::asio::buffer(output.data() + at, output.size() - at), error);
    require(!error && parser.is_done());
    check_reply(parser.get());
    ++count;
  }
  require(count == expected.size());
}

/// Runs all that can run, and gives what was written meanwhile.
std::string settle(boost::asio::io_context& loop, int client) {
  std::string output;
  char bytes[65536];
  while (true) {
    loop.restart();
    const auto ran = loop.poll();
    const auto got = ::recv(client, bytes, sizeof(bytes), 0);
    if (got > 0) output.append(bytes, static_cast<std::size_t>(got));
    if (ran == 0 && got <= 0) return output;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Services services = make_services();
  if (size > kInputLimit) return 0;
  const std::string input(reinterpret_cast<const char*>(data), size);
  HttpLimits limits;
  limits.version = "1";
  limits.body_bytes = 4096;

  int pair[2];
  require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == 0);
  boost::asio::io_context loop(1);
  boost::asio::local::stream_protocol::socket socket(loop, boost::asio::local::stream_protocol(),
                                                     pair[0]);
  bool is_closed = false;
  std::make_shared<HttpSession>(HttpSession::Socket(std::move(socket)), services, limits, Caller{},
                                [&is_closed] { is_closed = true; })
      ->start();

  require(::send(pair[1], input.data(), input.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(size));
  check_replies(settle(loop, pair[1]), expected_replies(input, limits));
  ::shutdown(pair[1], SHUT_WR);
  require(settle(loop, pair[1]).empty() && is_closed);
  ::close(pair[1]);
  return 0;
}
