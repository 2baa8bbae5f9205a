#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "cli/signal_trap.h"
#include "daemon/core/result.h"

namespace owrd::cli {

enum class StreamEnd {
  Finished,   ///< The daemon said all it had to say.
  Stopped,    ///< The receiver of the messages wanted no more.
  Signalled,  ///< A signal came; the daemon sees the connection close.
};

/// A synchronous client of the control protocol: Connect with binary protobuf over HTTP/1.1 on a
/// Unix socket, through libcurl, which keeps the connection open between calls. Moves, does not
/// copy.
class Client {
 public:
  explicit Client(std::filesystem::path socket);
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  const std::filesystem::path& socket() const { return socket_; }

  /// Calls a unary method, such as "Daemon/Status". The daemon's errors come as they are, with
  /// their hints; Unavailable when it cannot be reached.
  template <class Reply, class Request>
  Result<Reply> call(std::string_view method, const Request& request) {
    auto bytes = post(method, request.SerializeAsString());
    if (!bytes) return bytes.error();
    Reply reply;
    if (!reply.ParseFromString(*bytes)) return not_understood(method);
    return reply;
  }

  /// Calls a streaming method; `on_event` returns false when it wants no more. With a trap, a
  /// signal ends it.
  template <class Event, class Request>
  Result<StreamEnd> stream(std::string_view method, const Request& request,
                           const std::function<bool(const Event&)>& on_event,
                           const SignalTrap* trap = nullptr) {
    bool is_understood = true;
    const auto on_message = [&](std::string_view bytes) {
      Event event;
      is_understood = event.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
      return is_understood && on_event(event);
    };
    auto end = post_stream(method, request.SerializeAsString(), on_message, trap);
    if (!is_understood) return not_understood(method);
    return end;
  }

 private:
  struct Transport;
  using OnMessage = std::function<bool(std::string_view)>;

  Result<std::string> post(std::string_view method, const std::string& body);
  Result<StreamEnd> post_stream(std::string_view method, const std::string& message,
                                const OnMessage& on_message, const SignalTrap* trap);
  static Error not_understood(std::string_view method);

  std::filesystem::path socket_;
  std::unique_ptr<Transport> transport_;
};

}  // namespace owrd::cli
