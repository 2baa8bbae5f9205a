#include "daemon/trust/root_rules.h"

#include <algorithm>
#include <cassert>
#include <string_view>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/core/text_forms.h"
#include "daemon/trust/payload.h"

namespace owrd::trust {
namespace {

constexpr int kMostKeys = 64;
constexpr int kMostContacts = 16;
constexpr int kMostLocators = 4;
constexpr int kMostAnchors = 4;
constexpr int kMostLocations = 8;
constexpr int kMostRevoked = 256;
constexpr int kMostScopes = 16;
constexpr int kMostModels = 16;
constexpr std::size_t kLongestName = 200;
constexpr std::size_t kLongestContact = 500;
constexpr std::size_t kLongestPattern = 96;

using KeysById = std::map<Digest, PublicKey>;

Error broken(const std::string& cause) { return refused(PayloadKind::Root, cause); }

Result<> check_version(const v1::Root& root) {
  for (const auto& feature : root.required_features())
    return Error{ErrorCode::InvalidInput,
                 "root: feature " + quoted(feature) + " needs a newer owrd",
                 "install a newer owrd"};
  if (root.version() == 0) return broken("the version is missing");
  if (root.version() == 1 && !root.publisher_id().empty())
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

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

Result<> check_locations(const v1::Root& root) {
  if (root.locations_size() > kMostLocations) return broken("more than 8 locations");
  for (const auto& location : root.locations())
    if (!is_https_url(location))
      return broken("the location " + quoted(location) + " is not an https:// URL");
  return Done{};
}

Result<PublicKey> read_key(const v1::Key& key) {
  if (key.algorithm() != v1::KEY_ALGORITHM_ED25519)
    return broken("a key is not of the algorithm ed25519");
  const auto public_key = PublicKey::from_bytes(as_bytes(key.public_key()));
  if (!public_key) return broken("a key is not 32 bytes");
  if (!is_possible(*public_key)) return broken("a key is not a point of ed25519");
  if (key.label().size() > kLongestName || !is_plain_line(key.label()))
    return broken("a key's label is not one line of at most 200 bytes");
  return *public_key;
}

Result<PublicKey> add_key(const v1::Key& key, KeyUse use, RootParts& parts) {
  auto public_key = read_key(key);
  if (!public_key) return public_key;
  const auto [entry, is_new] = parts.uses.emplace(*public_key, use);
  if (is_new) return public_key;
  const auto name = "the key " + fingerprint(public_key->id());
  if (entry->second == use) return broken("it lists " + name + " twice");
  return broken(name + " is both " + name_of(entry->second) + " and " + name_of(use));
}

Result<KeysById> read_signing_keys(const v1::Root& root, RootParts& parts) {
  if (root.keys_size() == 0) return broken("no keys");
  if (root.keys_size() > kMostKeys) return broken("more than 64 keys");
  KeysById keys;
  for (const auto& each : root.keys()) {
    const auto key = add_key(each, KeyUse::Signing, parts);
    if (!key) return key.error();
    keys.emplace(key->id(), *key);
  }
  return keys;
}

Result<> read_online_keys(const v1::Root& root, RootParts& parts) {
  if (root.has_head()) {
    const auto head = add_key(root.head(), KeyUse::Head, parts);
    if (!head) return head.error();
    parts.head = *head;
  }
  if (!root.has_head() && root.locators_size() > 0)
    return broken("it has locators but no head key, so that there is nothing to locate");
  if (root.locators_size() > kMostLocators) return broken("more than 4 locators");
  for (const auto& each : root.locators()) {
    const auto locator = add_key(each, KeyUse::Locator, parts);
    if (!locator) return locator.error();
    parts.locators.push_back(*locator);
  }
  return Done{};
}

Result<> read_anchors(const v1::Root& root, RootParts& parts) {
  if (root.anchors_size() > kMostAnchors) return broken("more than 4 anchors");
  for (const auto& each : root.anchors()) {
    const auto anchor = add_key(each, KeyUse::Anchor, parts);
    if (!anchor) return anchor.error();
    parts.anchors.push_back(*anchor);
  }
  return Done{};
}

Result<KeyRole> read_role(const v1::Role& role, const KeysById& known, const std::string& name) {
  KeyRole out{{}, role.threshold()};
  for (const auto& field : role.key_ids()) {
    const auto id = Digest::from_bytes(as_bytes(field));
    if (!id) return broken(name + " names a key id that is not 32 bytes");
    const auto key = known.find(*id);
    if (key == known.end())
      return broken(name + " names the key " + fingerprint(*id) + ", which the root does not list");
    if (!out.keys.insert(key->second).second)
      return broken(name + " names the key " + fingerprint(*id) + " twice");
  }
  if (out.threshold == 0) return broken(name + " has no threshold");
  if (out.threshold > out.keys.size())
    return broken(name + " has a threshold of " + std::to_string(out.threshold) + " but " +
                  std::to_string(out.keys.size()) + " keys");
  return out;
}

/// A name as is_valid_name() has it, with '*' among its characters.
bool is_pattern(std::string_view text) {
  const auto fits = [](char c) { return is_name_character(c) || c == '*'; };
  return !text.empty() && text.size() <= kLongestPattern &&
         std::all_of(text.begin(), text.end(), fits);
}

Result<> read_scopes(const v1::Root& root, const KeysById& known, RootParts& parts) {
  if (root.scopes_size() > kMostScopes) return broken("more than 16 scopes");
  for (const auto& scope : root.scopes()) {
    const auto name = "scope " + std::to_string(parts.scopes.size() + 1);
    if (scope.models_size() == 0 || scope.models_size() > kMostModels)
      return broken(name + " does not name 1 to 16 models");
    for (const auto& pattern : scope.models())
      if (!is_pattern(pattern))
        return broken(name + " names the model " + quoted(pattern) +
                      ": expected letters, digits, '.', '_', '-' and '*', at most 96");
    auto role = read_role(scope.role(), known, "the role of " + name);
    if (!role) return role.error();
    parts.scopes.push_back({{scope.models().begin(), scope.models().end()}, std::move(*role)});
  }
  return Done{};
}

Result<> read_roles(const v1::Root& root, const KeysById& known, RootParts& parts) {
  auto root_role = read_role(root.root(), known, "the root role");
  if (!root_role) return root_role.error();
  auto release_role = read_role(root.release(), known, "the release role");
  if (!release_role) return release_role.error();
  parts.root = std::move(*root_role);
  parts.release = std::move(*release_role);
  return read_scopes(root, known, parts);
}

Result<> read_revoked(const v1::Root& root, RootParts& parts) {
  if (root.revoked_size() > kMostRevoked) return broken("more than 256 revoked keys");
  for (const auto& each : root.revoked()) {
    const auto id = Digest::from_bytes(as_bytes(each.key_id()));
    if (!id) return broken("it revokes a key id that is not 32 bytes");
    if (!parts.revoked.emplace(*id, each.since_record()).second)
      return broken("it revokes the key " + fingerprint(*id) + " twice");
  }
  for (const auto& [key, use] : parts.uses)
    if (parts.revoked.count(key.id()) != 0)
      return broken("it revokes the key " + fingerprint(key.id()) + ", which it also lists");
  return Done{};
}

Result<> read_publisher_id(const v1::Root& root, RootParts& parts) {
  if (root.version() == 1) return Done{};
  const auto id = Digest::from_bytes(as_bytes(root.publisher_id()));
  if (!id) return broken("the publisher id is not 32 bytes");
  parts.publisher_id = *id;
  return Done{};
}

Result<> read_keys(const v1::Root& root, RootParts& parts) {
  const auto known = read_signing_keys(root, parts);
  if (!known) return known.error();
  if (auto roles = read_roles(root, *known, parts); !roles) return roles;
  if (auto online = read_online_keys(root, parts); !online) return online;
  if (auto anchors = read_anchors(root, parts); !anchors) return anchors;
  return read_revoked(root, parts);
}

}  // namespace

const char* name_of(KeyUse use) {
  switch (use) {
    case KeyUse::Signing:
      return "a signing key";
    case KeyUse::Head:
      return "the head key";
    case KeyUse::Locator:
      return "a locator";
    case KeyUse::Anchor:
      return "an anchor";
  }
  assert(false);
  return "";
}

Result<RootParts> check_root(const v1::Root& root) {
  if (const auto version = check_version(root); !version) return version.error();
  if (root.issued() <= 0) return broken("the time of issue is missing");
  if (root.expires() <= root.issued()) return broken("it expires before it is issued");
  if (const auto texts = check_texts(root); !texts) return texts.error();
  if (const auto locations = check_locations(root); !locations) return locations.error();
  RootParts parts;
  if (const auto id = read_publisher_id(root, parts); !id) return id.error();
  if (const auto keys = read_keys(root, parts); !keys) return keys.error();
  return parts;
}

}  // namespace owrd::trust
