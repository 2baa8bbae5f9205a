#include <ctime>

#include "cli/ceremony_steps.h"
#include "cli/commands/publisher.h"
#include "cli/publishers.h"
#include "cli/root_edit.h"
#include "cli/root_review.h"

namespace owrd::cli {
namespace {

struct RotateOptions {
  std::string name;
  RootEdit root;
  std::string passphrase_file;
  std::string output;
  bool new_online_keys = false;
};

void add_root_flags(CLI::App& command, RootEdit& root) {
  add_repeatable(command, "--add-root-key", root.root.add,
                 "A key of your keyring, or [LABEL=]ed25519:HEX; may be repeated")
      ->type_name("KEY");
  add_repeatable(command, "--remove-root-key", root.root.remove,
                 "A key by its label, id or ed25519:HEX; may be repeated")
      ->type_name("KEY");
  command
      .add_option("--root-threshold", root.root.threshold, "How many root keys must sign a root")
      ->type_name("N");
}

void add_release_flags(CLI::App& command, RootEdit& root) {
  add_ordered(command, "--add-release-key", "A key that signs releases; may be repeated",
              [&root](const std::string& key) { root.release_or_scope().add.push_back(key); })
      ->type_name("KEY");
  add_ordered(command, "--remove-release-key",
              "Retire a release key, what it signed stays believed; may be repeated",
              [&root](const std::string& key) { root.release_or_scope().remove.push_back(key); })
      ->type_name("KEY");
  add_scope_flags(command, root);
  add_ordered(command, "--revoke-key", "Remove a key that somebody else has got; may be repeated",
              [&root](const std::string& key) {
                root.revocations.push_back({key, ""});
              })
      ->type_name("KEY");
  add_ordered(
      command, "--since",
      "From which record of the feed on the revoked key is not believed (default: the next)",
      [&root](const std::string& record) {
        if (root.revocations.empty()) root.revocations.emplace_back();
        root.revocations.back().since = record;
      })
      ->type_name("RECORD");
}

void add_place_flags(CLI::App& command, RootEdit& root) {
  add_repeatable(command, "--add-anchor-key", root.anchors.add,
                 "A key under which the newest root is found in the DHT; may be repeated")
      ->type_name("KEY");
  add_repeatable(command, "--remove-anchor-key", root.anchors.remove,
                 "An anchor by its label, id or ed25519:HEX; may be repeated")
      ->type_name("KEY");
  add_repeatable(command, "--add-location", root.add_locations,
                 "Where your .owrp with the newest head and feed is served; may be repeated")
      ->type_name("https://URL");
  add_repeatable(command, "--remove-location", root.remove_locations,
                 "Where it is served no more; may be repeated")
      ->type_name("https://URL");
  add_kind_flag(command, root);
  add_repeatable(command, "--add-contact", root.add_contacts,
                 "How to reach you, one line; may be repeated")
      ->type_name("TEXT");
  add_repeatable(command, "--remove-contact", root.remove_contacts,
                 "A contact, as it stands there; may be repeated")
      ->type_name("TEXT");
  command.add_option("--display-name", root.display_name, "What people read from here on")
      ->type_name("TEXT");
}

void add_flags(CLI::App& command, RotateOptions& options) {
  add_publisher_name(command, options.name);
  add_root_flags(command, options.root);
  add_release_flags(command, options.root);
  command.add_flag("--new-online-keys", options.new_online_keys,
                   "Heads are signed by this daemon's new keys");
  add_place_flags(command, options.root);
  add_expiry_flag(command, options.root);
  command
      .add_option(
          "-o,--output", options.output,
          "Where the draft goes while signatures are missing (default: PETNAME-VERSION.root)")
      ->type_name("FILE");
  add_passphrase_file(command, options.passphrase_file);
}

/// Also those that later roots left out: a key that was lost long ago can be revoked.
std::vector<NamedKey> all_keys_of(const trust::RootChain& chain) {
  std::vector<NamedKey> keys;
  for (auto root = chain.roots().rbegin(); root != chain.roots().rend(); ++root)
    for (auto& key : keys_of(root->message())) keys.push_back(std::move(key));
  return keys;
}

Result<Ceremony> draft_of(Context& context, Daemon& daemon, const v1::ShowPublisherReply& shown,
                          const RotateOptions& options) {
  auto chain = chain_of(shown);
  if (!chain) return chain.error();
  auto plan = trust::plan_of(chain->newest());
  const auto keyring = context.keyring();
  const EditGround ground{keyring, static_cast<std::int64_t>(std::time(nullptr)),
                          all_keys_of(*chain), shown.publisher().feed_records()};
  if (const auto applied = apply(options.root, ground, plan); !applied) return applied.error();
  if (options.new_online_keys)
    if (const auto added = add_online_keys(daemon, plan); !added) return added.error();
  auto ceremony = Ceremony::begin(plan, std::move(*chain));
  if (!ceremony)
    return Error{ceremony.error().code, ceremony.error().message, "owrd help publisher rotate"};
  return ceremony;
}

Result<int> run_rotate(Context& context, const RotateOptions& options) {
  const auto daemon = context.commanded_daemon();
  if (!daemon) return daemon.error();
  const auto shown = show_publisher(**daemon, options.name);
  if (!shown) return shown.error();
  auto ceremony = draft_of(context, **daemon, *shown, options);
  if (!ceremony) return ceremony.error();
  show_root(context.output(), *ceremony);
  const auto& publisher = shown->publisher();
  if (!publisher.head_key().empty() && !publisher.is_own())
    context.output().note("this daemon does not announce " + publisher.petname() +
                          ": two roots of one version, here and there, would be a contradiction "
                          "for ever");
  const auto keys = fitting_keys(context, *ceremony);
  if (!keys) return keys.error();
  if (!keys->empty()) {
    const auto is_sure =
        context.confirm("Sign root version " + std::to_string(ceremony->root().version()) + " of " +
                        ceremony->root().display_name() + "?");
    if (!is_sure) return is_sure.error();
    if (!*is_sure) {
      context.output().note("nothing was signed");
      return 1;
    }
  }
  if (const auto done = sign_with(context, *ceremony, *keys, options.passphrase_file); !done)
    return done.error();
  const auto& petname = shown->publisher().petname();
  const auto file = petname + "-" + std::to_string(ceremony->root().version()) + ".root";
  return submit_or_keep(
      context, **daemon, *ceremony,
      {petname, options.output.empty() ? file : options.output, options.passphrase_file});
}

}  // namespace

void add_publisher_rotate(CommandLine& line, CLI::App& group) {
  add_command<RotateOptions>(
      line, group,
      {"rotate", kTrustGroup,
       "Draft the next root: change its keys, or renew it; others may have to sign it too",
       "owrd publisher rotate acme\n"
       "owrd publisher rotate acme --add-root-key k4 --remove-root-key k1\n"
       "owrd publisher rotate acme --revoke-key r1 --since 17 --add-release-key r3\n"
       "owrd publisher rotate acme --scope 'atlas-*' --add-release-key r2"},
      add_flags, run_rotate);
}

}  // namespace owrd::cli
