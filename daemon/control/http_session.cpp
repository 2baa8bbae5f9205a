#include "daemon/control/http_session.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <cstdio>

namespace owrd::control {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using beast::error_code;

constexpr std::size_t kWatchBytes = 4096;
constexpr const char* kOnlyHttp11 = "owrd speaks the Connect protocol over HTTP/1.1 only\n";

/// RFC 9112 section 7.1.
std::string chunk(std::string_view bytes) {
  char head[2 * sizeof(std::size_t) + 3];
  const int length = std::snprintf(head, sizeof(head), "%zx\r\n", bytes.size());
  return std::string(head, static_cast<std::size_t>(length)).append(bytes).append("\r\n");
}
constexpr const char* kLastChunk = "0\r\n\r\n";

bool expects_continue(const HttpRequest& request) {
  return beast::iequals(request[http::field::expect], "100-continue");
}

}  // namespace

struct HttpSession::OpenStream {
  OpenStream(Codec codec_used, EventQueue::Limits limits) : codec(codec_used), queue(limits) {}

  Codec codec;
  EventQueue queue;
  std::optional<std::string> end;  ///< The last envelope, once the call is finished.
  engine::SubscriptionPtr subscription;
  std::string writing;
  bool is_writing = false;
};

/// What the handler of a stream holds. It may outlive the stream, and the session.
class HttpSession::Sink final : public EventSink {
 public:
  Sink(std::weak_ptr<HttpSession> session, std::uint64_t stream_number)
      : session_(std::move(session)), stream_number_(stream_number) {}

  void send(const Message& event) override {
    if (const auto session = open_session()) session->add_event(event, /*is_progress=*/false);
  }
  void send_progress(const Message& event) override {
    if (const auto session = open_session()) session->add_event(event, /*is_progress=*/true);
  }
  void finish(Result<> outcome) override {
    const auto session = open_session();
    if (!session) return;
    session->finish_stream(outcome ? std::nullopt : std::optional(to_rpc_error(outcome.error())));
  }

 private:
  std::shared_ptr<HttpSession> open_session() const {
    auto session = session_.lock();
    const bool is_open = session && !session->is_closed_ && session->stream_ &&
                         !session->stream_->end && session->stream_number_ == stream_number_;
    return is_open ? session : nullptr;
  }

  std::weak_ptr<HttpSession> session_;
  std::uint64_t stream_number_;
};

HttpSession::HttpSession(Socket socket, const Services& services, const HttpLimits& limits,
                         Caller caller, std::function<void()> on_closed)
    : socket_(std::move(socket)),
      services_(services),
      limits_(limits),
      caller_(std::move(caller)),
      on_closed_(std::move(on_closed)),
      patience_(socket_.get_executor()),
      deadline_(socket_.get_executor()) {}

HttpSession::~HttpSession() = default;

void HttpSession::start() { read_request(); }

void HttpSession::stop() {
  is_stopping_ = true;
  if (is_idle_) return close();
  if (!stream_ || stream_->end) return;
  stream_->subscription.reset();
  finish_stream(to_rpc_error(
      {ErrorCode::Unavailable, "the daemon is stopping", "run the command again when it is back"}));
}

void HttpSession::close() {
  if (is_closed_) return;
  is_closed_ = true;
  const auto self = shared_from_this();
  if (stream_) stream_->subscription.reset();
  expect_nothing();
  deadline_.cancel();
  error_code ignored;
  socket_.close(ignored);
  if (on_closed_) std::exchange(on_closed_, nullptr)();
}

void HttpSession::forget() {
  on_closed_ = nullptr;
  close();
}

void HttpSession::read_request() {
  is_idle_ = true;
  parser_.emplace();
  parser_->header_limit(limits_.header_bytes);
  parser_->body_limit(limits_.body_bytes);
  expect_progress_within(limits_.idle);
  http::async_read_header(socket_, buffer_, *parser_,
                          [self = shared_from_this()](error_code error, std::size_t) {
                            if (!self->is_closed_) self->on_header(error);
                          });
}

