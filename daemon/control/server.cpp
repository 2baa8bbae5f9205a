#include "daemon/control/server.h"

#include <fcntl.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/write.hpp>
#include <cerrno>
#include <set>
#include <vector>

#include "daemon/control/http_session.h"
#include "daemon/core/system.h"

namespace owrd::control {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Local = asio::local::stream_protocol;

/// How long to wait when the system refuses a new connection, say for want of descriptors.
constexpr std::chrono::milliseconds kAcceptPause{200};

struct Door {
  Door(asio::io_context& loop, ListeningSocket listening, Access access_given)
      : acceptor(loop), pause(loop), socket(std::move(listening)), access(access_given) {}

  Local::acceptor acceptor;  ///< Has a duplicate of the socket's descriptor.
  asio::steady_timer pause;
  ListeningSocket socket;
  Access access;
};

}  // namespace

struct Server::Impl : std::enable_shared_from_this<Server::Impl> {
  Impl(asio::io_context& loop_used, const Services& services_used, ServerOptions options_used)
      : loop(loop_used),
        services(services_used),
        options(std::move(options_used)),
        stop_timer(loop_used) {}

  void accept(const std::shared_ptr<Door>& door) {
    door->acceptor.async_accept(
        [weak = weak_from_this(), door](error_code error, Local::socket socket) {
          const auto self = weak.lock();
          if (!self || !door->acceptor.is_open()) return;
          if (error) return self->accept_later(door);
          self->take(std::move(socket), *door);
          self->accept(door);
        });
  }

  void accept_later(const std::shared_ptr<Door>& door) {
    door->pause.expires_after(kAcceptPause);
    door->pause.async_wait([weak = weak_from_this(), door](error_code) {
      const auto self = weak.lock();
      if (self && door->acceptor.is_open()) self->accept(door);
    });
  }

  void take(Local::socket socket, const Door& door) {
    if (sessions.size() >= options.max_connections) return turn_away(std::move(socket));
    // The session is known by its address until it closes, which it does before it dies.
    auto key = std::make_shared<std::weak_ptr<HttpSession>>();
    auto on_closed = [weak = weak_from_this(), key] {
      if (const auto self = weak.lock()) self->remove(key->lock());
    };
    auto session = std::make_shared<HttpSession>(
        HttpSession::Socket(std::move(socket)), services, options.http,
        Caller{door.access, door.socket.path().string()}, std::move(on_closed));
    *key = session;
    sessions.insert(session);
    tell_change();
    session->start();
  }

  /// Said without having read the request: a client that waits for its turn in silence would not
  /// know why.
  void turn_away(Local::socket socket) const {
    auto response = error_response(
        to_rpc_error({ErrorCode::Unavailable,
                      "all " + std::to_string(options.max_connections) + " connections are taken",
                      "try again in a moment"}));
    response.set("Owrd-Version", options.http.version);
    response.keep_alive(false);
    response.prepare_payload();
    error_code ignored;
    socket.non_blocking(true, ignored);
    boost::beast::http::write(socket, response, ignored);
  }

  void remove(const std::shared_ptr<HttpSession>& session) {
    sessions.erase(session);
    tell_change();
    if (sessions.empty()) finish_stop();
  }

  void tell_change() const {
    if (options.on_connections_change) options.on_connections_change(sessions.size());
  }

  void close_doors() {
    for (const auto& door : doors) {
      error_code ignored;
      door->acceptor.close(ignored);
      door->pause.cancel();
    }
    doors.clear();
  }

  void finish_stop() {
    if (!on_stopped) return;
    stop_timer.cancel();
    asio::post(loop, std::exchange(on_stopped, nullptr));
  }

  std::vector<std::shared_ptr<HttpSession>> all_sessions() const {
    return {sessions.begin(), sessions.end()};
  }

  asio::io_context& loop;
  const Services& services;
  const ServerOptions options;
  std::vector<std::shared_ptr<Door>> doors;
  std::set<std::shared_ptr<HttpSession>> sessions;
  asio::steady_timer stop_timer;
  std::function<void()> on_stopped;
};

Server::Server(asio::io_context& loop, const Services& services, ServerOptions options)
    : impl_(std::make_shared<Impl>(loop, services, std::move(options))) {}

Server::~Server() {
  impl_->close_doors();
  for (const auto& session : impl_->all_sessions()) session->forget();
}

Result<> Server::serve(ListeningSocket socket, Access access) {
  const std::string path = socket.path().string();
  const int descriptor = ::fcntl(socket.descriptor(), F_DUPFD_CLOEXEC, 0);
  if (descriptor < 0)
    return Error{ErrorCode::Io, "socket " + path + ": cannot serve it: " + describe_errno(errno)};
  auto door = std::make_shared<Door>(impl_->loop, std::move(socket), access);
  door->acceptor.assign(Local(), descriptor);
  impl_->doors.push_back(door);
  impl_->accept(door);
  return Done{};
}

std::size_t Server::open_connections() const { return impl_->sessions.size(); }

void Server::stop(std::chrono::steady_clock::duration patience, std::function<void()> done) {
  impl_->close_doors();
  impl_->on_stopped = std::move(done);
  for (const auto& session : impl_->all_sessions()) session->stop();
  if (impl_->sessions.empty()) return impl_->finish_stop();
  impl_->stop_timer.expires_after(patience);
  impl_->stop_timer.async_wait([weak = std::weak_ptr(impl_)](error_code error) {
    const auto impl = weak.lock();
    if (error || !impl) return;
    for (const auto& session : impl->all_sessions()) session->close();
  });
}

}  // namespace owrd::control
