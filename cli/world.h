#pragma once

#include <functional>
#include <optional>
#include <ostream>
#include <string>

#include "daemon/core/runtime_paths.h"

namespace owrd::cli {

/// The person at the keyboard.
class Terminal {
 public:
  virtual ~Terminal() = default;
  /// False when standard input is no terminal: nobody can be asked.
  virtual bool can_ask() const = 0;
  /// The next line without its end; nothing at the end of input. A secret is not shown while it is
  /// typed. While it waits, calls `meanwhile` every ten seconds.
  virtual std::optional<std::string> read_line(bool is_secret,
                                               const std::function<void()>& meanwhile) = 0;
};

/// All that the program touches besides files and sockets; a test gives its own.
struct World {
  std::ostream& out;
  std::ostream& err;
  Terminal& terminal;
  Environment environment;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  /// Columns of the terminal that standard error goes to.
  std::function<unsigned()> width = [] { return 80U; };
};

}  // namespace owrd::cli