void HttpSession::on_header(error_code error) {
  is_idle_ = false;
  header_time_ = std::chrono::steady_clock::now();
  if (error) return refuse_malformed(error);
  const auto& request = parser_->get();
  keeps_alive_ = request.keep_alive();
  is_head_ = request.method() == http::verb::head;
  if (request.version() != 11) return refuse(505, kOnlyHttp11);
  if (request.count(http::field::transfer_encoding) > 0 && !parser_->chunked())
    return refuse(501, "the only transfer coding known is chunked\n");
  if (expects_continue(request) && !parser_->is_done()) return write_continue();
  read_body();
}

void HttpSession::refuse_malformed(error_code error) {
  const bool is_of_http = error.category() == make_error_code(http::error::bad_method).category();
  if (!is_of_http || error == http::error::end_of_stream || error == http::error::partial_message)
    return close();
  if (error == http::error::bad_version) return refuse(505, kOnlyHttp11);
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return refuse(431,
                  "the header is larger than " + std::to_string(limits_.header_bytes) + " bytes\n");
  if (error != http::error::body_limit) return refuse(400, "not HTTP: " + error.message() + "\n");
  is_refusing_ = true;
  write(answer_too_large(services_, parser_->get(), limits_.body_bytes));
}

void HttpSession::refuse(unsigned status, const std::string& why) {
  is_refusing_ = true;
  write_response(plain_response(status, why));
}

void HttpSession::write_continue() {
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(socket_, asio::buffer(kContinue.data(), kContinue.size()),
                    [self = shared_from_this()](error_code error, std::size_t) {
                      if (self->is_closed_) return;
                      error ? self->close() : self->read_body();
                    });
}

void HttpSession::read_body() {
  expect_progress_within(limits_.idle);
  http::async_read(socket_, buffer_, *parser_,
                   [self = shared_from_this()](error_code error, std::size_t) {
                     if (!self->is_closed_) self->on_request(error);
                   });
}

void HttpSession::on_request(error_code error) {
  expect_nothing();
  if (error) return refuse_malformed(error);
  // Taken out, so that a long stream does not hold on to the body of its request.
  const HttpRequest request = parser_->release();
  write(answer(services_, request,
               {caller_, std::chrono::steady_clock::now() - header_time_, limits_.body_bytes}));
}

void HttpSession::write(Answer answer) {
  if (auto* opening = std::get_if<StreamOpening>(&answer)) return begin_stream(std::move(*opening));
  write_response(std::move(std::get<HttpResponse>(answer)));
}

bool HttpSession::stays_open() const { return keeps_alive_ && !is_refusing_ && !is_stopping_; }

void HttpSession::write_response(HttpResponse response) {
  response_ = std::move(response);
  response_->set("Owrd-Version", limits_.version);
  response_->keep_alive(stays_open());
  if (is_head_) response_->body().clear();
  response_->prepare_payload();
  expect_progress_within(limits_.idle);
  http::async_write(socket_, *response_,
                    [self = shared_from_this()](error_code error, std::size_t) {
                      if (!self->is_closed_) self->on_written(error);
                    });
}

void HttpSession::on_written(error_code error) {
  expect_nothing();
  response_.reset();
  error ? close() : read_next_or_close();
}

void HttpSession::read_next_or_close() {
  if (is_refusing_) return linger();
  stays_open() ? read_request() : close();
}

/// A client that is still sending what was refused would get an error from the system, and never
/// read the answer, if the connection just closed under it.
void HttpSession::linger() {
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  expect_progress_within(limits_.linger);
  discard();
}

void HttpSession::discard() {
  socket_.async_read_some(asio::buffer(discarded_),
                          [self = shared_from_this()](error_code error, std::size_t) {
                            if (self->is_closed_) return;
                            error ? self->close() : self->discard();
                          });
}

void HttpSession::begin_stream(StreamOpening opening) {
  ++stream_number_;
  stream_ = std::make_unique<OpenStream>(opening.codec, limits_.stream);
  write_stream_header(ContentType{opening.codec, /*is_stream=*/true});
  if (auto* error = std::get_if<RpcError>(&opening.request))
    finish_stream(std::move(*error));
  else
    begin_call(opening);
  if (!is_refusing_) watch_for_leaving();
}

void HttpSession::begin_call(const StreamOpening& opening) {
  if (opening.timeout) finish_at(header_time_ + *opening.timeout, *opening.timeout);
  auto sink = std::make_shared<Sink>(weak_from_this(), stream_number_);
  auto subscription =
      opening.method->streaming(*std::get<MessagePtr>(opening.request), std::move(sink));
  if (!subscription) return finish_stream(to_rpc_error(subscription.error()));
  stream_->subscription = std::move(*subscription);
}

