#include "cli/anchors.h"
#include "cli/commands/publisher.h"
#include "cli/publishers.h"
#include "cli/trust_records.h"

namespace owrd::cli {
namespace {

struct AnchorOptions {
  std::string name;
  std::string passphrase_file;
};

void add_flags(CLI::App& command, AnchorOptions& options) {
  add_publisher_name(command, options.name);
  add_passphrase_file(command, options.passphrase_file);
}

Result<int> run_anchor(Context& context, const AnchorOptions& options) {
  const auto daemon = context.commanded_daemon();
  if (!daemon) return daemon.error();
  const auto shown = show_publisher(**daemon, options.name);
  if (!shown) return shown.error();
  const auto chain = chain_of(*shown);
  if (!chain) return chain.error();
  const auto keys = anchor_keys_of(context.keyring(), chain->newest().message());
  if (!keys) return keys.error();
  const auto& petname = shown->publisher().petname();
  if (keys->empty())
    return Error{ErrorCode::NotFound, "no key in your keyring is an anchor of " + petname,
                 "owrd publisher show " + petname + "   (its anchors), owrd key ls   (yours)"};
  const auto placed = sign_anchors(context, **daemon, *shown, *keys, options.passphrase_file);
  if (!placed) return placed.error();
  auto& output = context.output();
  if (context.json())
    output.record(publisher_record(*placed));
  else
    output.result(placed->id());
  return 0;
}

}  // namespace

void add_publisher_anchor(CommandLine& line, CLI::App& group) {
  add_command<AnchorOptions>(
      line, group,
      {"anchor", kTrustGroup,
       "Sign, with the anchor keys in your keyring, where the publisher's roots are found",
       "owrd publisher anchor acme"},
      add_flags, run_anchor);
}

}  // namespace owrd::cli
