#include "daemon/trust/root_rules.h"

#include <map>
#include <string>

#include "daemon/core/text.h"

namespace owrd::trust {
namespace {

constexpr int kMostKeys = 64;
constexpr int kMostContacts = 16;
constexpr std::size_t kLongestName = 200;
constexpr std::size_t kLongestContact = 500;

using KeysById = std::map<Digest, PublicKey>;

Error broken(const std::string& cause) {
  return {ErrorCode::Corrupt, "root: " + cause,
          "get the publisher's .owrp again, from a place you trust"};
}
Error too_new(const std::string& cause) {
  return {ErrorCode::InvalidInput, cause + " needs a newer owrd", "install a newer owrd"};
}

Result<> check_version(const v1::Root& root) {
  for (const auto& feature : root.required_features())
    return too_new("root: feature " + quoted(feature));
  if (root.version() > 1) return too_new("root version " + std::to_string(root.version()));
  if (root.version() != 1) return broken("the version is missing");
  if (!root.publisher_id().empty())
    return broken("version 1 names a publisher id, which can only follow from it");
  return Done{};
}

Result<> check_texts(const v1::Root& root) {
  const auto& name = root.display_name();
  if (name.empty()) return broken("the display name is empty");
  if (name.size() > kLongestName) return broken("the display name is longer than 200 bytes");
  if (!is_plain_line(name)) return broken("the display name is not one line of plain text");
  if (root.contacts_size() > kMostContacts) return broken("more than 16 contacts");
  for (const auto& contact : root.contacts())
    if (contact.empty() || contact.size() > kLongestContact || !is_plain_line(contact))
      return broken("a contact is not one line of 1 to 500 bytes");
  return Done{};
}

Result<KeysById> check_keys(const v1::Root& root) {
  if (root.keys_size() == 0) return broken("no keys");
  if (root.keys_size() > kMostKeys) return broken("more than 64 keys");
  KeysById keys;
  for (const auto& each : root.keys()) {
    if (each.algorithm() != v1::KEY_ALGORITHM_ED25519)
      return broken("a key is not of the algorithm ed25519");
    const auto key = PublicKey::from_bytes(as_bytes(each.public_key()));
    if (!key) return broken("a key is not 32 bytes");
    if (!is_possible(*key)) return broken("a key is not a point of ed25519");
    if (each.label().size() > kLongestName || !is_plain_line(each.label()))
      return broken("a key's label is not one line of at most 200 bytes");
    if (!keys.emplace(key->id(), *key).second)
      return broken("it lists the key " + fingerprint(key->id()) + " twice");
  }
  return keys;
}

Result<std::set<PublicKey>> check_role(const v1::Role& role, const KeysById& known,
                                       const std::string& name) {
  std::set<PublicKey> keys;
  for (const auto& field : role.key_ids()) {
    const auto id = Digest::from_bytes(as_bytes(field));
    if (!id) return broken("the " + name + " role names a key id that is not 32 bytes");
    const auto key = known.find(*id);
    if (key == known.end())
      return broken("the " + name + " role names the key " + fingerprint(*id) +
                    ", which the root does not list");
    if (!keys.insert(key->second).second)
      return broken("the " + name + " role names the key " + fingerprint(*id) + " twice");
  }
  if (role.threshold() == 0) return broken("the " + name + " role has no threshold");
  if (role.threshold() > keys.size())
    return broken("the " + name + " role has a threshold of " + std::to_string(role.threshold()) +
                  " but " + std::to_string(keys.size()) + " keys");
  return keys;
}

}  // namespace

Result<RootKeys> check_first_root(const v1::Root& root) {
  const auto version = check_version(root);
  if (!version) return version.error();
  if (root.issued() <= 0) return broken("the time of issue is missing");
  if (root.expires() <= root.issued()) return broken("it expires before it is issued");
  const auto texts = check_texts(root);
  if (!texts) return texts.error();
  const auto known = check_keys(root);
  if (!known) return known.error();
  auto root_keys = check_role(root.root(), *known, "root");
  if (!root_keys) return root_keys.error();
  auto release_keys = check_role(root.release(), *known, "release");
  if (!release_keys) return release_keys.error();
  return RootKeys{std::move(*root_keys), std::move(*release_keys)};
}

}  // namespace owrd::trust
