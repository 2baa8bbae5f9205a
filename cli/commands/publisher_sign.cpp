#include "cli/ceremony_steps.h"
#include "cli/commands/publisher.h"
#include "cli/files.h"
#include "cli/root_review.h"
#include "cli/wording.h"

namespace owrd::cli {
namespace {

struct SignOptions {
  std::string file;
  std::vector<std::string> keys;
  std::string passphrase_file;
};

void add_flags(CLI::App& command, SignOptions& options) {
  command.add_option("file", options.file, "What owrd publisher init or rotate wrote")
      ->required()
      ->type_name("FILE");
  add_repeatable(command, "--key", options.keys, "Your key; may be repeated")
      ->required()
      ->type_name("NAME");
  add_passphrase_file(command, options.passphrase_file);
}

Result<std::vector<trust::KeyFile>> named_keys(const Keyring& keyring, const Ceremony& ceremony,
                                               const std::vector<std::string>& names) {
  std::vector<trust::KeyFile> keys;
  for (const auto& name : names) {
    auto key = keyring.find(name);
    if (!key) return key.error();
    if (const auto may_sign = ceremony.check_signer(key->public_key, name); !may_sign)
      return may_sign.error();
    keys.push_back(std::move(*key));
  }
  return keys;
}

Result<int> run_sign(Context& context, const SignOptions& options) {
  auto ceremony = Ceremony::read(options.file);
  if (!ceremony) return ceremony.error();
  auto& output = context.output();
  show_root(output, *ceremony);
  const auto keys = named_keys(context.keyring(), *ceremony, options.keys);
  if (!keys) return keys.error();
  const auto is_sure =
      context.confirm("Sign root version " + std::to_string(ceremony->root().version()) + " of " +
                      ceremony->root().display_name() + "?");
  if (!is_sure) return is_sure.error();
  if (!*is_sure) {
    output.note("nothing was signed");
    return 1;
  }
  if (const auto done = sign_with(context, *ceremony, *keys, options.passphrase_file); !done)
    return done.error();
  if (const auto written = write_file(options.file, ceremony->encode()); !written)
    return written.error();
  output.good("signed " + options.file + " with " + joined(options.keys));
  show_missing(output, *ceremony, options.file);
  if (context.json())
    output.record(ceremony_record(*ceremony, absolute_path(options.file)));
  else
    output.result(options.file);
  return 0;
}

}  // namespace

void add_publisher_sign(CommandLine& line, CLI::App& group) {
  add_command<SignOptions>(
      line, group,
      {"sign", kTrustGroup, "Sign a root that travels among several people; needs no daemon",
       "owrd publisher sign acme.root --key k2"},
      add_flags, run_sign);
}

}  // namespace owrd::cli
