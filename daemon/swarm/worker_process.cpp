#include "daemon/swarm/worker_process.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <deque>
#include <optional>
#include <set>
#include <utility>

#include "daemon/core/framing.h"
#include "daemon/swarm/file_service.h"
#include "daemon/swarm/peer_bans.h"
#include "daemon/swarm/spawn.h"

namespace owrd::swarm {
namespace {

using Clock = std::chrono::steady_clock;
using boost::asio::posix::stream_descriptor;
using boost::system::error_code;

constexpr std::size_t kMaxQueuedBytes = std::size_t{256} * 1024 * 1024;
constexpr std::size_t kMaxLineBytes = 4096;
constexpr std::chrono::seconds kShutdownPatience{2};
constexpr std::chrono::milliseconds kReapPause{10};
/// What the worker writes to its standard error, from libtorrent's own thread, before it says a
/// word to a peer: a crash in the very next instant still leaves the address behind.
constexpr std::string_view kPeerLine = "peer ";

/// The pause before the restart that follows the n-th loss within a minute. `stillborn` counts the
/// workers in a row that were never ready: something is wrong with them, and not with a peer.
std::chrono::milliseconds restart_pause(std::size_t losses, std::size_t stillborn) {
  constexpr std::chrono::milliseconds kPauses[] = {
      std::chrono::milliseconds{0}, std::chrono::milliseconds{100}, std::chrono::milliseconds{300},
      std::chrono::milliseconds{500}};
  const auto pause = kPauses[std::min(losses, std::size(kPauses)) - 1];
  if (stillborn < std::size(kPauses)) return pause;
  const auto doublings = std::min<std::size_t>(stillborn - std::size(kPauses), 5);
  return std::min(std::chrono::seconds{1 << doublings}, std::chrono::seconds{30});
}

v1::SwarmCommand shutdown_command() {
  v1::SwarmCommand command;
  command.mutable_shutdown();
  return command;
}

}  // namespace

struct WorkerProcess::Impl : std::enable_shared_from_this<Impl> {
  enum class State {
    Idle,  ///< No worker, and none is wanted before the next command.
    Running,
    Reaping,  ///< Its channel has ended; the process has not yet.
    Pausing,  ///< Lost; the restart timer runs.
    Closed,
  };

  Impl(boost::asio::io_context& loop_in, Options options_in)
      : loop(loop_in), options(std::move(options_in)), timer(loop_in) {}

  // --- Commands down

  void send(const v1::SwarmCommand& command) {
    if (state == State::Closed) return;
    if (command.has_configure()) configure = command.configure();
    if (state == State::Idle) {
      if (command.has_shutdown()) return;
      if (!start()) return;
      if (command.has_configure()) return;  // start() has sent it.
    }
    if (is_ending) is_wanted_again = !command.has_shutdown();
    if (state != State::Running || is_ending) return;
    if (command.has_configure()) {
      send_configure();
    } else if (command.has_add()) {
      send_add(command);
    } else {
      write(command);
    }
    if (command.has_shutdown()) expect_end();
  }

  void send_configure() {
    v1::SwarmCommand command;
    *command.mutable_configure() = *configure;
    for (auto& address : bans.banned(Clock::now()))
      command.mutable_configure()->add_banned(std::move(address));
    write(command);
  }

  void send_add(v1::SwarmCommand command) {
    file_service.take_places(*command.mutable_add());
    write(command);
  }

  void write(const v1::SwarmCommand& command) {
    if (auto queued = writer.queue(command.SerializeAsString()); !queued) {
      log("a command for the swarm worker was not sent: " + queued.error().message);
      return;
    }
    if (writer.queued_bytes() > kMaxQueuedBytes) {
      end_reason = "did not read its commands";
      ::kill(worker_pid, SIGKILL);
      return;
    }
    if (!is_writing) write_some();
  }

  void write_some() {
    const auto done = writer.write_to(channel->native_handle());
    is_writing = false;
    if (!done || *done) return;  // A broken channel shows as its end when it is read.
    is_writing = true;
    channel->async_wait(stream_descriptor::wait_write,
                        [self = shared_from_this(), now = generation](const error_code& error) {
                          if (!error && now == self->generation) self->write_some();
                        });
  }

  // --- Life of the worker

