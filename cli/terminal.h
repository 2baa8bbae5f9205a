#pragma once

#include "cli/world.h"

namespace owrd::cli {

/// The terminal that standard input is, or is not.
class SystemTerminal final : public Terminal {
 public:
  bool can_ask() const override;
  std::optional<std::string> read_line(bool is_secret,
                                       const std::function<void()>& meanwhile) override;
};

/// The columns of the terminal behind `fd`; 80 when it has none.
unsigned terminal_width(int fd);

}  // namespace owrd::cli
