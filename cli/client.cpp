#include "cli/client.h"

#include <curl/curl.h>

#include <array>
#include <optional>

#include "cli/connect_error.h"

namespace owrd::cli {
namespace {

/// The largest reply, or message of a stream: a release.owrd of 8 MiB and a record for each of
/// 16384 files fit well.
constexpr std::size_t kMessageLimitBytes = 64U * 1024 * 1024;
constexpr std::size_t kEnvelopeHeaderBytes = 5;
constexpr unsigned char kEndOfStream = 2;

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

std::uint32_t read_big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes.substr(0, 4)) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

/// An envelope of the Connect protocol: a byte of flags, the length in big endian, the message.
std::string to_envelope(const std::string& message) {
  const auto length = static_cast<std::uint32_t>(message.size());
  std::string envelope(1, '\0');
  for (const int shift : {24, 16, 8, 0}) envelope += static_cast<char>(length >> shift & 0xFF);
  return envelope + message;
}

/// One request and what has come back of its reply.
struct Exchange {
  CURL* easy = nullptr;
  const std::function<bool(std::string_view)>* on_message = nullptr;  ///< Null in a unary call.
  std::string buffer;
  std::optional<std::string> end_of_stream;
  bool is_stopped = false;
  std::optional<Error> failure;

  bool is_stream_reply() const {
    const char* type = nullptr;
    curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
    return on_message != nullptr && type != nullptr &&
           std::string_view(type) == "application/connect+proto";
  }

  /// False when the transfer shall end.
  bool receive(std::string_view bytes) {
    if (buffer.size() + bytes.size() > kMessageLimitBytes + kEnvelopeHeaderBytes) {
      failure = Error{ErrorCode::Internal, "the daemon's answer is over 64 MiB"};
      return false;
    }
    buffer += bytes;
    return !is_stream_reply() || take_envelopes();
  }

  bool take_envelopes() {
    std::size_t taken = 0;
    while (buffer.size() - taken >= kEnvelopeHeaderBytes) {
      const auto rest = std::string_view(buffer).substr(taken);
      const std::size_t length = read_big_endian(rest.substr(1));
      if (length > kMessageLimitBytes) {
        failure = Error{ErrorCode::Internal, "a message of the daemon is over 64 MiB"};
        return false;
      }
      if (rest.size() - kEnvelopeHeaderBytes < length) break;
      taken += kEnvelopeHeaderBytes + length;
      if (!take_message(static_cast<unsigned char>(rest.front()),
                        rest.substr(kEnvelopeHeaderBytes, length)))
        return false;
    }
    buffer.erase(0, taken);
    return true;
  }

  bool take_message(unsigned char flags, std::string_view message) {
    if (end_of_stream || (flags != 0 && flags != kEndOfStream)) {
      failure = Error{ErrorCode::Internal, "the daemon's answer breaks the Connect protocol"};
      return false;
    }
    if (flags == kEndOfStream) {
      end_of_stream = std::string(message);
      return true;
    }
    is_stopped = !(*on_message)(message);
    return !is_stopped;
  }
};

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* exchange) {
  const std::string_view bytes(data, size * count);
  return static_cast<Exchange*>(exchange)->receive(bytes) ? bytes.size() : 0;
}

}  // namespace

/// The multi handle owns the open connection.
struct Client::Transport {
  Transport() : multi(curl_multi_init()) {}
  ~Transport() { curl_multi_cleanup(multi); }
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  /// Runs one request to its end: libcurl's verdict, or nothing when a signal came first.
  std::optional<CURLcode> run(CURL* easy, const SignalTrap* trap) {
    curl_multi_add_handle(multi, easy);
    const auto verdict = wait(trap);
    curl_multi_remove_handle(multi, easy);
    return verdict;
  }

