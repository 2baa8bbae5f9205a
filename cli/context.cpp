#include "cli/context.h"

#include "cli/wording.h"

namespace owrd::cli {

Context::Context(const Globals& globals, Output& output, World& world)
    : globals_(globals), output_(output), world_(world), progress_mode_(ProgressMode::None) {
  const auto mode = parse_progress_mode(globals.progress, world.err_is_terminal);
  if (mode) progress_mode_ = *mode;
}

Keyring Context::keyring() const { return Keyring(user_config_dir(world_.environment) / "keys"); }

HostChoice Context::host_choice() const {
  auto host = globals_.host;
  if (host.empty()) host = world_.environment("OWRD_HOST").value_or("");
  return {host, globals_.config};
}

Result<Daemon*> Context::daemon() {
  if (!daemon_) {
    auto found = find_daemon(world_.environment, host_choice());
    if (!found) return found.error();
    daemon_ = std::move(*found);
    output_.debug("daemon " + daemon_->status.version() + ", pid " +
                  std::to_string(daemon_->status.pid()) + ", at " +
                  daemon_->client.socket().string());
  }
  return &*daemon_;
}

Result<Daemon*> Context::commanded_daemon() {
  const auto found = daemon();
  if (!found) return found;
  if (const auto allowed = require_command(**found, world_.environment); !allowed)
    return allowed.error();
  return found;
}

Result<Daemon*> Context::running_daemon() {
  auto found = find_running_daemon(world_.environment, host_choice());
  if (!found) return found.error();
  if (!*found) return static_cast<Daemon*>(nullptr);
  daemon_ = std::move(**found);
  return &*daemon_;
}

ProgressMode Context::transfer_progress() const {
  return globals_.json && globals_.progress.empty() ? ProgressMode::Records : progress_mode_;
}

ProgressMode Context::hashing_progress() const {
  return globals_.json && globals_.progress.empty() ? ProgressMode::None : progress_mode_;
}

std::optional<std::string> Context::ask(const std::string& prompt, bool is_secret) {
  output_.question(prompt);
  // A private daemon ends with its last connection, and an idle one is closed.
  return world_.terminal.read_line(is_secret, [this] {
    if (!daemon_) return;
    const auto alive = daemon_->client.call<v1::StatusReply>("Daemon/Status", v1::StatusRequest());
    if (!alive) output_.debug(alive.error().message);
  });
}

std::optional<std::string> Context::ask_secret(const std::string& prompt) {
  return ask(prompt, /*is_secret=*/true);
}

Result<bool> Context::confirm(const std::string& question) {
  if (globals_.yes) return true;
  if (!can_ask())
    return Error{ErrorCode::InvalidInput, "nobody can be asked here: " + question,
                 "add --yes (-y) to answer yes"};
  return agrees(question);
}

bool Context::agrees(const std::string& question) {
  const auto answer = ask(question + " [y/N] ", /*is_secret=*/false);
  return answer && (*answer == "y" || *answer == "Y" || *answer == "yes");
}

Result<int> for_each(Context& context, const std::vector<std::string>& items,
                     const std::function<Result<int>(const std::string&)>& act) {
  if (items.size() == 1) return act(items.front());
  bool has_failed = false;
  for (const auto& item : items) {
    const auto outcome = act(item);
    if (!outcome) {
      context.output().error(outcome.error());
      has_failed = true;
      continue;
    }
    if (*outcome > 128) return *outcome;
    has_failed = has_failed || *outcome != 0;
  }
  return has_failed ? kExitPartial : 0;
}

}  // namespace owrd::cli
