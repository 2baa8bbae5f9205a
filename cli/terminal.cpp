#include "cli/terminal.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "cli/signal_trap.h"

namespace owrd::cli {
namespace {

/// Keeps what is typed off the screen while it lives.
class EchoOff {
 public:
  EchoOff() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= ECHONL;
    is_off_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  ~EchoOff() {
    if (is_off_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;

 private:
  termios before_{};
  bool is_off_ = false;
};

constexpr std::size_t kLineLimitBytes = 4096;

/// One line; nothing when there is none, or when the trap has caught a signal.
std::optional<std::string> read_characters(const SignalTrap* trap,
                                           const std::function<void()>& meanwhile) {
  std::string line;
  while (line.size() < kLineLimitBytes) {
    std::array<pollfd, 2> inputs{{{STDIN_FILENO, POLLIN, 0}, {trap ? trap->fd() : -1, POLLIN, 0}}};
    const int ready = ::poll(inputs.data(), inputs.size(), 10'000);
    if (trap && trap->caught() != 0) return std::nullopt;
    if (ready == 0 && meanwhile) meanwhile();
    if (ready <= 0 || inputs[0].revents == 0) continue;
    char c = 0;
    const auto count = ::read(STDIN_FILENO, &c, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return line.empty() ? std::nullopt : std::optional(line);
    if (c == '\n') return line;
    line += c;
  }
  return line;
}

}  // namespace

bool SystemTerminal::can_ask() const { return ::isatty(STDIN_FILENO) == 1; }

std::optional<std::string> SystemTerminal::read_line(bool is_secret,
                                                     const std::function<void()>& meanwhile) {
  if (!is_secret) return read_characters(nullptr, meanwhile);
  int signal = 0;
  std::optional<std::string> line;
  {
    // Echo must be on again before a signal ends the program.
    const SignalTrap trap;
    const EchoOff echo_off;
    line = read_characters(&trap, meanwhile);
    signal = trap.caught();
  }
  if (signal != 0) ::raise(signal);
  return line;
}

unsigned terminal_width(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

}  // namespace owrd::cli
