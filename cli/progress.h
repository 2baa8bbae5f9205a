#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/output.h"
#include "owrd/v1/control.pb.h"

namespace owrd::cli {

enum class ProgressMode {
  Bar,
  Plain,
  JsonLines,  ///< Records on standard error.
  Records,    ///< Records among the others on standard output.
  None,
};

/// Of --progress or OWRD_PROGRESS: auto (or empty), bar, plain, json, none. Auto is a bar on a
/// terminal, else plain.
Result<ProgressMode> parse_progress_mode(const std::string& text, bool err_is_terminal);

/// How wide, and with which characters.
struct BarLook {
  unsigned width = 80;
  bool utf8 = true;
};

/// `cells` columns: whole blocks and eighths, or '#' and '-'.
std::string render_bar(std::uint64_t part, std::uint64_t whole, unsigned cells, bool utf8);
/// At most six lines for the files in progress, one for all of it, and one for what it waits for.
std::vector<std::string> render_transfer(const v1::TransferProgress& progress, const BarLook& look);
std::vector<std::string> render_hashing(const v1::HashProgress& progress, const BarLook& look);
/// The line of --progress=plain.
std::string transfer_line(const v1::TransferProgress& progress);
std::string hashing_line(const v1::HashProgress& progress);

using SteadyTime = std::chrono::steady_clock::time_point;

/// Shows how far a command is: a block that is redrawn at most ten times a second; or plain lines,
/// one every 30 s or 5 % and one whenever the reason to wait changes (of hashing none at its
/// beginning, for it may be over at once); or JSON records, at most one a second.
class Progress {
 public:
  Progress(
      Output& output, ProgressMode mode,
      std::function<SteadyTime()> now = [] { return std::chrono::steady_clock::now(); });

  void transfer(const v1::TransferProgress& progress);
  void hashing(const v1::HashProgress& progress);
  /// Takes the block away.
  void end();

 private:
  /// What of a report decides whether it is shown.
  struct Mark {
    std::string kind;
    unsigned percent = 0;
    std::string detail;
  };
  bool is_due(const Mark& mark);

  Output& output_;
  ProgressMode mode_;
  std::function<SteadyTime()> now_;
  std::optional<SteadyTime> shown_at_;
  Mark shown_;
};

}  // namespace owrd::cli
