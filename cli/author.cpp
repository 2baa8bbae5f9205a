#include "cli/author.h"

#include <utility>

#include "cli/passphrase.h"
#include "cli/wording.h"

namespace owrd::cli {
namespace {

constexpr const char* kUsualName = "feedback";

using Choice = Result<std::optional<Author>>;

Choice open(Context& context, const trust::KeyFile& key, const std::string& passphrase_file) {
  auto secret = unlock(context, key, passphrase_file);
  if (!secret) return secret.error();
  return std::optional(Author{std::move(*secret), key.name});
}

Choice make(Context& context, const std::string& passphrase_file) {
  const auto is_wanted = context.confirm("You have no key to sign with. Make one and call it \"" +
                                         std::string(kUsualName) + "\"?");
  if (!is_wanted) return is_wanted.error();
  if (!*is_wanted) return std::optional<Author>();
  const auto passphrase = new_passphrase(context, passphrase_file);
  if (!passphrase) return passphrase.error();
  auto secret = trust::SecretKey::generate();
  if (!secret) return secret.error();
  auto file = secret->to_key_file(kUsualName, *passphrase);
  if (!file) return file.error();
  return std::optional(Author{std::move(*secret), kUsualName, std::move(*file)});
}

}  // namespace

Choice choose_author(Context& context, const std::string& key_name,
                     const std::string& passphrase_file) {
  const auto keyring = context.keyring();
  if (!key_name.empty()) {
    const auto named = keyring.find(key_name);
    if (!named) return named.error();
    return open(context, *named, passphrase_file);
  }
  const auto keys = keyring.list();
  if (!keys) return keys.error();
  if (keys->empty()) return make(context, passphrase_file);
  if (keys->size() == 1) return open(context, keys->front(), passphrase_file);
  std::vector<std::string> names;
  for (const auto& key : *keys) {
    if (key.name == kUsualName) return open(context, key, passphrase_file);
    names.push_back(key.name);
  }
  return Error{ErrorCode::InvalidInput, "which of your keys is to sign: " + joined(names) + "?",
               "--key NAME, or make one for this: owrd key new " + std::string(kUsualName)};
}

Result<> keep_author(Context& context, const Author& author) {
  if (!author.new_key) return Done{};
  const auto keyring = context.keyring();
  if (const auto added = keyring.add(author.key_name, *author.new_key); !added) return added;
  auto& output = context.output();
  output.good("new Ed25519 key " + author.key_name + " (" +
              trust::fingerprint(author.secret.public_key().id()) + ")");
  output.note("  " + keyring.path_of(author.key_name).string() +
              "   whoever knows it as yours believes what it signs");
  return Done{};
}

}  // namespace owrd::cli
