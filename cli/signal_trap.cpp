#include "cli/signal_trap.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstdint>

namespace owrd::cli {
namespace {

// A signal handler can reach nothing but these.
volatile std::sig_atomic_t g_caught = 0;
volatile std::sig_atomic_t g_event_fd = -1;

extern "C" void note_signal(int signal) {
  if (g_caught != 0) ::_exit(128 + signal);
  g_caught = signal;
  const int saved_errno = errno;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(g_event_fd, &one, sizeof one);
  errno = saved_errno;
}

void trap(int signal, struct sigaction& before) {
  ::sigaction(signal, nullptr, &before);
  if (before.sa_handler == SIG_IGN) return;
  struct sigaction action {};
  action.sa_handler = note_signal;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(signal, &action, nullptr);
}

}  // namespace

SignalTrap::SignalTrap() {
  assert(g_event_fd == -1);
  g_caught = 0;
  g_event_fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  trap(SIGINT, before_interrupt_);
  trap(SIGTERM, before_terminate_);
}

SignalTrap::~SignalTrap() {
  ::sigaction(SIGINT, &before_interrupt_, nullptr);
  ::sigaction(SIGTERM, &before_terminate_, nullptr);
  if (g_event_fd != -1) ::close(g_event_fd);
  g_event_fd = -1;
}

int SignalTrap::fd() const { return g_event_fd; }
int SignalTrap::caught() const { return g_caught; }

bool wait_for_signal(const SignalTrap& trap, int milliseconds) {
  pollfd event{trap.fd(), POLLIN, 0};
  ::poll(&event, 1, milliseconds);
  return trap.caught() != 0;
}

}  // namespace owrd::cli
