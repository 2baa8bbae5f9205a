#include "daemon/worker/link.h"

#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <utility>

namespace owrd::worker {
namespace {

using boost::asio::posix::stream_descriptor;

/// Statistics and what peers tell are dropped beyond this: the daemon is behind, and newer ones
/// come.
constexpr std::size_t kNewsLimitBytes = std::size_t{16} * 1024 * 1024;
/// A daemon that is this far behind does not read any more.
constexpr std::size_t kQueueLimitBytes = std::size_t{256} * 1024 * 1024;

[[noreturn]] void end_process(int status) { std::_Exit(status); }

}  // namespace

void log(const std::string& line) {
  const std::string text = line + '\n';
  const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
  static_cast<void>(written);  // There is no other place to complain.
}

Link::Link(boost::asio::io_context& loop, int fd, OnCommand on_command)
    : socket_(loop, fd), on_command_(std::move(on_command)) {
  socket_.native_non_blocking(true);
  wait_for_commands();
}

void Link::wait_for_commands() {
  socket_.async_wait(stream_descriptor::wait_read, [this](const boost::system::error_code& error) {
    if (!error) read_commands();
  });
}

void Link::read_commands() {
  const auto open = reader_.read_from(socket_.native_handle());
  if (!open || !*open) end_process(0);
  for (;;) {
    const auto frame = reader_.next();
    if (!frame) {
      log(frame.error().message);
      end_process(1);
    }
    if (!*frame) break;
    v1::SwarmCommand command;
    if (command.ParseFromString(**frame)) {
      on_command_(command);
    } else {
      log("a frame from the daemon is no command; ignored");
    }
  }
  wait_for_commands();
}

void Link::send(const v1::SwarmEvent& event) {
  const bool is_news = event.has_stats() || event.has_heard();
  if (is_news && writer_.queued_bytes() > kNewsLimitBytes) return;
  if (const auto queued = writer_.queue(event.SerializeAsString()); !queued) {
    log("an event was not sent: " + queued.error().message);
    return;
  }
  if (writer_.queued_bytes() > kQueueLimitBytes) {
    log("the daemon does not read events");
    end_process(1);
  }
  if (!is_writing_) write_some();
}

void Link::write_some() {
  const auto done = writer_.write_to(socket_.native_handle());
  is_writing_ = false;
  if (!done) end_process(0);
  if (*done) return;
  is_writing_ = true;
  socket_.async_wait(stream_descriptor::wait_write, [this](const boost::system::error_code& error) {
    if (!error) write_some();
  });
}

void Link::flush() {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{1};
  while (std::chrono::steady_clock::now() < deadline) {
    const auto done = writer_.write_to(socket_.native_handle());
    if (!done || *done) return;
    pollfd wait{socket_.native_handle(), POLLOUT, 0};
    ::poll(&wait, 1, 100);
  }
}

}  // namespace owrd::worker
