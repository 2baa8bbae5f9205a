#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "daemon/control/server.h"
#include "owrd/v1/control.pb.h"

namespace owrd::test {

/// Waits until `condition` holds; false when it does not within five seconds.
bool wait_for(const std::function<bool()>& condition);

/// A served control protocol whose methods are answered from a few values, on two sockets in a
/// directory of its own.
///
/// Status says what is fixed; Reload fails with a hint; Publishers.Show knows nobody;
/// Releases.Bundle gives back as the bundle what it was asked for as the ref;
/// Releases.Watch is a stream that stays open, and is driven by the test; Releases.Get sends a plan
/// and ends, or fails for the ref "fail/now:1".
class Site {
 public:
  explicit Site(control::ServerOptions options = {});
  ~Site();

  std::filesystem::path socket() const { return directory_ / "owrd.sock"; }
  std::filesystem::path readonly_socket() const { return directory_ / "owrd-ro.sock"; }
  const std::filesystem::path& directory() const { return directory_; }

  /// Runs `act` on the loop's thread, and waits for it.
  void on_loop(const std::function<void()>& act);
  control::Server& server() { return *server_; }

  int open_watches() const { return open_watches_; }  ///< Subscriptions that somebody holds.
  int shutdowns() const { return shutdowns_; }
  std::size_t connections() const { return connections_; }
  /// The newest Watch; only on the loop.
  const control::Stream<v1::TransferEvent>& watch() const { return *watch_; }
  /// A progress event that tells `bytes` verified, and whose detail is `padding` bytes long.
  static v1::TransferEvent progress(std::uint64_t bytes, std::size_t padding = 0);
  static v1::TransferEvent plan(std::uint64_t bytes_here);

  static control::Services make_services(Site& site);

 private:
  class Held;

  std::filesystem::path directory_;
  boost::asio::io_context loop_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  control::Services services_;
  std::optional<control::Stream<v1::TransferEvent>> watch_;
  std::atomic<int> open_watches_{0};
  std::atomic<int> shutdowns_{0};
  std::atomic<std::size_t> connections_{0};
  std::unique_ptr<control::Server> server_;
  std::thread thread_;
};

}  // namespace owrd::test