  /// False when it could not be started; a loss then follows.
  bool start() {
    auto spawned = spawn_worker(options.program);
    if (!spawned) {
      state = State::Reaping;  // Commands are dropped until the loss is told, on the loop.
      boost::asio::post(loop, [self = shared_from_this(), error = spawned.error()] {
        if (self->state == State::Closed) return;
        self->tell_loss(error.message + (error.hint.empty() ? "" : "; " + error.hint));
      });
      return false;
    }
    ++generation;
    worker_pid = spawned->pid;
    channel.emplace(loop, spawned->channel);
    files.emplace(loop, spawned->files);
    errors.emplace(loop, spawned->errors);
    reader = FrameReader();
    writer = FrameWriter();
    is_writing = false;
    is_ending = false;
    is_wanted_again = false;
    end_reason.clear();
    error_line.clear();
    connected.clear();
    state = State::Running;
    wait_for_events();
    wait_for_requests();
    wait_for_lines();
    if (configure) send_configure();
    return true;
  }

  void wait_for_events() {
    channel->async_wait(stream_descriptor::wait_read,
                        [self = shared_from_this(), now = generation](const error_code& error) {
                          if (!error && now == self->generation) self->read_events();
                        });
  }

  void read_events() {
    const auto open = reader.read_from(channel->native_handle());
    const auto now = generation;
    for (;;) {
      auto frame = reader.next();
      if (!frame) return lose("sent what is no frame: " + frame.error().message);
      if (!*frame) break;
      v1::SwarmEvent event;
      if (!event.ParseFromString(**frame)) return lose("sent a frame that is no event");
      on_event(event);
      if (now != generation || state != State::Running) return;
    }
    if (!open) return lose(open.error().message);
    if (!*open) return lose({});
    wait_for_events();
  }

  void on_event(const v1::SwarmEvent& event) {
    if (event.has_worker_lost()) return;  // Ours alone to say.
    if (event.has_peers())
      keep_connected({event.peers().addresses().begin(), event.peers().addresses().end()});
    if (event.has_ready()) stillborn = 0;
    if (event.has_removed()) file_service.forget(event.removed().id());
    if (event.has_failed()) file_service.forget(event.failed().id());
    tell(event);
  }

  void tell(const v1::SwarmEvent& event) {
    if (listener) listener(event);
  }

  void wait_for_requests() {
    files->async_wait(stream_descriptor::wait_read,
                      [self = shared_from_this(), now = generation](const error_code& error) {
                        if (!error && now == self->generation) self->serve_files();
                      });
  }

  /// When its end is closed, so is the channel's, or will be.
  void serve_files() {
    if (state != State::Running) return;
    const auto served = file_service.serve(files->native_handle());
    if (served) return wait_for_requests();
    if (served.error().code != ErrorCode::NotFound) lose(served.error().message);
  }

  /// The channel has ended, or the worker is to be ended for `reason`.
  void lose(std::string reason) {
    if (!reason.empty()) end_reason = std::move(reason);
    state = State::Reaping;
    ::kill(worker_pid, SIGKILL);
    reap();
  }

  void reap() {
    int status = 0;
    const pid_t reaped = ::waitpid(worker_pid, &status, WNOHANG);
    if (reaped == 0) {
      after(kReapPause, &Impl::reap);
      return;
    }
    const std::string how = reaped == worker_pid ? describe_exit(status) : "is gone";
    read_lines();
    close_descriptors();
    worker_pid = 0;
    if (!is_ending && (!end_reason.empty() || is_crash(status)))
      bans.on_crash(connected, Clock::now());
    connected.clear();
    if (is_ending) {
      state = State::Idle;
      if (is_wanted_again) start();
      return;
    }
    tell_loss("owrd-swarm " + (end_reason.empty() ? how : end_reason));
  }

  void note_connected(const std::string& address) {
    std::erase(connected, address);
    connected.push_back(address);
  }

  void keep_connected(const std::set<std::string>& now_connected) {
    std::erase_if(connected,
                  [&](const auto& address) { return now_connected.count(address) == 0; });
    for (const auto& address : now_connected)
      if (std::find(connected.begin(), connected.end(), address) == connected.end())
        connected.push_back(address);
  }

  void tell_loss(const std::string& reason) {
    const auto now = Clock::now();
    losses.push_back(now);
    while (now - losses.front() > std::chrono::minutes{1}) losses.pop_front();
    state = State::Pausing;
    after(restart_pause(losses.size(), ++stillborn), &Impl::restart);

    v1::SwarmEvent event;
    event.mutable_worker_lost()->set_reason(reason);
    tell(event);
  }

  void restart() {
    if (state != State::Pausing) return;
    ++restart_count;
    start();
  }

  /// SwarmShutdown is on its way.
  void expect_end() {
    is_ending = true;
    after(kShutdownPatience, &Impl::end_by_force);
  }

  void end_by_force() {
    if (state == State::Running && is_ending) ::kill(worker_pid, SIGKILL);
  }

  void after(std::chrono::milliseconds pause, void (Impl::*then)()) {
    timer.expires_after(pause);
    timer.async_wait([self = shared_from_this(), then](const error_code& error) {
      if (!error && self->state != State::Closed) ((*self).*then)();
    });
  }

