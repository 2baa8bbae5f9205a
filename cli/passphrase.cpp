#include "cli/passphrase.h"

#include <algorithm>

#include "cli/files.h"

namespace owrd::cli {
namespace {

constexpr std::uint64_t kPassphraseLimitBytes = 4096;
constexpr int kTries = 3;

/// A wrong one will not become right: where it came from is what there is to mend.
Result<trust::SecretKey> open_with(const trust::KeyFile& key, const std::string& passphrase,
                                   const std::string& file) {
  auto secret = trust::open_key_file(key, passphrase);
  if (secret || secret.error().code != ErrorCode::Denied) return secret;
  const auto place = file.empty()  ? "$CREDENTIALS_DIRECTORY/owrd-passphrase"
                     : file == "-" ? "standard input"
                                   : file;
  return Error{ErrorCode::Denied, secret.error().message,
               "the passphrase of " + key.name + " must be the first line of " + place};
}

std::string first_line(std::string_view text) {
  auto line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return std::string(line);
}

/// With the passphrase that was given, or by asking.
Result<trust::SecretKey> open_encrypted(Context& context, const trust::KeyFile& key,
                                        const std::optional<std::string>& given,
                                        const std::string& file) {
  if (given) return open_with(key, *given, file);
  if (!context.can_ask())
    return Error{ErrorCode::InvalidInput,
                 "the key \"" + key.name + "\" has a passphrase and nobody can be asked for it",
                 "--passphrase-file FILE"};
  for (int attempt = 1;; ++attempt) {
    const auto passphrase = context.ask_secret("Passphrase of the key " + key.name + ": ");
    if (!passphrase)
      return Error{ErrorCode::Denied, "no passphrase for the key \"" + key.name + "\"",
                   "type it when asked, or give it with --passphrase-file FILE"};
    auto secret = trust::open_key_file(key, *passphrase);
    if (secret || secret.error().code != ErrorCode::Denied || attempt == kTries) return secret;
    context.output().note("That is not it.");
  }
}

}  // namespace

Result<std::optional<std::string>> given_passphrase(const Context& context,
                                                    const std::string& file) {
  std::filesystem::path path = file;
  if (path.empty()) {
    const auto directory = context.environment()("CREDENTIALS_DIRECTORY");
    if (!directory) return std::optional<std::string>();
    path = std::filesystem::path(*directory) / "owrd-passphrase";
    if (!std::filesystem::exists(path)) return std::optional<std::string>();
  }
  const auto text = read_file(path, kPassphraseLimitBytes);
  if (!text) return text.error();
  return std::optional(first_line(as_text(*text)));
}

Result<std::string> new_passphrase(Context& context, const std::string& file) {
  const auto given = given_passphrase(context, file);
  if (!given) return given.error();
  if (*given && (*given)->empty())
    return Error{ErrorCode::InvalidInput, "the passphrase given for the new key is empty",
                 "put it on the first line of the file, or leave --passphrase-file out for a key "
                 "without one"};
  if (*given) return **given;
  if (!context.can_ask()) return std::string();
  const auto first = context.ask_secret("Passphrase (empty for none): ");
  if (!first)
    return Error{ErrorCode::InvalidInput, "no passphrase was typed; no key was made",
                 "type one, or an empty line for none"};
  const auto second = context.ask_secret("Once more: ");
  if (second && *first == *second) return *first;
  return Error{ErrorCode::InvalidInput, "the two passphrases differ; no key was made",
               "run the command again and type the same one twice"};
}

Result<trust::SecretKey> unlock(Context& context, const trust::KeyFile& key,
                                const std::string& file) {
  auto secrets = unlock_all(context, {key}, file);
  if (!secrets) return secrets.error();
  return std::move(secrets->front());
}

Result<std::vector<trust::SecretKey>> unlock_all(Context& context,
                                                 const std::vector<trust::KeyFile>& keys,
                                                 const std::string& file) {
  std::optional<std::string> given;
  if (std::any_of(keys.begin(), keys.end(), [](const auto& key) { return key.is_encrypted; })) {
    // Once: standard input has only one first line.
    auto read = given_passphrase(context, file);
    if (!read) return read.error();
    given = std::move(*read);
  }
  std::vector<trust::SecretKey> secrets;
  secrets.reserve(keys.size());
  for (const auto& key : keys) {
    auto secret = key.is_encrypted ? open_encrypted(context, key, given, file)
                                   : trust::open_key_file(key, "");
    if (!secret) return secret.error();
    secrets.push_back(std::move(*secret));
  }
  return secrets;
}

}  // namespace owrd::cli
