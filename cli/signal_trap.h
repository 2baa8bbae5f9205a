#pragma once

#include <csignal>

namespace owrd::cli {

/// While it lives, SIGINT and SIGTERM are noted instead of ending the program, once: a second one
/// ends it at once. A signal that was ignored before stays ignored. There is at most one at a time.
class SignalTrap {
 public:
  SignalTrap();
  ~SignalTrap();
  SignalTrap(const SignalTrap&) = delete;
  SignalTrap& operator=(const SignalTrap&) = delete;

  /// Readable from the moment a signal came; -1 when the system had none to give.
  int fd() const;
  /// SIGINT, SIGTERM, or 0 as long as none came.
  int caught() const;

 private:
  struct sigaction before_interrupt_ {};
  struct sigaction before_terminate_ {};
};

/// Waits until a signal came (true) or the time is over.
bool wait_for_signal(const SignalTrap& trap, int milliseconds);

}  // namespace owrd::cli