void HttpSession::finish_at(std::chrono::steady_clock::time_point deadline,
                            std::chrono::milliseconds timeout) {
  deadline_.expires_at(deadline);
  deadline_.async_wait(
      [weak = weak_from_this(), number = stream_number_, timeout](error_code error) {
        const auto self = weak.lock();
        if (error || !self || self->is_closed_ || !self->stream_) return;
        if (self->stream_number_ != number || self->stream_->end) return;
        self->stream_->subscription.reset();
        self->finish_stream(deadline_error(timeout));
      });
}

void HttpSession::write_stream_header(ContentType type) {
  std::string head = "HTTP/1.1 200 OK\r\nContent-Type: " + std::string(to_string(type)) +
                     "\r\nOwrd-Version: " + limits_.version +
                     "\r\nCache-Control: no-store\r\nTransfer-Encoding: chunked\r\n";
  if (!stays_open()) head += "Connection: close\r\n";
  write_stream_bytes(head + "\r\n", /*is_last=*/false);
}

void HttpSession::add_event(const Message& event, bool is_progress) {
  const auto bytes = print_message(stream_->codec, event);
  if (!bytes) return finish_stream(to_rpc_error(bytes.error()));
  auto framed = chunk(envelope(kMessageFlags, *bytes));
  if (is_progress) {
    stream_->queue.push_progress(std::move(framed));
  } else if (!stream_->queue.push(std::move(framed))) {
    // Not here: who reports the event must not see its subscription end under it.
    return asio::post(socket_.get_executor(), [self = shared_from_this()] { self->close(); });
  }
  write_next_event();
}

void HttpSession::finish_stream(std::optional<RpcError> error) {
  deadline_.cancel();
  stream_->end = chunk(envelope(kEndStreamFlags, end_stream_json(error))) + kLastChunk;
  write_next_event();
}

void HttpSession::write_next_event() {
  if (stream_->is_writing) return;
  if (!stream_->queue.is_empty())
    write_stream_bytes(stream_->queue.pop(), /*is_last=*/false);
  else if (stream_->end)
    write_stream_bytes(*stream_->end, /*is_last=*/true);
}

void HttpSession::write_stream_bytes(std::string bytes, bool is_last) {
  stream_->is_writing = true;
  stream_->writing = std::move(bytes);
  expect_progress_within(limits_.idle);
  asio::async_write(socket_, asio::buffer(stream_->writing),
                    [self = shared_from_this(), is_last](error_code error, std::size_t) {
                      if (!self->is_closed_) self->on_stream_written(error, is_last);
                    });
}

void HttpSession::on_stream_written(error_code error, bool was_last) {
  expect_nothing();
  if (error) return close();
  stream_->is_writing = false;
  if (!was_last) return write_next_event();
  stream_.reset();
  // The watching read has to end before the next request can be read; on_watched() goes on then.
  if (is_watching_) return socket_.cancel();
  read_next_or_close();
}

void HttpSession::watch_for_leaving() {
  is_watching_ = true;
  socket_.async_read_some(buffer_.prepare(kWatchBytes),
                          [self = shared_from_this()](error_code error, std::size_t bytes) {
                            if (!self->is_closed_) self->on_watched(error, bytes);
                          });
}

void HttpSession::on_watched(error_code error, std::size_t bytes) {
  is_watching_ = false;
  buffer_.commit(bytes);
  if (!stream_) {
    if (error && error != asio::error::operation_aborted) return close();
    return read_next_or_close();
  }
  // What a client sends during a stream can only be its next request.
  if (error || buffer_.size() > limits_.header_bytes) return close();
  watch_for_leaving();
}

void HttpSession::expect_progress_within(std::chrono::steady_clock::duration patience) {
  const auto number = ++patience_number_;
  patience_.expires_after(patience);
  patience_.async_wait([weak = weak_from_this(), number](error_code error) {
    const auto self = weak.lock();
    if (!error && self && self->patience_number_ == number) self->close();
  });
}

void HttpSession::expect_nothing() {
  ++patience_number_;
  patience_.cancel();
}

}  // namespace owrd::control
