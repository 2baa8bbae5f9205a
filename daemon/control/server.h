#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "daemon/control/event_queue.h"
#include "daemon/control/listening_socket.h"
#include "daemon/control/services.h"

namespace owrd::control {

struct HttpLimits {
  std::string version;  ///< Told in the header `Owrd-Version`.
  std::uint32_t header_bytes = 16 * 1024;
  std::uint64_t body_bytes = 32 * 1024 * 1024;  ///< A bundle of 16 MiB is 22 MiB in JSON.
  std::chrono::milliseconds idle{60'000};       ///< Between requests, and for each read or write.
  std::chrono::milliseconds linger{2'000};      ///< For a refused body to be discarded.
  EventQueue::Limits stream;
};

struct ServerOptions {
  std::size_t max_connections = 64;
  HttpLimits http;
  std::function<void(std::size_t open)> on_connections_change;  ///< May be empty.
};

/// The HTTP server of the control protocol. Lives on the loop's thread.
class Server {
 public:
  /// `services` outlives the server.
  Server(boost::asio::io_context& loop, const Services& services, ServerOptions options);
  /// Closes everything that is open; no handler is called after.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Accepts connections, until stop().
  Result<> serve(ListeningSocket socket, Access access);
  std::size_t open_connections() const;
  /// Accepts nothing more, lets each connection finish its request for at most `patience`, then
  /// calls `done`.
  void stop(std::chrono::steady_clock::duration patience, std::function<void()> done);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace owrd::control