  // --- Its standard error

  void wait_for_lines() {
    errors->async_wait(stream_descriptor::wait_read,
                       [self = shared_from_this(), now = generation](const error_code& error) {
                         if (error || now != self->generation) return;
                         if (self->read_lines()) self->wait_for_lines();
                       });
  }

  /// All that is there. False at its end.
  bool read_lines() {
    char chunk[4096];
    for (;;) {
      const ssize_t got = ::read(errors->native_handle(), chunk, sizeof chunk);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return errno == EAGAIN;
      if (got == 0) {
        end_line();
        return false;
      }
      for (const char c : std::string_view(chunk, static_cast<std::size_t>(got))) {
        if (c == '\n' || error_line.size() >= kMaxLineBytes) end_line();
        if (c != '\n') error_line.push_back(c);
      }
    }
  }

  void end_line() {
    const std::string line = std::exchange(error_line, {});
    if (line.empty()) return;
    if (line.starts_with(kPeerLine)) {
      note_connected(line.substr(kPeerLine.size()));
    } else {
      log(line);
    }
  }

  void log(const std::string& line) {
    if (options.log) options.log(line);
  }

  // --- The end of ours

  void close_descriptors() {
    ++generation;
    channel.reset();
    files.reset();
    errors.reset();
    file_service.forget_all();
  }

  void close() {
    timer.cancel();
    listener = nullptr;
    if (worker_pid > 0) {
      if (state == State::Running) part_in_peace();
      ::kill(worker_pid, SIGKILL);
      int status = 0;
      while (::waitpid(worker_pid, &status, 0) < 0 && errno == EINTR) {
      }
      worker_pid = 0;
    }
    state = State::Closed;
    close_descriptors();
  }

  /// Sends SwarmShutdown and waits for the channel's end, without the loop. Its last writes may
  /// need files.
  void part_in_peace() {
    if (!is_ending && !writer.queue(shutdown_command().SerializeAsString())) return;
    const int fd = channel->native_handle();
    const auto deadline = Clock::now() + kShutdownPatience;
    for (;;) {
      const auto written = writer.write_to(fd);
      const auto open = reader.read_from(fd);
      if (!open || !*open) return;
      while (const auto frame = reader.next()) {
        if (!*frame) break;
      }
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
      if (left <= 0) return;
      const bool wants_write = written && !*written;
      pollfd waits[] = {{fd, static_cast<short>(wants_write ? POLLIN | POLLOUT : POLLIN), 0},
                        {files->native_handle(), POLLIN, 0}};
      ::poll(waits, std::size(waits), static_cast<int>(left));
      if (waits[1].revents != 0 && !file_service.serve(files->native_handle())) return;
    }
  }

  boost::asio::io_context& loop;
  Options options;
  Listener listener;
  boost::asio::steady_timer timer;
  State state = State::Idle;
  /// Counts starts and ends; a handler of an earlier one finds another number and does nothing.
  std::uint64_t generation = 0;
  pid_t worker_pid = 0;
  std::optional<stream_descriptor> channel;
  std::optional<stream_descriptor> files;
  std::optional<stream_descriptor> errors;
  FileService file_service;
  FrameReader reader;
  FrameWriter writer;
  bool is_writing = false;
  bool is_ending = false;        ///< SwarmShutdown was sent: its end is no loss.
  bool is_wanted_again = false;  ///< A command came after SwarmShutdown, before its end.
  std::string end_reason;        ///< Why we ended it, when we did.
  std::string error_line;
  std::optional<v1::SwarmConfigure> configure;
  std::vector<std::string> connected;  ///< The last to connect at the end.
  PeerBans bans;
  std::deque<Clock::time_point> losses;  ///< Of the last minute.
  std::size_t stillborn = 0;             ///< Workers in a row that were lost before SwarmReady.
  std::uint32_t restart_count = 0;
};

WorkerProcess::WorkerProcess(boost::asio::io_context& loop, Options options)
    : impl_(std::make_shared<Impl>(loop, std::move(options))) {}
WorkerProcess::~WorkerProcess() { impl_->close(); }

void WorkerProcess::set_listener(Listener listener) { impl_->listener = std::move(listener); }
void WorkerProcess::send(const v1::SwarmCommand& command) { impl_->send(command); }
bool WorkerProcess::is_running() const { return impl_->state == Impl::State::Running; }
int WorkerProcess::pid() const { return is_running() ? impl_->worker_pid : 0; }
std::uint32_t WorkerProcess::restarts() const { return impl_->restart_count; }

}  // namespace owrd::swarm
