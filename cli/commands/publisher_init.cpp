#include <ctime>

#include "cli/ceremony_steps.h"
#include "cli/commands/publisher.h"
#include "cli/publishers.h"
#include "cli/root_edit.h"
#include "cli/root_review.h"

namespace owrd::cli {
namespace {

struct InitOptions {
  std::string petname;
  std::string key;
  RootEdit root;
  std::string passphrase_file;
  std::string output;
  bool no_feed = false;
};

void add_key_flags(CLI::App& command, InitOptions& options) {
  auto* one = command.add_option("--key", options.key, "The one key that signs roots and releases")
                  ->type_name("KEY");
  add_repeatable(
      command, "--root-key", options.root.root.add,
      "A key that signs roots, of your keyring or as [LABEL=]ed25519:HEX; may be repeated")
      ->type_name("KEY")
      ->excludes(one);
  command
      .add_option("--root-threshold", options.root.root.threshold,
                  "How many of them must sign a root")
      ->type_name("N");
  add_ordered(
      command, "--release-key", "A key that signs releases; may be repeated",
      [&options](const std::string& key) { options.root.release_or_scope().add.push_back(key); })
      ->type_name("KEY");
  add_scope_flags(command, options.root);
  add_repeatable(command, "--anchor-key", options.root.anchors.add,
                 "A key under which the newest root is found in the DHT; may be repeated")
      ->type_name("KEY");
}

void add_flags(CLI::App& command, InitOptions& options) {
  command.add_option("petname", options.petname, "What you are called in refs")
      ->required()
      ->type_name("PETNAME");
  add_key_flags(command, options);
  add_repeatable(command, "--location", options.root.add_locations,
                 "Where your .owrp with the newest head and feed is served; may be repeated")
      ->type_name("https://URL");
  add_kind_flag(command, options.root);
  add_repeatable(command, "--contact", options.root.add_contacts,
                 "How to reach you, one line; may be repeated")
      ->type_name("TEXT");
  command
      .add_option("--display-name", options.root.display_name,
                  "What people read (default: the petname)")
      ->type_name("TEXT");
  add_expiry_flag(command, options.root);
  command.add_flag("--no-feed", options.no_feed,
                   "No feed and no heads: users get releases by links and files alone");
  command
      .add_option("-o,--output", options.output,
                  "Where the draft goes while signatures are missing (default: PETNAME.root)")
      ->type_name("FILE");
  add_passphrase_file(command, options.passphrase_file);
}

/// --key is the root key and the release key.
Result<RootEdit> edit_of(const InitOptions& options) {
  auto edit = options.root;
  if (edit.display_name.empty()) edit.display_name = options.petname;
  if (!options.key.empty()) {
    edit.root.add = {options.key};
    edit.release.add.insert(edit.release.add.begin(), options.key);
  }
  if (edit.root.add.empty() || edit.release.add.empty())
    return Error{ErrorCode::InvalidInput,
                 std::string("owrd publisher init: no key that signs ") +
                     (edit.root.add.empty() ? "roots" : "releases of all models"),
                 "--key NAME for both, or --root-key and --release-key"};
  if (edit.root.add.size() > 1 && edit.root.threshold.empty())
    return Error{ErrorCode::InvalidInput,
                 "there are " + std::to_string(edit.root.add.size()) +
                     " root keys: how many of them must sign a root?",
                 "--root-threshold 2"};
  return edit;
}

Result<trust::RootPlan> plan_of(Context& context, Daemon& daemon, const InitOptions& options) {
  const auto edit = edit_of(options);
  if (!edit) return edit.error();
  trust::RootPlan plan;
  const auto keyring = context.keyring();
  const EditGround ground{keyring, static_cast<std::int64_t>(std::time(nullptr))};
  if (const auto applied = apply(*edit, ground, plan); !applied) return applied.error();
  if (options.no_feed) return plan;
  if (const auto added = add_online_keys(daemon, plan); !added) return added.error();
  return plan;
}

Result<> check_is_new(Daemon& daemon, const std::string& petname) {
  const auto known = show_publisher(daemon, petname);
  if (!known && known.error().code == ErrorCode::NotFound) return Done{};
  if (!known) return known.error();
  return Error{ErrorCode::AlreadyExists,
               "a publisher \"" + petname + "\" is pinned already: " + known->publisher().id(),
               "choose another petname, or: owrd publisher rm " + petname};
}

Result<int> run_init(Context& context, const InitOptions& options) {
  if (const auto valid = check_petname(options.petname); !valid) return valid.error();
  const auto daemon = context.commanded_daemon();
  if (!daemon) return daemon.error();
  if (const auto is_new = check_is_new(**daemon, options.petname); !is_new) return is_new.error();
  const auto plan = plan_of(context, **daemon, options);
  if (!plan) return plan.error();
  auto ceremony = Ceremony::begin(*plan, std::nullopt);
  if (!ceremony)
    return Error{ceremony.error().code, ceremony.error().message, "owrd help publisher init"};
  if (options.key.empty()) show_root(context.output(), *ceremony);
  const auto keys = fitting_keys(context, *ceremony);
  if (!keys) return keys.error();
  if (const auto done = sign_with(context, *ceremony, *keys, options.passphrase_file); !done)
    return done.error();
  const auto file = options.output.empty() ? options.petname + ".root" : options.output;
  return submit_or_keep(context, **daemon, *ceremony,
                        {options.petname, file, options.passphrase_file});
}

}  // namespace

void add_publisher_init(CommandLine& line, CLI::App& group) {
  add_command<InitOptions>(
      line, group,
      {"init", kTrustGroup, "Become a publisher: make and pin your own root",
       "owrd publisher init acme --key acme-2026 --display-name 'Acme Labs'\n"
       "owrd publisher init acme --root-key k1 --root-key k2=ed25519:HEX --root-threshold 2 "
       "--release-key r1\n"
       "owrd publisher init acme --key k1 --scope 'atlas-*' --release-key r2"},
      add_flags, run_init);
}

}  // namespace owrd::cli
