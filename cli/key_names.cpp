#include "cli/key_names.h"

#include <cctype>
#include <set>

#include "daemon/core/suggest.h"

namespace owrd::cli {
namespace {

constexpr std::string_view kScheme = "ed25519:";
constexpr std::size_t kShortestId = 12;

bool fits(const NamedKey& key, const std::string& text) {
  if (key.label == text || public_key_text(key.key) == text) return true;
  const auto digits = digits_of(text);
  return digits.size() >= kShortestId && key.key.id().to_hex().starts_with(digits);
}

Error no_such_key(const std::vector<NamedKey>& known, const std::string& text) {
  std::vector<std::string_view> labels;
  labels.reserve(known.size());
  for (const auto& key : known) labels.push_back(key.label);
  const auto near = nearest(text, labels);
  return Error{ErrorCode::NotFound, "the root names no key \"" + text + "\"",
               near ? "did you mean " + *near + "?"
                    : "owrd publisher show PUBLISHER   (its keys and their labels)"};
}

}  // namespace

Result<trust::PublicKey> parse_public_key(const std::string& text) {
  const auto bytes =
      text.starts_with(kScheme) ? parse_hex(text.substr(kScheme.size())) : Result<Bytes>(Bytes{});
  if (bytes && bytes->size() == trust::PublicKey::kBytes)
    return trust::PublicKey::from_bytes(*bytes);
  return Error{ErrorCode::InvalidInput,
               "key \"" + text + "\": expected ed25519: and 64 digits, 0-9 and a-f",
               "whoever has the key prints it with: owrd key export NAME"};
}

std::string public_key_text(const trust::PublicKey& key) {
  return std::string(kScheme) + to_hex(key.bytes());
}

Result<NamedKey> parse_key(const Keyring& keyring, const std::string& text) {
  const auto equals = text.find('=');
  const bool is_labelled = equals != text.npos;
  if (!is_labelled && !text.starts_with(kScheme)) {
    const auto file = keyring.find(text);
    if (!file) return file.error();
    return NamedKey{file->public_key, file->name};
  }
  const auto key = parse_public_key(is_labelled ? text.substr(equals + 1) : text);
  if (!key) return key.error();
  return NamedKey{*key, is_labelled ? text.substr(0, equals) : ""};
}

Result<trust::PublicKey> find_key(const std::vector<NamedKey>& known, const Keyring& keyring,
                                  const std::string& text) {
  std::set<trust::PublicKey> found;
  for (const auto& key : known)
    if (fits(key, text)) found.insert(key.key);
  if (found.size() == 1) return *found.begin();
  if (found.size() > 1)
    return Error{ErrorCode::InvalidInput, "several keys of the root are called \"" + text + "\"",
                 "name it by its public key: ed25519:HEX"};
  const auto file = keyring.find(text);
  for (const auto& key : known)
    if (file && key.key == file->public_key) return key.key;
  return no_such_key(known, text);
}

std::string name_of(const NamedKey& key) {
  const auto print = trust::fingerprint(key.key.id());
  return key.label.empty() ? print : key.label + " (" + print + ")";
}

std::vector<NamedKey> keys_of(const v1::Root& root) {
  std::vector<NamedKey> keys;
  for (const auto& each : root.keys())
    if (const auto key = trust::PublicKey::from_bytes(as_bytes(each.public_key())))
      keys.push_back({*key, each.label()});
  return keys;
}

std::string digits_of(std::string text) {
  if (text.starts_with("sha256:")) text.erase(0, 7);
  std::string digits;
  for (const char c : text) {
    if (c == ' ' || c == ':' || c == '-') continue;
    if (std::isxdigit(static_cast<unsigned char>(c)) == 0) return "";
    digits += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return digits;
}

}  // namespace owrd::cli
