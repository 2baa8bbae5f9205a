#pragma once

#include <array>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "daemon/control/event_queue.h"
#include "daemon/control/exchange.h"
#include "daemon/control/server.h"

namespace owrd::control {

/// One connection: reads requests, one after the other, and writes what is answered. Lives on the
/// loop's thread; its handlers keep it alive until it is closed.
class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;
  /// `services` and `limits` outlive the session, or its close(). `on_closed` is called once,
  /// unless forget() came before.
  HttpSession(Socket socket, const Services& services, const HttpLimits& limits, Caller caller,
              std::function<void()> on_closed);
  ~HttpSession();

  void start();
  /// Answers what is being asked, then closes; streams end with "unavailable".
  void stop();
  /// At once.
  void close();
  /// The owner is going: nothing of it is used any more.
  void forget();

 private:
  struct OpenStream;
  class Sink;

  void read_request();
  void on_header(boost::beast::error_code error);
  void refuse_malformed(boost::beast::error_code error);
  void refuse(unsigned status, const std::string& why);
  void write_continue();
  void read_body();
  void on_request(boost::beast::error_code error);

  bool stays_open() const;
  void write(Answer answer);
  void write_response(HttpResponse response);
  void on_written(boost::beast::error_code error);
  void read_next_or_close();
  void linger();
  void discard();

  void begin_stream(StreamOpening opening);
  void begin_call(const StreamOpening& opening);
  void finish_at(std::chrono::steady_clock::time_point deadline, std::chrono::milliseconds timeout);
  void write_stream_header(ContentType type);
  void add_event(const Message& event, bool is_progress);
  void finish_stream(std::optional<RpcError> error);
  void write_next_event();
  void write_stream_bytes(std::string bytes, bool is_last);
  void on_stream_written(boost::beast::error_code error, bool was_last);
  void watch_for_leaving();
  void on_watched(boost::beast::error_code error, std::size_t bytes);

  void expect_progress_within(std::chrono::steady_clock::duration patience);
  void expect_nothing();

  Socket socket_;
  const Services& services_;
  const HttpLimits& limits_;
  const Caller caller_;
  std::function<void()> on_closed_;

  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
  std::chrono::steady_clock::time_point header_time_;
  std::optional<HttpResponse> response_;
  std::array<char, 16 * 1024> discarded_;

  std::unique_ptr<OpenStream> stream_;  ///< While a stream is written.
  std::uint64_t stream_number_ = 0;     ///< Tells a late event of an earlier stream.
  bool is_watching_ = false;            ///< A read is pending while a stream is written.

  boost::asio::steady_timer patience_;
  std::uint64_t patience_number_ = 0;
  boost::asio::steady_timer deadline_;

  bool is_idle_ = false;  ///< Between requests.
  bool is_head_ = false;  ///< The request is HEAD: its response has no body.
  bool keeps_alive_ = true;
  bool is_refusing_ = false;  ///< The rest of the request will not be read.
  bool is_stopping_ = false;
  bool is_closed_ = false;
};

}  // namespace owrd::control
