#include <unistd.h>

#include <iostream>

#include "cli/run.h"
#include "cli/terminal.h"
#include "daemon/core/system.h"
#include "daemon/trust/key.h"

int main(int argc, char** argv) {
  owrd::hold_standard_descriptors();
  if (const auto ready = owrd::trust::initialise(); !ready) {
    std::cerr << "error: " << ready.error().message << '\n';
    return owrd::error_facts(ready.error().code).exit_code;
  }
  owrd::cli::SystemTerminal terminal;
  owrd::cli::World world{std::cout, std::cerr, terminal, owrd::process_environment};
  world.out_is_terminal = ::isatty(STDOUT_FILENO) == 1;
  world.err_is_terminal = ::isatty(STDERR_FILENO) == 1;
  world.width = [] { return owrd::cli::terminal_width(STDERR_FILENO); };
  try {
    return owrd::cli::run({argv + 1, argv + argc}, world);
  } catch (const std::exception& bug) {
    std::cerr << "error: " << bug.what() << '\n';
    return owrd::error_facts(owrd::ErrorCode::Internal).exit_code;
  }
}
