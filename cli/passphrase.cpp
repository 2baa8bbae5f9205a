#include "cli/passphrase.h"

#include "cli/files.h"

namespace owrd::cli {
namespace {

constexpr std::uint64_t kPassphraseLimitBytes = 4096;
constexpr int kTries = 3;

std::string first_line(std::string_view text) {
  auto line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return std::string(line);
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
  if (*given) return **given;
  if (!context.can_ask()) return std::string();
  const auto first = context.ask_secret("Passphrase (empty for none): ");
  const auto second = context.ask_secret("Once more: ");
  if (first && second && *first == *second) return *first;
  return Error{ErrorCode::InvalidInput, "the two passphrases differ; no key was made"};
}

Result<trust::SecretKey> unlock(Context& context, const trust::KeyFile& key,
                                const std::string& file) {
  if (!key.is_encrypted) return trust::open_key_file(key, "");
  const auto given = given_passphrase(context, file);
  if (!given) return given.error();
  if (*given) return trust::open_key_file(key, **given);
  if (!context.can_ask())
    return Error{ErrorCode::InvalidInput,
                 "the key \"" + key.name + "\" has a passphrase and nobody can be asked for it",
                 "--passphrase-file FILE"};
  for (int attempt = 1;; ++attempt) {
    const auto passphrase = context.ask_secret("Passphrase of the key " + key.name + ": ");
    if (!passphrase)
      return Error{ErrorCode::Denied, "no passphrase for the key \"" + key.name + "\""};
    auto secret = trust::open_key_file(key, *passphrase);
    if (secret || secret.error().code != ErrorCode::Denied || attempt == kTries) return secret;
    context.output().note("That is not it.");
  }
}

}  // namespace owrd::cli