  std::optional<CURLcode> wait(const SignalTrap* trap) {
    for (;;) {
      int running = 0;
      curl_multi_perform(multi, &running);
      int left = 0;
      while (const CURLMsg* message = curl_multi_info_read(multi, &left))
        if (message->msg == CURLMSG_DONE) return message->data.result;
      if (trap != nullptr && trap->caught() != 0) return std::nullopt;
      curl_waitfd signal_fd{trap != nullptr ? trap->fd() : -1, CURL_WAIT_POLLIN, 0};
      curl_multi_poll(multi, &signal_fd, trap != nullptr ? 1 : 0, 1000, nullptr);
    }
  }

  CURLM* multi;
};

namespace {

struct Request {
  Easy easy;
  HeaderList headers;
  std::string url;
};

/// `body` and `exchange` must outlive the request.
Request make_request(const std::filesystem::path& socket, std::string_view method,
                     const char* content_type, const std::string& body, Exchange& exchange) {
  Request request;
  request.easy.reset(curl_easy_init());
  request.url = "http://localhost/owrd.v1." + std::string(method);
  curl_slist* headers = nullptr;
  headers = curl_slist_append(headers, (std::string("Content-Type: ") + content_type).c_str());
  headers = curl_slist_append(headers, "Connect-Protocol-Version: 1");
  headers = curl_slist_append(headers, "Owrd-Version: " OWRD_VERSION);
  headers = curl_slist_append(headers, "Expect:");
  request.headers.reset(headers);

  CURL* easy = request.easy.get();
  exchange.easy = easy;
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, socket.c_str());
  curl_easy_setopt(easy, CURLOPT_PROXY,
                   "");  // An http_proxy in the environment is not meant for this.
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request.headers.get());
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &exchange);
  return request;
}

Error cannot_reach(const std::filesystem::path& socket, CURLcode code) {
  if (code == CURLE_COULDNT_CONNECT)
    return Error{ErrorCode::Unavailable, "no daemon answers at " + socket.string(), "owrd status"};
  return Error{ErrorCode::Unavailable,
               "the daemon at " + socket.string() + " ended while it was at work (" +
                   curl_easy_strerror(code) + ")",
               "run the command again: it goes on where it was"};
}

}  // namespace

Client::Client(std::filesystem::path socket)
    : socket_(std::move(socket)), transport_(std::make_unique<Transport>()) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

Error Client::not_understood(std::string_view method) {
  return Error{ErrorCode::Internal,
               "the daemon's answer to " + std::string(method) + " cannot be read",
               "owrd status   (compare its version with: owrd version)"};
}

Result<std::string> Client::post(std::string_view method, const std::string& body) {
  Exchange exchange;
  const auto request = make_request(socket_, method, "application/proto", body, exchange);
  const auto verdict = transport_->run(request.easy.get(), nullptr);
  if (exchange.failure) return *exchange.failure;
  if (*verdict != CURLE_OK) return cannot_reach(socket_, *verdict);

  long status = 0;
  curl_easy_getinfo(request.easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) return parse_connect_error(exchange.buffer, status);
  return std::move(exchange.buffer);
}

Result<StreamEnd> Client::post_stream(std::string_view method, const std::string& message,
                                      const OnMessage& on_message, const SignalTrap* trap) {
  Exchange exchange;
  exchange.on_message = &on_message;
  const auto body = to_envelope(message);
  const auto request = make_request(socket_, method, "application/connect+proto", body, exchange);
  const auto verdict = transport_->run(request.easy.get(), trap);
  if (!verdict) return StreamEnd::Signalled;
  if (exchange.is_stopped) return StreamEnd::Stopped;
  if (exchange.failure) return *exchange.failure;
  if (*verdict != CURLE_OK) return cannot_reach(socket_, *verdict);

  long status = 0;
  curl_easy_getinfo(request.easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != 200 || !exchange.is_stream_reply())
    return parse_connect_error(exchange.buffer, status);
  if (!exchange.end_of_stream)
    return Error{ErrorCode::Unavailable, "the daemon broke off its answer", "owrd status"};
  if (const auto error = parse_end_of_stream(*exchange.end_of_stream)) return *error;
  return StreamEnd::Finished;
}

}  // namespace owrd::cli
