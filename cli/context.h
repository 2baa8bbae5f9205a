#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/daemon_finder.h"
#include "cli/keyring.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/world.h"

namespace owrd::cli {

/// The options that every command takes.
struct Globals {
  std::string host;
  std::string config;
  std::string color = "auto";
  std::string progress;
  bool json = false;
  bool quiet = false;
  bool debug = false;
  bool no_input = false;
  bool yes = false;
};

/// What a command works with: the person, the output, and the daemon once it is needed.
class Context {
 public:
  Context(const Globals& globals, Output& output, World& world);

  Output& output() { return output_; }
  const Environment& environment() const { return world_.environment; }
  bool json() const { return globals_.json; }
  Keyring keyring() const;

  /// The daemon, found or started at the first call and kept connected until the command ends.
  Result<Daemon*> daemon();
  /// The same, but Denied when it may only be looked at.
  Result<Daemon*> commanded_daemon();
  /// Nothing when none runs.
  Result<Daemon*> running_daemon();

  /// For transfers, and for commands whose only record is the last one.
  ProgressMode transfer_progress() const;
  ProgressMode hashing_progress() const;

  /// True when --yes was given or the person says so. InvalidInput, naming the flag, when nobody
  /// can be asked.
  Result<bool> confirm(const std::string& question);
  /// The person themselves says so; --yes is not enough.
  bool agrees(const std::string& question);
  bool can_ask() const { return world_.terminal.can_ask() && !globals_.no_input; }
  /// Asks for a line that is not shown; nothing at the end of input.
  std::optional<std::string> ask_secret(const std::string& prompt);

 private:
  HostChoice host_choice() const;
  std::optional<std::string> ask(const std::string& prompt, bool is_secret);

  const Globals& globals_;
  Output& output_;
  World& world_;
  ProgressMode progress_mode_;
  std::optional<Daemon> daemon_;
};

/// Acts on each of several; with one, its outcome is the command's. Otherwise errors are printed as
/// they come, and the exit code is 2 when some failed. A signal ends it.
Result<int> for_each(Context& context, const std::vector<std::string>& items,
                     const std::function<Result<int>(const std::string&)>& act);

constexpr int kExitPartial = 2;
constexpr int kExitNotRunning = 3;

}  // namespace owrd::cli
