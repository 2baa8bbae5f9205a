#include "cli/ceremony_steps.h"
#include "cli/commands/publisher.h"
#include "cli/publishers.h"
#include "cli/root_review.h"
#include "daemon/core/text.h"

namespace owrd::cli {
namespace {

struct SubmitOptions {
  std::string file;
  std::string petname;
  std::string passphrase_file;
};

void add_flags(CLI::App& command, SubmitOptions& options) {
  command.add_option("file", options.file, "A root that enough keys have signed")
      ->required()
      ->type_name("FILE");
  command
      .add_option("--as", options.petname, "What you call a new publisher (default: its own name)")
      ->type_name("PETNAME");
  add_passphrase_file(command, options.passphrase_file);
}

Result<int> run_submit(Context& context, const SubmitOptions& options) {
  if (!options.petname.empty())
    if (const auto valid = check_petname(options.petname); !valid) return valid.error();
  const auto ceremony = Ceremony::read(options.file);
  if (!ceremony) return ceremony.error();
  if (!ceremony->draft().is_complete())
    return Error{
        ErrorCode::BadSignature,
        options.file + " is not signed by enough keys: it needs " + missing_text(*ceremony),
        "owrd publisher sign " + shell_quote(options.file) + " --key NAME"};
  const auto daemon = context.commanded_daemon();
  if (!daemon) return daemon.error();
  show_root(context.output(), *ceremony);
  return submit(context, **daemon, *ceremony, {options.petname, "", options.passphrase_file});
}

}  // namespace

void add_publisher_submit(CommandLine& line, CLI::App& group) {
  add_command<SubmitOptions>(
      line, group,
      {"submit", kTrustGroup, "Give the daemon a root that enough keys have signed",
       "owrd publisher submit acme.root\nowrd publisher submit acme.root --as acme"},
      add_flags, run_submit);
}

}  // namespace owrd::cli
