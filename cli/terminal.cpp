#include "cli/terminal.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

namespace owrd::cli {
namespace {

/// Keeps what is typed off the screen while it lives.
class EchoOff {
 public:
  explicit EchoOff(bool is_wanted) {
    if (!is_wanted || ::tcgetattr(STDIN_FILENO, &before_) != 0) return;
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

}  // namespace

bool SystemTerminal::can_ask() const { return ::isatty(STDIN_FILENO) == 1; }

std::optional<std::string> SystemTerminal::read_line(bool is_secret,
                                                     const std::function<void()>& meanwhile) {
  const EchoOff echo_off(is_secret);
  std::string line;
  while (line.size() < kLineLimitBytes) {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    const int ready = ::poll(&input, 1, 10'000);
    if (ready == 0 && meanwhile) meanwhile();
    if (ready <= 0) continue;
    char c = 0;
    const auto count = ::read(STDIN_FILENO, &c, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return line.empty() ? std::nullopt : std::optional(line);
    if (c == '\n') return line;
    line += c;
  }
  return line;
}

unsigned terminal_width(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

}  // namespace owrd::cli
