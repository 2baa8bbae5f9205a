#include "cli/command.h"
#include "cli/passphrase.h"

namespace owrd::cli {
namespace {

struct NewOptions {
  std::string name;
  std::string passphrase_file;
};

void add_new_flags(CLI::App& command, NewOptions& options) {
  command.add_option("name", options.name, "What you call it")->required()->type_name("NAME");
  command
      .add_option("--passphrase-file", options.passphrase_file,
                  "Its first line is the passphrase; - is standard input")
      ->type_name("FILE");
}

Json record_of(const trust::KeyFile& key) {
  const auto id = key.public_key.id();
  return Json{{"name", key.name},
              {"key_id", id.to_hex()},
              {"fingerprint", trust::fingerprint(id)},
              {"algorithm", "ed25519"},
              {"public_key", to_hex(key.public_key.bytes())},
              {"encrypted", key.is_encrypted}};
}

Result<int> run_new(Context& context, const NewOptions& options) {
  const auto keyring = context.keyring();
  // Asking for a passphrase and then refusing the name would be rude.
  const auto existing = keyring.find(options.name);
  if (!existing && existing.error().code == ErrorCode::InvalidInput) return existing.error();
  if (existing)
    return Error{ErrorCode::AlreadyExists,
                 "a key \"" + options.name +
                     "\" is there already: " + keyring.path_of(options.name).string(),
                 "choose another name; keys are never overwritten"};
  const auto passphrase = new_passphrase(context, options.passphrase_file);
  if (!passphrase) return passphrase.error();
  const auto secret = trust::SecretKey::generate();
  if (!secret) return secret.error();
  const auto text = secret->to_key_file(options.name, *passphrase);
  if (!text) return text.error();
  if (const auto added = keyring.add(options.name, *text); !added) return added.error();

  const auto key = keyring.find(options.name);
  if (!key) return key.error();
  auto& output = context.output();
  output.good("new Ed25519 key " + options.name + " (" + trust::fingerprint(key->public_key.id()) +
              ")" + (key->is_encrypted ? "" : ", without a passphrase"));
  output.note("  " + keyring.path_of(options.name).string() +
              "   keep a copy of it in a safe place");
  if (context.json())
    output.record(record_of(*key));
  else
    output.result("ed25519:" + to_hex(key->public_key.bytes()));
  return 0;
}

struct LsOptions {};

void add_ls_flags(CLI::App&, LsOptions&) {}

Result<int> run_ls(Context& context, const LsOptions&) {
  const auto keys = context.keyring().list();
  if (!keys) return keys.error();
  auto& output = context.output();
  Table table{{{"NAME"}, {"FINGERPRINT"}, {"PASSPHRASE"}, {"KEY ID"}}, {}};
  for (const auto& key : *keys) {
    if (context.json())
      output.record(record_of(key));
    else if (output.look().quiet)
      output.result(key.name);
    else
      table.rows.push_back({key.name, trust::fingerprint(key.public_key.id()),
                            std::string(key.is_encrypted ? "yes" : "no"),
                            key.public_key.id().to_hex()});
  }
  if (!table.rows.empty()) output.table(table);
  if (keys->empty()) output.note("no keys yet; owrd key new NAME");
  return 0;
}

struct ExportOptions {
  std::string name;
  bool is_secret = false;
};

void add_export_flags(CLI::App& command, ExportOptions& options) {
  command.add_option("name", options.name, "The key")->required()->type_name("NAME");
  command.add_flag("--secret", options.is_secret,
                   "The whole key file, to keep a copy of (under its passphrase, if it has one)");
}

Result<int> run_export(Context& context, const ExportOptions& options) {
  const auto key = context.keyring().find(options.name);
  if (!key) return key.error();
  auto& output = context.output();
  if (options.is_secret) {
    if (!key->is_encrypted)
      output.warning("this key has no passphrase: whoever reads it can sign as you");
    output.raw(key->text);
    return 0;
  }
  if (context.json())
    output.record(record_of(*key));
  else
    output.result("ed25519:" + to_hex(key->public_key.bytes()));
  return 0;
}

}  // namespace

void add_key(CommandLine& line) {
  CLI::App* group =
      add_group(line, {"key", kTrustGroup, "Your signing keys, which never leave your keyring",
                       "owrd key new acme-2026\nowrd key ls"});
  add_command<NewOptions>(
      line, *group,
      {"new", kTrustGroup, "Make an Ed25519 key, under a passphrase if you give one",
       "owrd key new acme-2026\nowrd key new acme-2026 --passphrase-file FILE"},
      add_new_flags, run_new);
  add_command<LsOptions>(line, *group,
                         {"ls", kTrustGroup, "List your keys", "owrd key ls\nowrd key ls --json"},
                         add_ls_flags, run_ls)
      ->alias("list");
  add_command<ExportOptions>(
      line, *group,
      {"export", kTrustGroup, "Print the public key, or the key file itself",
       "owrd key export acme-2026\nowrd key export acme-2026 --secret > acme-2026.key.copy"},
      add_export_flags, run_export);
}

}  // namespace owrd::cli
